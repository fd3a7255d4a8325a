/*
 * Merging threads (see store_merge.h).
 */
#include "cgi/store_merge.h"

#include <stdlib.h>
#include <string.h>

#include "cgi/append_stages.h"
#include "cgi/auto.h"
#include "cgi/clock.h"
#include "cgi/metrics.h"
#include "cgi/store_archive.h"
#include "cgi/store_private.h"
#include "cgi/window.h"

AUTO_DEFINE(auto_table, struct lh_table, lh_table_free)

static void
free_key(struct lh_entry *entry)
{
	free(lh_entry_k(entry));
}

struct lh_table *
ids_new(void)
{
	return lh_kchar_table_new(256, free_key);
}

bool
ids_has(struct lh_table *ids, const struct message_id *id)
{
	return lh_table_lookup_entry(ids, id->text) != NULL;
}

void
ids_add(struct lh_table *ids, const struct message_id *id)
{
	if (!ids_has(ids, id))
		lh_table_insert(ids, bson_strdup(id->text), NULL);
}

static void
add_stored(struct lh_table *known, enum side side, bson_iter_t *it)
{
	struct stored_message m;
	struct message_id id;

	while (window_next(it, &m))
		if (m.sender == side && message_id_from_stored(&id, &m.id))
			ids_add(known, &id);
}

static enum store_result
add_archived(struct store *store, const struct conversation *c, enum side side,
    const struct message_id *ids, size_t count, struct lh_table *known)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t element = BSON_INITIALIZER;
	AUTO_BSON bson_t opts = BSON_INITIALIZER;
	AUTO_CURSOR mongoc_cursor_t *cursor = NULL;
	const bson_t *bucket;
	bson_iter_t it;

	match_any_message(&element, side, ids, count);
	BCON_APPEND(&filter, "_id.c", BCON_OID(&c->oid), "messages", "{",
	    "$elemMatch", BCON_DOCUMENT(&element), "}");
	BCON_APPEND(&opts, "hint", "sender_id");
	cursor = store_find(store, store->archive, &filter, &opts);
	while (mongoc_cursor_next(cursor, &bucket)) {
		bucket_begin(bucket, &it);
		add_stored(known, side, &it);
	}
	return store_cursor_end(cursor);
}

enum store_result
store_known_ids(struct store *store, const struct conversation *c,
    enum side side, const struct message_id *ids, size_t count,
    struct lh_table *known)
{
	struct message_id *others;
	enum store_result result;
	size_t other_count = 0;
	bson_iter_t it;

	window_begin(c, &it);
	add_stored(known, side, &it);
	if (c->archived_seq == 0)
		return STORE_OK;
	others = bson_malloc((count + 1) * sizeof(*others));
	for (size_t i = 0; i < count; i++)
		if (!ids_has(known, &ids[i]))
			others[other_count++] = ids[i];
	result = other_count == 0
		     ? STORE_OK
		     : add_archived(store, c, side, others, other_count, known);
	bson_free(others);
	return result;
}

/* Those that are still unknown, in their order. */
static enum store_result
select_unknown(struct store *store, const struct found *found,
    const struct message *messages, size_t count,
    const struct message **unknown, size_t *unknown_count)
{
	AUTO(auto_table) struct lh_table *known = ids_new();
	struct message_id *ids = bson_malloc((count + 1) * sizeof(*ids));
	enum store_result result;

	for (size_t i = 0; i < count; i++)
		ids[i] = messages[i].id;
	result =
	    store_known_ids(store, &found->c, found->side, ids, count, known);
	bson_free(ids);
	*unknown_count = 0;
	for (size_t i = 0; i < count && result == STORE_OK; i++)
		if (!ids_has(known, &messages[i].id))
			unknown[(*unknown_count)++] = &messages[i];
	return result;
}

static bool
has_room(const struct found *found, const struct message *const *unknown,
    size_t count)
{
	char now_iso[ISO_BYTES];
	size_t waiting = 0;

	for (size_t i = 0; i < count; i++)
		waiting += message_waits(unknown[i]);
	iso_write(now_iso, clock_wall_ms());
	return waiting == 0 ||
	       waiting + window_pending(&found->c, found->side, now_iso) <=
		   PENDING_MAX;
}

/* One batch, or a look at what has changed; *stored counts. */
static enum store_result
step(struct store *store, const struct caller *caller,
    const struct merge *merge, const struct message *const *unknown,
    size_t count, struct found *found, size_t *stored)
{
	enum store_result result;
	bson_t doc;

	if (found->c.seq - found->c.archived_seq >= WINDOW_ROLL) {
		result = store_roll(store, &found->c.oid);
		if (result == STORE_OK)
			result = store_look_same(store, caller, found);
		if (result != STORE_OK)
			return result;
	}
	result = store_append_batch(store, caller, found, unknown, count, &doc);
	if (result == STORE_OK) {
		found_take(found, &doc, caller);
		*stored += count;
		merge->stored(merge->arg, found, count);
	}
	bson_destroy(&doc);
	if (result != STORE_ABSENT)
		return result;
	metrics_count(METRIC_RETRIES, 1);
	result = store_look_same(store, caller, found);
	return result == STORE_OK ? STORE_AGAIN : result;
}

static enum store_result
merge_all(struct store *store, const struct caller *caller,
    const struct merge *merge, struct found *found,
    const struct message **unknown, size_t *stored)
{
	int tries = 0;

	while (tries < STORE_TRIES) {
		size_t left;
		enum store_result result = select_unknown(store, found,
		    merge->messages, merge->count, unknown, &left);

		if (result != STORE_OK || left == 0)
			return result;
		if (*stored == 0 && !has_room(found, unknown, left))
			return store_refuse(store, STORE_FULL);
		result = step(store, caller, merge, unknown,
		    left < APPEND_MAX ? left : APPEND_MAX, found, stored);
		if (result != STORE_OK && result != STORE_AGAIN)
			return result;
		tries = result == STORE_AGAIN ? tries + 1 : 0;
	}
	return STORE_BUSY;
}

enum store_result
store_merge(struct store *store, const struct caller *caller,
    const struct merge *merge, struct found *found, size_t *stored)
{
	const struct message **unknown =
	    bson_malloc((merge->count + 1) * sizeof(*unknown));
	enum store_result result;

	*stored = 0;
	result = merge_all(store, caller, merge, found, unknown, stored);
	bson_free(unknown);
	if (result == STORE_OK)
		append_note_roll(store, &found->c);
	/* Some batches may be in: that is not "nothing was written". */
	return result != STORE_OK && *stored > 0 ? STORE_UNKNOWN : result;
}
