/*
 * Lists (see store_list.h).
 */
#include "cgi/store_list.h"

#include <stdio.h>
#include <string.h>

#include "cgi/auto.h"
#include "cgi/store_private.h"

/* One role in which conversations are looked for. */
struct branch {
	enum side side; /* SIDE_NONE: an admin looks at others' */
	const char *customer, *seller; /* equals, or NULL */
};

#define BRANCHES_MAX 2

/* The branches of a query; an own identity makes it one of that role. */
static size_t
branches_of(const struct list_query *q, const struct caller *caller,
	struct branch branches[BRANCHES_MAX])
{
	bool as_customer = q->customer && caller_is(caller, q->customer);
	bool as_seller = q->seller && caller_is(caller, q->seller);

	branches[0] = branches[1] = (struct branch){
		.side = SIDE_NONE, .customer = q->customer, .seller = q->seller};
	if (as_customer || as_seller) {
		branches[0].side = as_customer ? SIDE_CUSTOMER : SIDE_SELLER;
		return 1;
	}
	if (q->customer || q->seller || caller->role == ROLE_ADMIN)
		return 1;
	branches[0].side = SIDE_CUSTOMER;
	branches[1].side = SIDE_SELLER;
	return 2;
}

bool
list_is_allowed(const struct list_query *q, const struct caller *caller)
{
	if (caller->role == ROLE_ADMIN)
		return q->since < 0 || q->customer || q->seller;
	if (!q->customer && !q->seller)
		return true;
	return (q->customer && caller_is(caller, q->customer)) ||
	       (q->seller && caller_is(caller, q->seller));
}

/* Who: the caller in his role, and whatever identities were given. */
static void
match_branch(bson_t *filter, const struct branch *branch,
	const struct caller *caller)
{
	AUTO_BSON bson_t who = BSON_INITIALIZER;
	const char *given[2] = {branch->customer, branch->seller};

	for (int side = 0; side < 2; side++)
		if (given[side])
			BSON_APPEND_UTF8(filter, party_fields[side].party,
				given[side]);
	if (branch->side == SIDE_NONE)
		return;
	match_party(&who, caller, branch->side);
	if (!given[branch->side])
		bson_concat(filter, &who);
	else if (branch->side == SIDE_SELLER && !branch->customer)
		bson_copy_to_excluding_noinit(
			&who, filter, party_fields[SIDE_SELLER].party, NULL);
}

static void
match_filter(bson_t *filter, enum side side, enum list_filter which)
{
	const struct party_fields *own =
		side == SIDE_NONE ? NULL : &party_fields[side];

	switch (which) {
	case FILTER_UNREAD:
		if (own)
			BCON_APPEND(filter, own->is_read, BCON_BOOL(false),
				own->archived, BCON_BOOL(false));
		break;
	case FILTER_ARCHIVED:
		if (own)
			BSON_APPEND_BOOL(filter, own->archived, true);
		break;
	case FILTER_FLAGGED:
		if (own)
			BCON_APPEND(filter, own->flag, "{", "$exists",
				BCON_BOOL(true), "}");
		else
			BSON_APPEND_BOOL(filter, "isFlagged", true);
		break;
	case FILTER_NONE:
		break;
	}
}

/* Both forms of a listing that reads as a number. */
static void
match_vehicle(bson_t *filter, const struct listing_id *vehicle)
{
	if (vehicle->is_number)
		BCON_APPEND(filter, "vehicleId", "{", "$in", "[",
			BCON_INT64(vehicle->number),
			BCON_UTF8(vehicle->text), "]", "}");
	else
		BSON_APPEND_UTF8(filter, "vehicleId", vehicle->text);
}

/* The text as a pattern of itself: every byte that means something escaped. */
static void
quote_pattern(char *out, size_t cap, const char *text)
{
	size_t len = 0;

	for (; *text && len + 3 < cap; text++) {
		if (strchr("\\^$.|?*+()[]{}-#/", *text))
			out[len++] = '\\';
		out[len++] = *text;
	}
	out[len] = '\0';
}

static void
append_match(bson_t *array, const char *key, const char *input,
	const char *pattern)
{
	BCON_APPEND(array, key, "{", "$regexMatch", "{", "input", "{",
		"$ifNull", "[", BCON_UTF8(input), "", "]", "}", "regex", "{",
		"$literal", BCON_UTF8(pattern), "}", "options", "i", "}", "}");
}

