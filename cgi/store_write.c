/*
 * The one way to write: findAndModify (or an insert) with the full write
 * concern, entered in the table of durable.c, its outcome classified.
 */
#include <stdio.h>

#include "cgi/chat_shape.h"
#include "cgi/clock.h"
#include "cgi/durable.h"
#include "cgi/publish_order.h"
#include "cgi/store_private.h"
#include "cgi/versions.h"

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
	    !bson_iter_find_descendant(&iter, "writeErrors.0.code", &code))
		return false;
	bson_set_error(error, MONGOC_ERROR_SERVER,
	    (uint32_t)bson_iter_as_int64(&code), "the insert failed");
	return true;
}

static void
command_begin(bson_t *command, const struct store_write *write)
{
	const char *collection = mongoc_collection_get_name(write->collection);

	if (write->is_insert) {
		bson_t documents;

		BSON_APPEND_UTF8(command, "insert", collection);
		BSON_APPEND_ARRAY_BEGIN(command, "documents", &documents);
		BSON_APPEND_DOCUMENT(&documents, "0", write->update);
		if (write->also)
			BSON_APPEND_DOCUMENT(&documents, "1", write->also);
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

static bool
bump(const bson_t *doc, const char *field)
{
	bson_iter_t iter;

	if (!bson_iter_init_find(&iter, doc, field) ||
	    !BSON_ITER_HOLDS_UTF8(&iter))
		return false;
	versions_bump(bson_iter_utf8(&iter, NULL));
	return true;
}

static void
bump_chat(const bson_t *doc)
{
	char visitor[sizeof("Chat:") + CHAT_SESSION_BYTES];
	bson_iter_t iter;

	if (!bson_iter_init_find(&iter, doc, "sessionId"))
		return;
	snprintf(
	    visitor, sizeof(visitor), "Chat:%s", bson_iter_utf8(&iter, NULL));
	versions_bump(visitor);
	versions_bump("Agents");
	(void)bump(doc, "owner"); /* a line has none */
}

/* What its readers get has changed: their ETags are void. */
static void
bump_readers(const bson_t *doc)
{
	bool has_party = bump(doc, "customerId");

	has_party = bump(doc, "sellerId") || has_party;
	if (!has_party)
		bump_chat(doc);
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
	BSON_APPEND_INT64(
	    &command, "maxTimeMS", store_time_left(store, settings->write_ms));
	BSON_APPEND_DOCUMENT(
	    &command, "writeConcern", &store->shared->write_concern);
	bson_destroy(&reply);
	ok = mongoc_client_write_command_with_opts(store->client,
	    store->shared->database, &command, NULL, &reply, &error);
	if (!ok || write_concern_failed(&reply, &error) ||
	    insert_failed(&reply, &error))
		return store_failed("write", &error, true);
	durable_answered();
	if (write->is_insert) {
		bump_readers(write->update);
		return STORE_OK;
	}
	if (!value_of(&reply, doc))
		return STORE_ABSENT;
	if (write->conversation_id)
		bump_readers(doc);
	return STORE_OK;
}

/*
 * Where it stands among the writes of its conversation; 0: nowhere.  A support
 * session has no changed: there it is rev.
 */
static int64_t
place_of(const bson_t *doc)
{
	bson_iter_t changed, side, rev;
	int64_t place = 0;

	if (bson_iter_init_find(&changed, doc, "changed") &&
	    BSON_ITER_HOLDS_DOCUMENT(&changed) &&
	    bson_iter_recurse(&changed, &side))
		while (bson_iter_next(&side))
			place += bson_iter_as_int64(&side);
	else if (bson_iter_init_find(&rev, doc, "rev"))
		place = bson_iter_as_int64(&rev);
	return place;
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
	order_begin(store->turn, write->conversation_id);
	durable_begin(store->flight, write->conversation_id);
	result = run_write(store, write, doc);
	order_wrote(
	    store->turn, result == STORE_OK
			     ? place_of(write->is_insert ? write->update : doc)
			     : 0);
	durable_end(store->flight, result != STORE_UNKNOWN);
	return result;
}
