/*
 * The client of one worker: the one way to write, the two ways to read, and
 * what MongoDB's errors mean.  Opening is in store_open.c; what is written
 * and read is in the other store_*.c files.
 */
#include "cgi/store.h"

#include <string.h>

#include "cgi/clock.h"
#include "cgi/durable.h"
#include "cgi/log.h"
#include "cgi/metrics.h"
#include "cgi/store_archive.h"
#include "cgi/store_private.h"
#include "cgi/store_shape.h"
#include "cgi/versions.h"

#define DUPLICATE_KEY 11000

struct store *
store_new(struct store_shared *shared)
{
	struct store *store = bson_malloc0(sizeof(*store));

	store->shared = shared;
	store->client = mongoc_client_pool_pop(shared->pool);
	store->database =
		mongoc_client_get_database(store->client, shared->database);
	store->conversations = mongoc_database_get_collection(
		store->database, "conversations");
	store->archive =
		mongoc_database_get_collection(store->database, "archive");
	store->flight = durable_flight();
	return store;
}

void
store_free(struct store *store)
{
	mongoc_collection_destroy(store->conversations);
	mongoc_collection_destroy(store->archive);
	mongoc_database_destroy(store->database);
	mongoc_client_pool_push(store->shared->pool, store->client);
	bson_free(store->seen);
	bson_free(store);
}

void
store_deadline(struct store *store, int64_t steady_ms)
{
	store->deadline_ms = steady_ms;
}

const char *
store_epoch(const struct store *store)
{
	return store->shared->epoch;
}

bool
store_is_single(const struct store *store)
{
	return store->shared->single;
}

int64_t
store_time_left(const struct store *store, int64_t limit_ms)
{
	int64_t left = store->deadline_ms - clock_steady_ms();

	if (left > limit_ms)
		left = limit_ms;
	return left < 1 ? 1 : left;
}

/*
 * Was a failed write certainly not done?  Yes where no server was found or no
 * connection made, and where mongod refused it before running it.
 */
static bool
nothing_was_written(const bson_error_t *error)
{
	static const uint32_t refused[] = {
		2 /* BadValue */, 9 /* FailedToParse */, 13 /* Unauthorized */,
		10107 /* NotWritablePrimary */, 13435 /* NotPrimaryNoSecondary */,
	};

	if (error->domain == MONGOC_ERROR_SERVER_SELECTION)
		return true;
	if (error->domain == MONGOC_ERROR_STREAM)
		return error->code == MONGOC_ERROR_STREAM_CONNECT ||
			error->code == MONGOC_ERROR_STREAM_NAME_RESOLUTION;
	if (error->domain != MONGOC_ERROR_SERVER)
		return false;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (error->code == refused[i])
			return true;
	return false;
}

enum store_result
store_failed(struct store *store, const char *doing, const bson_error_t *error,
	const bson_t *reply, bool was_write)
{
	(void)store;
	(void)reply; /* libmongoc has put all we need into error */
	if (was_write && error->code == DUPLICATE_KEY) {
		durable_answered();
		return STORE_REUSED;
	}
	metrics_count(METRIC_DATABASE_ERRORS, 1);
	durable_failing(true);
	log_error("%s: %s (%u.%u)", doing, error->message, error->domain,
		error->code);
	if (!was_write || nothing_was_written(error))
		return STORE_DOWN;
	return STORE_UNKNOWN;
}

/* A write can be done and still not durable: then its outcome is unknown. */
static bool
write_concern_failed(const bson_t *reply, bson_error_t *error)
{
	bson_iter_t iter;

	if (!bson_iter_init_find(&iter, reply, "writeConcernError"))
		return false;
	bson_set_error(error, MONGOC_ERROR_WRITE_CONCERN, 64,
		"the write concern was not met");
	return true;
}

/* An insert's own errors come in a reply that is "ok". */
static bool
insert_failed(const bson_t *reply, bson_error_t *error)
{
	bson_iter_t iter, code;

	if (!bson_iter_init(&iter, reply) ||
		!bson_iter_find_descendant(
			&iter, "writeErrors.0.code", &code))
		return false;
	bson_set_error(error, MONGOC_ERROR_SERVER,
		(uint32_t)bson_iter_as_int64(&code), "the insert failed");
	return true;
}

static void
command_begin(bson_t *command, const struct store_write *write)
{
	const char *collection =
		mongoc_collection_get_name(write->collection);

	if (write->is_insert) {
		bson_t documents;

		BSON_APPEND_UTF8(command, "insert", collection);
		BSON_APPEND_ARRAY_BEGIN(command, "documents", &documents);
		BSON_APPEND_DOCUMENT(&documents, "0", write->update);
		bson_append_array_end(command, &documents);
		return;
	}
	BSON_APPEND_UTF8(command, "findAndModify", collection);
	BSON_APPEND_DOCUMENT(command, "query", write->filter);
	if (write->is_pipeline)
		BSON_APPEND_ARRAY(command, "update", write->update);
	else
		BSON_APPEND_DOCUMENT(command, "update", write->update);
	BSON_APPEND_BOOL(command, "new", true);
	BSON_APPEND_BOOL(command, "upsert", write->upsert);
	if (write->hint)
		BSON_APPEND_UTF8(command, "hint", write->hint);
}

