/*
 * Finding messages in buckets (see store_archive.h); rolls are in
 * store_roll.c.
 */
#include "cgi/store_archive.h"

#include "cgi/append_stages.h"
#include "cgi/auto.h"
#include "cgi/clock.h"
#include "cgi/log.h"
#include "cgi/metrics.h"
#include "cgi/store_private.h"
#include "cgi/window.h"

void
append_bucket_id(bson_t *filter, const bson_oid_t *oid, int64_t k)
{
	BCON_APPEND(
	    filter, "_id", "{", "c", BCON_OID(oid), "k", BCON_INT64(k), "}");
}

enum store_result
store_archive_find(struct store *store, const bson_oid_t *oid, enum side sender,
    const struct message_id *id, bson_t *bucket, struct stored_message *m)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t element = BSON_INITIALIZER;
	enum store_result result;
	bson_iter_t it;

	match_message(&element, sender, id);
	BCON_APPEND(&filter, "_id.c", BCON_OID(oid), "messages", "{",
	    "$elemMatch", BCON_DOCUMENT(&element), "}");
	result = store_find_one(
	    store, store->archive, &filter, "sender_id", false, bucket);
	if (result != STORE_OK)
		return result;
	for (bucket_begin(bucket, &it); window_next(&it, m);)
		if (m->sender == sender && message_id_equals(id, &m->id))
			return STORE_OK;
	return STORE_ABSENT;
}

enum store_result
store_archive_ordinal(struct store *store, const bson_oid_t *oid,
    enum side side, int64_t seq, int64_t *n)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t bucket = BSON_INITIALIZER;
	struct stored_message m;
	enum store_result result;
	bson_iter_t it, before;

	append_bucket_id(&filter, oid, (seq - 1) / BUCKET_MESSAGES);
	bson_destroy(&bucket);
	result = store_find_one(
	    store, store->archive, &filter, NULL, false, &bucket);
	if (result != STORE_OK)
		return result;
	*n = 0;
	if (bson_iter_init(&it, &bucket) &&
	    bson_iter_find_descendant(&it,
		side == SIDE_CUSTOMER ? "before.customer" : "before.seller",
		&before))
		*n = bson_iter_as_int64(&before);
	for (bucket_begin(&bucket, &it); window_next(&it, &m);)
		if (m.sender == side && m.seq <= seq)
			*n = m.n;
	return STORE_OK;
}

static bool
is_one_of(const struct message_id *ids, size_t count, const bson_iter_t *id)
{
	for (size_t i = 0; i < count; i++)
		if (message_id_equals(&ids[i], id))
			return true;
	return false;
}

/* The newest bucket that holds one of them is enough. */
enum store_result
store_archive_highest(struct store *store, const bson_oid_t *oid,
    enum side sender, const struct message_id *ids, size_t count, int64_t *seq)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t element = BSON_INITIALIZER;
	AUTO_BSON bson_t opts = BSON_INITIALIZER;
	AUTO_CURSOR mongoc_cursor_t *cursor = NULL;
	struct stored_message m;
	const bson_t *bucket;
	bson_iter_t it;

	match_any_message(&element, sender, ids, count);
	BCON_APPEND(&filter, "_id.c", BCON_OID(oid), "messages", "{",
	    "$elemMatch", BCON_DOCUMENT(&element), "}");
	BCON_APPEND(&opts, "sort", "{", "_id", BCON_INT32(-1), "}", "limit",
	    BCON_INT64(1), "hint", "sender_id");
	cursor = store_find(store, store->archive, &filter, &opts);
	while (mongoc_cursor_next(cursor, &bucket))
		for (bucket_begin(bucket, &it); window_next(&it, &m);)
			if (m.sender == sender && m.seq > *seq &&
			    is_one_of(ids, count, &m.id))
				*seq = m.seq;
	return store_cursor_end(cursor);
}

enum store_result
store_archive_erase(struct store *store, const bson_oid_t *oid)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t opts = BSON_INITIALIZER;
	bson_error_t error;

	BSON_APPEND_OID(&filter, "_id.c", oid);
	BSON_APPEND_DOCUMENT(
	    &opts, "writeConcern", &store->shared->write_concern);
	if (!mongoc_collection_delete_many(
		store->archive, &filter, &opts, NULL, &error))
		return store_failed("erase", &error, true);
	return STORE_OK;
}
