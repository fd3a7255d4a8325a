/*
 * The send, and what it means when its statement matches nothing (see
 * store_append.h).  The statement itself is in append_stages.c.
 */
#include "cgi/store_append.h"

#include <string.h>

#include "cgi/append_stages.h"
#include "cgi/auto.h"
#include "cgi/clock.h"
#include "cgi/hints.h"
#include "cgi/metrics.h"
#include "cgi/store_archive.h"
#include "cgi/window.h"

void
appended_init(struct appended *a)
{
	memset(a, 0, sizeof(*a));
	found_init(&a->found);
	bson_init(&a->bucket);
}

void
appended_release(struct appended *a)
{
	found_release(&a->found);
	bson_destroy(&a->bucket);
}

void
append_note_roll(struct store *store, const struct conversation *c)
{
	if (c->seq - c->archived_seq < WINDOW_ROLL)
		return;
	store->roll_due = true;
	store->roll_oid = c->oid;
}

static enum store_result
run(struct store *store, const struct caller *caller,
    const struct append *append, const struct hint *hint,
    const struct read_to *read, bson_t *doc)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t update = BSON_INITIALIZER;
	struct store_write write = {
	    .collection = store->conversations,
	    .conversation_id = append->conversation_id,
	    .filter = &filter,
	    .update = &update,
	    .is_pipeline = true,
	    .hint = "ids",
	};
	int64_t now_ms = clock_wall_ms();
	char now_iso[ISO_BYTES];

	iso_write(now_iso, now_ms);
	BSON_APPEND_UTF8(&filter, "ids", append->conversation_id);
	match_for_append(&filter, caller, hint->side, hint->archived_seq,
	    &append->message, 1, NULL);
	if (message_waits(append->message))
		match_room(&filter, hint->side, 1, now_iso);
	append_stages(
	    &update, hint->side, NULL, &append->message, 1, read, now_ms);
	return store_write(store, &write, doc);
}

/*
 * Is the id used in the archive?  Then a->bucket lends the message, and the
 * answer is decided: never STORE_OK.
 */
static enum store_result
check_archive(struct store *store, const struct caller *caller,
    const struct append *append, const struct hint *hint, struct appended *a)
{
	enum store_result result;

	bson_destroy(&a->bucket);
	result = store_archive_find(store, &hint->oid, hint->side,
	    &append->message->id, &a->bucket, &a->message);
	if (result != STORE_OK)
		return result == STORE_ABSENT ? STORE_AGAIN : result;
	a->has_message = true;
	result = store_look(store, caller, append->conversation_id, &a->found);
	if (result != STORE_OK)
		return store_refuse(store, result);
	return store_refuse(store, message_is_same(append->message, &a->message)
				       ? STORE_DUPLICATE
				       : STORE_REUSED);
}

/* Nothing matched: why?  Corrects the hint where that was it. */
static enum store_result
decide(struct store *store, const struct caller *caller,
    const struct append *append, struct hint *hint, struct appended *a)
{
	struct conversation *c = &a->found.c;
	enum store_result result =
	    store_look(store, caller, append->conversation_id, &a->found);
	char now_iso[ISO_BYTES];

	if (result != STORE_OK)
		return store_refuse(store, result);
	if (!side_may(a->found.side, append->claim, append->forbidden))
		return store_refuse(store, STORE_FORBIDDEN);
	if (window_find(c, a->found.side, &append->message->id, &a->message)) {
		a->has_message = true;
		return store_refuse(
		    store, message_is_same(append->message, &a->message)
			       ? STORE_DUPLICATE
			       : STORE_REUSED);
	}
	if (window_count(c) >= WINDOW_MAX) {
		result = store_roll(store, &c->oid);
		return result == STORE_OK ? STORE_AGAIN : result;
	}
	if (hint->side != a->found.side ||
	    hint->archived_seq != c->archived_seq) {
		hint->side = a->found.side;
		hint->archived_seq = c->archived_seq;
		hint->oid = c->oid;
		return STORE_AGAIN;
	}
	iso_write(now_iso, clock_wall_ms());
	if (message_waits(append->message) &&
	    window_pending(c, a->found.side, now_iso) >= PENDING_MAX)
		return store_refuse(store, STORE_FULL);
	return STORE_AGAIN; /* a race that is over */
}

/* A mark older than the window: its ordinal is counted in its bucket. */
static enum store_result
resolve_mark(struct store *store, const struct hint *hint, struct read_to *read)
{
	if (read->seq < 0 || read->seq >= hint->archived_seq)
		return STORE_OK;
	return store_archive_ordinal(
	    store, &hint->oid, other_side(hint->side), read->seq, &read->n);
}

static enum store_result
try_append(struct store *store, const struct caller *caller,
    const struct append *append, struct hint *hint, struct appended *a)
{
	struct read_to read = {.seq = append->read_seq, .n = -1};
	enum store_result result;
	bson_t doc;

	if (!side_may(hint->side, append->claim, append->forbidden))
		return decide(store, caller, append, hint, a);
	if (hint->archived_seq > 0) {
		result = check_archive(store, caller, append, hint, a);
		if (result != STORE_AGAIN)
			return result;
	}
	result = resolve_mark(store, hint, &read);
	if (result != STORE_OK)
		return result;
	result = run(store, caller, append, hint, &read, &doc);
	if (result == STORE_OK)
		found_take(&a->found, &doc, caller);
	bson_destroy(&doc);
	if (result == STORE_ABSENT)
		return decide(store, caller, append, hint, a);
	return result;
}

enum store_result
store_append(struct store *store, const struct caller *caller,
    const struct append *append, struct appended *a)
{
	struct hint hint = hints_get(append->conversation_id, caller);
	enum store_result result = STORE_AGAIN;

	for (int i = 0; i < STORE_TRIES && result == STORE_AGAIN; i++) {
		if (i > 0)
			metrics_count(METRIC_RETRIES, 1);
		result = try_append(store, caller, append, &hint, a);
	}
	if (result == STORE_AGAIN)
		return STORE_BUSY;
	if (result != STORE_OK)
		return result;
	a->has_message = window_find(
	    &a->found.c, a->found.side, &append->message->id, &a->message);
	append_note_roll(store, &a->found.c);
	return STORE_OK;
}

enum store_result
store_append_batch(struct store *store, const struct caller *caller,
    const struct found *found, const struct message *const *messages,
    size_t count, bson_t *doc)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t update = BSON_INITIALIZER;
	const struct read_to read = {.seq = READ_UNCHANGED, .n = -1};
	struct store_write write = {
	    .collection = store->conversations,
	    .conversation_id = found->c.id,
	    .filter = &filter,
	    .update = &update,
	    .is_pipeline = true,
	};

	BSON_APPEND_OID(&filter, "_id", &found->c.oid);
	match_for_append(&filter, caller, found->side, found->c.archived_seq,
	    messages, count, NULL);
	append_stages(&update, found->side, NULL, messages, count, &read,
	    clock_wall_ms());
	return store_write(store, &write, doc);
}