/* Names, listing, and those messages of the window that are not cleared. */
static void
match_text(bson_t *filter, enum side side, const char *text)
{
	AUTO_BSON bson_t in_text = BSON_INITIALIZER;
	char pattern[2 * 4 * 200 + 8];
	const char *cleared = side == SIDE_NONE ? NULL
		: side == SIDE_CUSTOMER ? "$cleared.customer.seq"
					: "$cleared.seller.seq";
	bson_t expr, any;

	quote_pattern(pattern, sizeof(pattern), text);
	append_match(&in_text, "0", "$$m.text", pattern);
	if (cleared)
		BCON_APPEND(&in_text, "1", "{", "$gt", "[", "$$m.seq",
			BCON_UTF8(cleared), "]", "}");
	BSON_APPEND_DOCUMENT_BEGIN(filter, "$expr", &expr);
	BSON_APPEND_ARRAY_BEGIN(&expr, "$or", &any);
	append_match(&any, "0", "$customerName", pattern);
	append_match(&any, "1", "$sellerName", pattern);
	append_match(&any, "2", "$vehicleName", pattern);
	BCON_APPEND(&any, "3", "{", "$anyElementTrue", "{", "$map", "{",
		"input", "$messages", "as", "m", "in", "{", "$and",
		BCON_ARRAY(&in_text), "}", "}", "}", "}");
	bson_append_array_end(&expr, &any);
	bson_append_document_end(filter, &expr);
}

/* Rows after the place, in the order of a list. */
static void
match_older(bson_t *filter, const struct list_place *after)
{
	if (!after->set) {
		BCON_APPEND(filter, "lastMessageAt", "{", "$gt", "", "}");
		return;
	}
	BCON_APPEND(filter, "lastMessageAt", "{", "$lte",
		BCON_UTF8(after->at), "}", "$or", "[", "{", "lastMessageAt",
		"{", "$lt", BCON_UTF8(after->at), "}", "}", "{", "_id", "{",
		"$lt", BCON_OID(&after->oid), "}", "}", "]");
}

static void
list_branch(bson_t *filter, const struct list_query *q,
	const struct caller *caller, const struct branch *branch)
{
	match_branch(filter, branch, caller);
	match_older(filter, &q->after);
	if (branch->side == SIDE_NONE)
		BCON_APPEND(filter, "purged", "{", "$exists",
			BCON_BOOL(false), "}");
	else
		BSON_APPEND_BOOL(
			filter, party_fields[branch->side].hidden, false);
	match_filter(filter, branch->side, q->filter);
	if (q->vehicle)
		match_vehicle(filter, q->vehicle);
	if (q->text)
		match_text(filter, branch->side, q->text);
}

static void
list_filter(bson_t *filter, const struct list_query *q,
	const struct caller *caller)
{
	struct branch branches[BRANCHES_MAX];
	size_t count = branches_of(q, caller, branches);
	bson_t any, each;

	if (count == 1) {
		list_branch(filter, q, caller, &branches[0]);
		return;
	}
	BSON_APPEND_ARRAY_BEGIN(filter, "$or", &any);
	for (size_t i = 0; i < count; i++) {
		BSON_APPEND_DOCUMENT_BEGIN(&any, i == 0 ? "0" : "1", &each);
		list_branch(&each, q, caller, &branches[i]);
		bson_append_document_end(&any, &each);
	}
	bson_append_array_end(filter, &any);
}

/* The side whose changed orders a sync of this branch. */
static enum side
sync_side(const struct list_query *q, const struct branch *branch)
{
	if (branch->side != SIDE_NONE)
		return branch->side;
	return q->customer ? SIDE_CUSTOMER : SIDE_SELLER;
}

static void
sync_filter(bson_t *filter, const struct list_query *q,
	const struct caller *caller, const struct branch *branch)
{
	const char *changed = party_fields[sync_side(q, branch)].changed;
	const struct list_place *after = &q->after;

	match_branch(filter, branch, caller);
	if (q->vehicle)
		match_vehicle(filter, q->vehicle);
	if (!after->set || after->changed < 0) {
		BCON_APPEND(filter, changed, "{", "$gte", BCON_INT64(q->since),
			"}");
		return;
	}
	BCON_APPEND(filter, changed, "{", "$gte", BCON_INT64(after->changed),
		"}", "$or", "[", "{", changed, "{", "$gt",
		BCON_INT64(after->changed), "}", "}", "{", "_id", "{", "$gt",
		BCON_OID(&after->oid), "}", "}", "]");
}

/* One page of one query: where it ends is the next page's place. */
struct walk {
	struct store *store;
	const struct caller *caller;
	bool (*row)(void *arg, const struct conversation *c, enum side side);
	void *arg;
	int64_t left;		  /* rows that may still be given */
	bool full;		  /* it ended before the rows did */
	struct list_place last;	  /* the last row given */
	enum side ordered_by;	  /* of a sync */
};

