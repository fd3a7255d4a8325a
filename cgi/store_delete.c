/*
 * The purge (see store_delete.h).
 */
#include "cgi/store_delete.h"

#include "cgi/auto.h"
#include "cgi/clock.h"
#include "cgi/store_archive.h"
#include "cgi/store_look.h"
#include "cgi/store_private.h"

/* "purging" stands until the buckets are gone too. */
static void
build_tombstone(bson_t *update)
{
	AUTO_BSON bson_t changed = BSON_INITIALIZER;
	int64_t now_ms = clock_wall_ms();

	set_changed(&changed, SIDE_CUSTOMER, now_ms);
	set_changed(&changed, SIDE_SELLER, now_ms);
	BCON_APPEND(update, "0", "{", "$set", BCON_DOCUMENT(&changed), "}", "1",
	    "{", "$replaceWith", "{", "_id", "$_id", "v", "$v", "id", "$id",
	    "ids", "$ids", "customerId", "$customerId", "sellerId", "$sellerId",
	    "changed", "$changed", "purged", "$$NOW", "purging",
	    BCON_BOOL(true), "}", "}");
}

static enum store_result
finish(struct store *store, const bson_oid_t *oid)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t update = BSON_INITIALIZER;
	AUTO_BSON bson_t doc = BSON_INITIALIZER;
	struct store_write write = {
	    .collection = store->conversations,
	    .filter = &filter,
	    .update = &update,
	};
	enum store_result result = store_archive_erase(store, oid);

	if (result != STORE_OK)
		return result;
	BSON_APPEND_OID(&filter, "_id", oid);
	BCON_APPEND(&update, "$unset", "{", "purging", "", "}");
	bson_destroy(&doc);
	return store_write(store, &write, &doc);
}

static enum store_result
bury(struct store *store, const char *id, const bson_oid_t *oid)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t update = BSON_INITIALIZER;
	AUTO_BSON bson_t doc = BSON_INITIALIZER;
	struct store_write write = {
	    .collection = store->conversations,
	    .conversation_id = id,
	    .filter = &filter,
	    .update = &update,
	    .is_pipeline = true,
	};

	BSON_APPEND_OID(&filter, "_id", oid);
	BCON_APPEND(&filter, "purged", "{", "$exists", BCON_BOOL(false), "}");
	build_tombstone(&update);
	bson_destroy(&doc);
	return store_write(store, &write, &doc);
}

enum store_result
store_purge(struct store *store, const struct caller *admin, const char *id,
    struct found *found, bool *erased)
{
	enum store_result result = store_look(store, admin, id, found);
	bool there = found->c.id != NULL; /* a tombstone is "absent", too */

	if (result == STORE_OK)
		result = bury(store, found->c.id, &found->c.oid);
	*erased = result == STORE_OK;
	if (result == STORE_ABSENT && !there)
		return store_refuse(store, STORE_ABSENT);
	if (result != STORE_OK && result != STORE_ABSENT)
		return result;
	return finish(store, &found->c.oid);
}

enum store_result
store_purge_resume(struct store *store)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_CURSOR mongoc_cursor_t *cursor = NULL;
	enum store_result result = STORE_OK;
	const bson_t *doc;
	bson_iter_t iter;

	BSON_APPEND_BOOL(&filter, "purging", true);
	cursor = store_find(store, store->conversations, &filter, NULL);
	while (result == STORE_OK && mongoc_cursor_next(cursor, &doc))
		if (bson_iter_init_find(&iter, doc, "_id"))
			result = finish(store, bson_iter_oid(&iter));
	return result == STORE_OK ? store_cursor_end(cursor) : result;
}
