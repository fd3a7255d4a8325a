/*
 * Small facts that must survive a restart: the epoch (collection meta) and
 * the sessions that were ended (collection revocations, removed by a TTL
 * index once they have expired anyway).
 */
#include <string.h>

#include "cgi/clock.h"
#include "cgi/hub.h"
#include "cgi/jwt.h"
#include "cgi/revoked.h"
#include "cgi/store_private.h"
#include "cgi/text.h"

static enum store_result
upsert(struct store *store, const char *collection_name, const char *id,
    const bson_t *update, bson_t *doc)
{
	AUTO_COLLECTION mongoc_collection_t *collection =
	    mongoc_database_get_collection(store->database, collection_name);
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	struct store_write write = {
	    .collection = collection,
	    .filter = &filter,
	    .update = update,
	    .upsert = true,
	};

	BSON_APPEND_UTF8(&filter, "_id", id);
	return store_write(store, &write, doc);
}

bool
store_epoch_load(struct store_shared *shared, bool fresh, char why[256])
{
	AUTO_BSON bson_t update = BSON_INITIALIZER;
	AUTO_BSON bson_t doc = BSON_INITIALIZER;
	char epoch[TEXT_RANDOM_BYTES];
	enum store_result result;
	bson_iter_t iter;

	text_random(epoch);
	BCON_APPEND(&update, fresh ? "$set" : "$setOnInsert", "{", "value",
	    BCON_UTF8(epoch), "}");
	store_deadline(
	    shared->own, clock_steady_ms() + shared->settings->handler_ms);
	bson_destroy(&doc);
	result = upsert(shared->own, "meta", "epoch", &update, &doc);
	if (result != STORE_OK || !bson_iter_init_find(&iter, &doc, "value") ||
	    !BSON_ITER_HOLDS_UTF8(&iter)) {
		snprintf(why, 256, "mongodb_uri: the epoch cannot be stored");
		return false;
	}
	snprintf(shared->epoch, sizeof(shared->epoch), "%s",
	    bson_iter_utf8(&iter, NULL));
	return true;
}

/* Refused from now on, and its open sockets end. */
static void
end_session(const char *session, int64_t until)
{
	if (revoked_add(session, until))
		hub_revoke(session, until);
}

enum store_result
store_revoke(struct store *store, const char *session, int64_t expires_at)
{
	AUTO_BSON bson_t update = BSON_INITIALIZER;
	AUTO_BSON bson_t doc = BSON_INITIALIZER;
	enum store_result result;

	/* The TTL index must not outrun the leeway that tokens have. */
	BCON_APPEND(&update, "$max", "{", "expiresAt",
	    BCON_DATE_TIME((expires_at + JWT_LEEWAY_S) * 1000), "}");
	bson_destroy(&doc);
	result = upsert(store, "revocations", session, &update, &doc);
	if (result == STORE_OK)
		end_session(session, expires_at + JWT_LEEWAY_S);
	return result;
}

enum store_result
store_revoked_load(struct store *store)
{
	AUTO_COLLECTION mongoc_collection_t *collection =
	    mongoc_database_get_collection(store->database, "revocations");
	AUTO_BSON bson_t all = BSON_INITIALIZER;
	AUTO_CURSOR mongoc_cursor_t *cursor =
	    store_find(store, collection, &all, NULL);
	const bson_t *doc;

	while (mongoc_cursor_next(cursor, &doc)) {
		bson_iter_t id, at;

		if (bson_iter_init_find(&id, doc, "_id") &&
		    BSON_ITER_HOLDS_UTF8(&id) &&
		    bson_iter_init_find(&at, doc, "expiresAt") &&
		    BSON_ITER_HOLDS_DATE_TIME(&at))
			end_session(bson_iter_utf8(&id, NULL),
			    bson_iter_date_time(&at) / 1000);
	}
	return store_cursor_end(cursor);
}
