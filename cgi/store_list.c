/*
 * Walking lists and syncs (see store_list.h); list_filter.c says what is
 * asked.
 */
#include "cgi/store_list.h"

#include <stdio.h>

#include "cgi/auto.h"
#include "cgi/list_filter.h"
#include "cgi/store_private.h"

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

/* One page of one query: where it ends is the next page's place. */
struct walk {
	struct store *store;
	const struct caller *caller;
	bool (*row)(void *arg, const struct conversation *c, enum side side);
	void *arg;
	int64_t left;           /* rows that may still be given */
	bool full;              /* it ended before the rows did */
	struct list_place last; /* the last row given */
	enum side ordered_by;   /* of a sync */
};

static void
remember_place(struct walk *walk, const struct conversation *c)
{
	walk->last.set = true;
	walk->last.oid = c->oid;
	walk->last.changed = c->changed[walk->ordered_by];
	snprintf(
	    walk->last.at, sizeof(walk->last.at), "%s", c->last_message_at);
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
	cursor =
	    store_find(walk->store, walk->store->conversations, filter, &opts);
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
		if (!walk->row(
			walk->arg, &c, conversation_side(&c, walk->caller)))
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
	BCON_APPEND(
	    &sort, "lastMessageAt", BCON_INT32(-1), "_id", BCON_INT32(-1));
	return run(walk, &filter, &sort);
}

/* One role after the other; a place before a role's first row is -1. */
static enum store_result
run_sync(struct walk *walk, const struct list_query *query)
{
	struct list_query q = *query;
	struct branch branches[BRANCHES_MAX];
	size_t count = list_branches(&q, walk->caller, branches);
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

enum store_result
store_count_unread(struct store *store, const struct caller *caller,
    enum side side, int64_t *count)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;

	match_party(&filter, caller, side);
	BSON_APPEND_BOOL(&filter, party_fields[side].hidden, false);
	match_filter(&filter, side, FILTER_UNREAD);
	return store_count(store, store->conversations, &filter,
	    side == SIDE_CUSTOMER ? "customer_unread" : "seller_unread", 0,
	    count);
}