static void
remember_place(struct walk *walk, const struct conversation *c)
{
	walk->last.set = true;
	walk->last.oid = c->oid;
	walk->last.changed = c->changed[walk->ordered_by];
	snprintf(walk->last.at, sizeof(walk->last.at), "%s",
		c->last_message_at);
}

static enum store_result
run(struct walk *walk, const bson_t *filter, const bson_t *sort)
{
	AUTO_BSON bson_t opts = BSON_INITIALIZER;
	AUTO_CURSOR mongoc_cursor_t *cursor = NULL;
	const bson_t *doc;

	BCON_APPEND(&opts, "sort", BCON_DOCUMENT(sort), "limit",
		BCON_INT64(walk->left + 1), "batchSize",
		BCON_INT64(walk->left + 1));
	cursor = store_find(
		walk->store, walk->store->conversations, filter, &opts);
	while (mongoc_cursor_next(cursor, &doc)) {
		struct conversation c;

		if (walk->left == 0) {
			walk->full = true;
			break;
		}
		(void)conversation_read(&c, doc);
		store_saw(walk->store, &c);
		remember_place(walk, &c);
		walk->left--;
		if (!walk->row(walk->arg, &c,
			    conversation_side(&c, walk->caller)))
			walk->left = 0;
	}
	return store_cursor_end(cursor);
}

static enum store_result
run_list(struct walk *walk, const struct list_query *q)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t sort = BSON_INITIALIZER;

	list_filter(&filter, q, walk->caller);
	BCON_APPEND(&sort, "lastMessageAt", BCON_INT32(-1), "_id",
		BCON_INT32(-1));
	return run(walk, &filter, &sort);
}

/* One role after the other; a place before a role's first row is -1. */
static enum store_result
run_sync(struct walk *walk, const struct list_query *query)
{
	struct list_query q = *query;
	struct branch branches[BRANCHES_MAX];
	size_t count = branches_of(&q, walk->caller, branches);
	enum store_result result = STORE_OK;

	for (size_t i = q.after.set ? (size_t)q.after.phase : 0;
		i < count && result == STORE_OK && !walk->full; i++) {
		AUTO_BSON bson_t filter = BSON_INITIALIZER;
		AUTO_BSON bson_t sort = BSON_INITIALIZER;

		walk->ordered_by = sync_side(&q, &branches[i]);
		walk->last.phase = (int)i;
		if (walk->left == 0) {
			walk->full = true; /* the next role is still to come */
			walk->last.changed = -1;
			break;
		}
		sync_filter(&filter, &q, walk->caller, &branches[i]);
		BCON_APPEND(&sort, party_fields[walk->ordered_by].changed,
			BCON_INT32(1), "_id", BCON_INT32(1));
		result = run(walk, &filter, &sort);
		q.after.changed = -1;
	}
	return result;
}

enum store_result
store_list(struct store *store, const struct caller *caller,
	const struct list_query *q,
	bool (*row)(void *arg, const struct conversation *c, enum side side),
	void *arg, struct list_place *next)
{
	struct walk walk = {
		.store = store,
		.caller = caller,
		.row = row,
		.arg = arg,
		.left = q->limit,
	};
	enum store_result result;

	store_begin_read(store);
	result = q->since < 0 ? run_list(&walk, q) : run_sync(&walk, q);
	*next = walk.last;
	next->set = walk.full;
	next->sync = q->after.sync;
	return result;
}

static enum store_result
count_side(struct store *store, const struct caller *caller, enum side side,
	int64_t *count)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t opts = BSON_INITIALIZER;
	bson_error_t error;
	int64_t found;

	match_party(&filter, caller, side);
	BSON_APPEND_BOOL(&filter, party_fields[side].hidden, false);
	match_filter(&filter, side, FILTER_UNREAD);
	BSON_APPEND_INT64(&opts, "maxTimeMS",
		store_time_left(store, store->shared->settings->read_ms));
	found = mongoc_collection_count_documents(
		store->conversations, &filter, &opts, NULL, NULL, &error);
	if (found < 0)
		return store_failed(store, "count", &error, NULL, false);
	*count += found;
	return STORE_OK;
}

enum store_result
store_count_unread(
	struct store *store, const struct caller *caller, int64_t *count)
{
	enum store_result result;

	*count = 0;
	result = count_side(store, caller, SIDE_CUSTOMER, count);
	if (result == STORE_OK)
		result = count_side(store, caller, SIDE_SELLER, count);
	return result;
}
