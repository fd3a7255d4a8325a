/*
 * Reading: for decisions and for clients, and waiting until what was read is
 * durable.
 */
#include <string.h>

#include "cgi/durable.h"
#include "cgi/metrics.h"
#include "cgi/store_private.h"
#include "cgi/store_shape.h"

static mongoc_cursor_t *
find(struct store *store, mongoc_collection_t *collection, const bson_t *filter,
    const bson_t *opts, bool majority)
{
	AUTO_BSON bson_t all = BSON_INITIALIZER;
	bson_t concern;

	if (opts)
		bson_concat(&all, opts);
	BSON_APPEND_INT64(&all, "maxTimeMS",
	    store_time_left(store, store->shared->settings->read_ms));
	if (majority && !store->shared->single) {
		BSON_APPEND_DOCUMENT_BEGIN(&all, "readConcern", &concern);
		BSON_APPEND_UTF8(&concern, "level", "majority");
		bson_append_document_end(&all, &concern);
	}
	return mongoc_collection_find_with_opts(collection, filter, &all, NULL);
}

mongoc_cursor_t *
store_find(struct store *store, mongoc_collection_t *collection,
    const bson_t *filter, const bson_t *opts)
{
	return find(store, collection, filter, opts, true);
}

mongoc_cursor_t *
store_find_local(struct store *store, mongoc_collection_t *collection,
    const bson_t *filter, const bson_t *opts)
{
	return find(store, collection, filter, opts, false);
}

enum store_result
store_cursor_end(mongoc_cursor_t *cursor)
{
	bson_error_t error;

	if (mongoc_cursor_error(cursor, &error))
		return store_failed("read", &error, false);
	durable_answered();
	return STORE_OK;
}

enum store_result
store_find_one(struct store *store, mongoc_collection_t *collection,
    const bson_t *filter, const char *hint, bool majority, bson_t *doc)
{
	AUTO_BSON bson_t opts = BSON_INITIALIZER;
	AUTO_CURSOR mongoc_cursor_t *cursor = NULL;
	enum store_result result;
	const bson_t *found;
	bool any;

	BSON_APPEND_INT64(&opts, "limit", 1);
	BSON_APPEND_BOOL(&opts, "singleBatch", true);
	if (hint)
		BSON_APPEND_UTF8(&opts, "hint", hint);
	cursor = find(store, collection, filter, &opts, majority);
	any = mongoc_cursor_next(cursor, &found);
	if (any)
		bson_copy_to(found, doc);
	else
		bson_init(doc);
	result = store_cursor_end(cursor);
	return result == STORE_OK && !any ? STORE_ABSENT : result;
}

enum store_result
store_count(struct store *store, mongoc_collection_t *collection,
    const bson_t *filter, const char *hint, int64_t limit, int64_t *count)
{
	AUTO_BSON bson_t command = BSON_INITIALIZER;
	AUTO_BSON bson_t reply = BSON_INITIALIZER;
	bson_error_t error;
	bson_iter_t iter;
	bool ok;

	BSON_APPEND_UTF8(
	    &command, "count", mongoc_collection_get_name(collection));
	BSON_APPEND_DOCUMENT(&command, "query", filter);
	BSON_APPEND_UTF8(&command, "hint", hint);
	BSON_APPEND_INT64(&command, "limit", limit);
	BSON_APPEND_INT64(&command, "maxTimeMS",
	    store_time_left(store, store->shared->settings->read_ms));
	bson_destroy(&reply);
	ok = mongoc_client_read_command_with_opts(store->client,
	    store->shared->database, &command, NULL, NULL, &reply, &error);
	if (!ok)
		return store_failed("count", &error, false);
	if (bson_iter_init_find(&iter, &reply, "n"))
		*count += bson_iter_as_int64(&iter);
	return STORE_OK;
}

void
store_begin_read(struct store *store)
{
	store->seen_count = 0;
}

void
store_saw_id(struct store *store, const char *id)
{
	if (!store->shared->single)
		return;
	if (store->seen_count == store->seen_cap) {
		store->seen_cap = store->seen_cap ? 2 * store->seen_cap : 256;
		store->seen = bson_realloc(
		    store->seen, store->seen_cap * sizeof(*store->seen));
	}
	store->seen[store->seen_count++] = durable_key(id);
}

void
store_saw(struct store *store, const struct conversation *c)
{
	bson_iter_t ids;

	store_saw_id(store, c->id);
	if (!c->has_ids || !bson_iter_recurse(&c->ids, &ids))
		return;
	while (bson_iter_next(&ids))
		if (BSON_ITER_HOLDS_UTF8(&ids))
			store_saw_id(store, bson_iter_utf8(&ids, NULL));
}

void
store_saw_run(const bson_t *hello)
{
	char process[DURABLE_RUN_BYTES] = "";
	bson_iter_t iter, id;

	if (bson_iter_init(&iter, hello) &&
	    bson_iter_find_descendant(
		&iter, "topologyVersion.processId", &id) &&
	    BSON_ITER_HOLDS_OID(&id))
		bson_oid_to_string(bson_iter_oid(&id), process);
	durable_saw_run(process);
}

/* Asked after the barrier's write, so the run is not older than that. */
static bool
ask_run(struct store *store)
{
	AUTO_BSON bson_t hello = BSON_INITIALIZER;
	AUTO_BSON bson_t reply = BSON_INITIALIZER;
	bson_error_t error;

	BSON_APPEND_INT32(&hello, "hello", 1);
	bson_destroy(&reply);
	if (!mongoc_client_command_simple(
		store->client, "admin", &hello, NULL, &reply, &error))
		return false;
	store_saw_run(&reply);
	return true;
}

/* A journaled write that changes something: a no-op would not wait. */
static bool
barrier_write(void *arg)
{
	struct store *store = arg;
	AUTO_COLLECTION mongoc_collection_t *meta =
	    mongoc_database_get_collection(store->database, "meta");
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t update = BSON_INITIALIZER;
	AUTO_BSON bson_t doc = BSON_INITIALIZER;
	struct store_write write = {
	    .collection = meta,
	    .filter = &filter,
	    .update = &update,
	    .upsert = true,
	};

	BSON_APPEND_UTF8(&filter, "_id", "barrier");
	BCON_APPEND(&update, "$inc", "{", "n", BCON_INT64(1), "}");
	metrics_count(METRIC_BARRIERS, 1);
	bson_destroy(&doc);
	return store_write(store, &write, &doc) == STORE_OK && ask_run(store);
}

static enum store_result
settle(struct store *store, bool barrier)
{
	if (!durable_wait(store->seen, store->seen_count, store->deadline_ms))
		return STORE_DOWN;
	/* Asked after the wait: a write that it waited for may be the doubt. */
	if (!barrier && !durable_in_doubt())
		return STORE_OK;
	if (!durable_barrier(barrier_write, store, store->deadline_ms))
		return STORE_DOWN;
	/* A mongod that died since has taken along what was read from it. */
	return store->run == durable_run() ? STORE_OK : STORE_DOWN;
}

enum store_result
store_settle(struct store *store)
{
	if (!store->shared->single)
		return STORE_OK; /* it was a majority read */
	return settle(store, false);
}

enum store_result
store_refuse(struct store *store, enum store_result result)
{
	enum store_result settled = settle(store, !store->shared->single);

	return settled == STORE_OK ? result : settled;
}