/* The parties' lists have changed: their ETags are void. */
static void
bump_parties(const bson_t *doc)
{
	bson_iter_t iter;

	if (bson_iter_init_find(&iter, doc, "customerId"))
		versions_bump(bson_iter_utf8(&iter, NULL));
	if (bson_iter_init_find(&iter, doc, "sellerId"))
		versions_bump(bson_iter_utf8(&iter, NULL));
}

/* The document that findAndModify gives back, if any. */
static bool
value_of(const bson_t *reply, bson_t *doc)
{
	const uint8_t *data;
	bson_iter_t iter;
	uint32_t len;
	bson_t value;

	if (!bson_iter_init_find(&iter, reply, "value") ||
		!BSON_ITER_HOLDS_DOCUMENT(&iter))
		return false;
	bson_iter_document(&iter, &len, &data);
	if (!bson_init_static(&value, data, len))
		return false;
	bson_copy_to(&value, doc);
	return true;
}

static enum store_result
run_write(struct store *store, const struct store_write *write, bson_t *doc)
{
	AUTO_BSON bson_t command = BSON_INITIALIZER;
	AUTO_BSON bson_t reply = BSON_INITIALIZER;
	const struct settings *settings = store->shared->settings;
	bson_error_t error;
	bool ok;

	command_begin(&command, write);
	BSON_APPEND_INT64(&command, "maxTimeMS",
		store_time_left(store, settings->write_ms));
	BSON_APPEND_DOCUMENT(
		&command, "writeConcern", &store->shared->write_concern);
	bson_destroy(&reply);
	ok = mongoc_client_write_command_with_opts(store->client,
		store->shared->database, &command, NULL, &reply, &error);
	if (!ok || write_concern_failed(&reply, &error) ||
		insert_failed(&reply, &error))
		return store_failed(store, "write", &error, &reply, true);
	durable_answered();
	if (write->is_insert) {
		bump_parties(write->update);
		return STORE_OK;
	}
	if (!value_of(&reply, doc))
		return STORE_ABSENT;
	if (write->conversation_id)
		bump_parties(doc);
	return STORE_OK;
}

enum store_result
store_write(struct store *store, const struct store_write *write, bson_t *doc)
{
	enum store_result result;

	bson_init(doc);
	if (clock_steady_ms() >= store->deadline_ms)
		return STORE_DOWN; /* too late to begin: nothing is written */
	if (!write->conversation_id)
		return run_write(store, write, doc);
	durable_begin(store->flight, write->conversation_id);
	result = run_write(store, write, doc);
	durable_end(store->flight, result != STORE_UNKNOWN);
	return result;
}

static mongoc_cursor_t *
find(struct store *store, mongoc_collection_t *collection,
	const bson_t *filter, const bson_t *opts, bool majority)
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
	return mongoc_collection_find_with_opts(
		collection, filter, &all, NULL);
}

mongoc_cursor_t *
store_find(struct store *store, mongoc_collection_t *collection,
	const bson_t *filter, const bson_t *opts)
{
	return find(store, collection, filter, opts, true);
}

enum store_result
store_cursor_end(mongoc_cursor_t *cursor)
{
	bson_error_t error;

	if (mongoc_cursor_error(cursor, &error))
		return store_failed(NULL, "read", &error, NULL, false);
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

void
store_begin_read(struct store *store)
{
	store->seen_count = 0;
}

static void
saw_id(struct store *store, const char *id)
{
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

	if (!store->shared->single)
		return;
	saw_id(store, c->id);
	if (!c->has_ids || !bson_iter_recurse(&c->ids, &ids))
		return;
	while (bson_iter_next(&ids))
		if (BSON_ITER_HOLDS_UTF8(&ids))
			saw_id(store, bson_iter_utf8(&ids, NULL));
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
	return store_write(store, &write, &doc) == STORE_OK;
}

static enum store_result
settle(struct store *store, bool barrier)
{
	if (!durable_wait(store->seen, store->seen_count, store->deadline_ms))
		return STORE_DOWN;
	/* Asked after the wait: a write that it waited for may be the doubt. */
	if (!barrier && !durable_in_doubt())
		return STORE_OK;
	return durable_barrier(barrier_write, store, store->deadline_ms)
		? STORE_OK
		: STORE_DOWN;
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

bool
store_ping(struct store *store, int64_t timeout_ms)
{
	AUTO_BSON bson_t command = BSON_INITIALIZER;
	bson_error_t error;

	BSON_APPEND_INT32(&command, "ping", 1);
	BSON_APPEND_INT64(&command, "maxTimeMS", timeout_ms);
	return mongoc_client_command_simple(store->client,
		store->shared->database, &command, NULL, NULL, &error);
}

void
store_after(struct store *store)
{
	if (!store->roll_due)
		return;
	store->roll_due = false;
	store_deadline(store,
		clock_steady_ms() + store->shared->settings->handler_ms);
	/* A roll that fails is due again with the next send. */
	(void)store_roll(store, &store->roll_oid);
}
