/*
 * The client of one worker, and what MongoDB's errors mean.  Opening is in
 * store_open.c, writing in store_write.c, reading in store_read.c.
 */
#include "cgi/store.h"

#include <string.h>

#include "cgi/clock.h"
#include "cgi/durable.h"
#include "cgi/log.h"
#include "cgi/metrics.h"
#include "cgi/publish_order.h"
#include "cgi/store_archive.h"
#include "cgi/store_chat_sweep.h"
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
	store->conversations =
	    mongoc_database_get_collection(store->database, "conversations");
	store->archive =
	    mongoc_database_get_collection(store->database, "archive");
	store->chat_sessions =
	    mongoc_database_get_collection(store->database, "chatsessions");
	store->chat_lines =
	    mongoc_database_get_collection(store->database, "chatmessages");
	store->flight = durable_flight();
	store->turn = order_turn();
	return store;
}

void
store_free(struct store *store)
{
	mongoc_collection_destroy(store->conversations);
	mongoc_collection_destroy(store->archive);
	mongoc_collection_destroy(store->chat_sessions);
	mongoc_collection_destroy(store->chat_lines);
	mongoc_database_destroy(store->database);
	mongoc_client_pool_push(store->shared->pool, store->client);
	bson_free(store->seen);
	bson_free(store);
}

void
store_deadline(struct store *store, int64_t steady_ms)
{
	store->deadline_ms = steady_ms;
	store->run = durable_run();
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
	    2 /* BadValue */,
	    9 /* FailedToParse */,
	    13 /* Unauthorized */,
	    10107 /* NotWritablePrimary */,
	    13435 /* NotPrimaryNoSecondary */,
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
store_failed(const char *doing, const bson_error_t *error, bool was_write)
{
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
	bool sweeps = chat_sweep_is_due();

	if (!store->roll_due && !sweeps)
		return;
	store_deadline(
	    store, clock_steady_ms() + store->shared->settings->handler_ms);
	if (store->roll_due) /* again with the next send if it fails */
		(void)store_roll(store, &store->roll_oid);
	store->roll_due = false;
	if (sweeps)
		chat_sweep(store);
}
