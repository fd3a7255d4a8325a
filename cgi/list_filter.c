/*
 * What a list or a sync asks of MongoDB (see list_filter.h).
 */
#include "cgi/list_filter.h"

#include <string.h>

#include "cgi/auto.h"

size_t
list_branches(const struct list_query *q, const struct caller *caller,
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

/* Who: the caller in his role, and whatever identities were given. */
static void
match_branch(
    bson_t *filter, const struct branch *branch, const struct caller *caller)
{
	AUTO_BSON bson_t who = BSON_INITIALIZER;
	const char *given[2] = {branch->customer, branch->seller};

	for (int side = 0; side < 2; side++)
		if (given[side])
			BSON_APPEND_UTF8(
			    filter, party_fields[side].party, given[side]);
	if (branch->side == SIDE_NONE)
		return;
	match_party(&who, caller, branch->side);
	if (!given[branch->side])
		bson_concat(filter, &who);
	else if (branch->side == SIDE_SELLER && !branch->customer)
		bson_copy_to_excluding_noinit(
		    &who, filter, party_fields[SIDE_SELLER].party, NULL);
}

void
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
		    BCON_INT64(vehicle->number), BCON_UTF8(vehicle->text), "]",
		    "}");
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
append_match(
    bson_t *array, const char *key, const char *input, const char *pattern)
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
	const char *cleared = side == SIDE_NONE       ? NULL
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
	/* A tombstone has none, and mongod may look at one before it refuses. */
	BCON_APPEND(&any, "3", "{", "$anyElementTrue", "{", "$map", "{",
	    "input", "{", "$ifNull", "[", "$messages", "[", "]", "]", "}", "as",
	    "m", "in", "{", "$and", BCON_ARRAY(&in_text), "}", "}", "}", "}");
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
	BCON_APPEND(filter, "lastMessageAt", "{", "$lte", BCON_UTF8(after->at),
	    "}", "$or", "[", "{", "lastMessageAt", "{", "$lt",
	    BCON_UTF8(after->at), "}", "}", "{", "_id", "{", "$lt",
	    BCON_OID(&after->oid), "}", "}", "]");
}

static void
list_branch(bson_t *filter, const struct list_query *q,
    const struct caller *caller, const struct branch *branch)
{
	match_branch(filter, branch, caller);
	match_older(filter, &q->after);
	if (branch->side == SIDE_NONE)
		BCON_APPEND(filter, "v", BCON_INT32(1), "purged", "{",
		    "$exists", BCON_BOOL(false), "}");
	else
		BSON_APPEND_BOOL(
		    filter, party_fields[branch->side].hidden, false);
	match_filter(filter, branch->side, q->filter);
	if (q->vehicle)
		match_vehicle(filter, q->vehicle);
	if (q->text)
		match_text(filter, branch->side, q->text);
}

void
list_filter(
    bson_t *filter, const struct list_query *q, const struct caller *caller)
{
	struct branch branches[BRANCHES_MAX];
	size_t count = list_branches(q, caller, branches);
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
enum side
sync_side(const struct list_query *q, const struct branch *branch)
{
	if (branch->side != SIDE_NONE)
		return branch->side;
	return q->customer ? SIDE_CUSTOMER : SIDE_SELLER;
}

void
sync_filter(bson_t *filter, const struct list_query *q,
    const struct caller *caller, const struct branch *branch)
{
	const char *changed = party_fields[sync_side(q, branch)].changed;
	const struct list_place *after = &q->after;

	match_branch(filter, branch, caller);
	if (q->vehicle)
		match_vehicle(filter, q->vehicle);
	if (!after->set || after->changed < 0) {
		BCON_APPEND(
		    filter, changed, "{", "$gte", BCON_INT64(q->since), "}");
		return;
	}
	BCON_APPEND(filter, changed, "{", "$gte", BCON_INT64(after->changed),
	    "}", "$or", "[", "{", changed, "{", "$gt",
	    BCON_INT64(after->changed), "}", "}", "{", "_id", "{", "$gt",
	    BCON_OID(&after->oid), "}", "}", "]");
}
