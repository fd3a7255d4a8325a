/*
 * Removing expired sessions (see store_chat_sweep.h).
 */
#include "cgi/store_chat_sweep.h"

#include <stdatomic.h>

#include "cgi/auto.h"
#include "cgi/bson_put.h"
#include "cgi/clock.h"
#include "cgi/log.h"
#include "cgi/store_chat_one.h"
#include "cgi/store_private.h"
#include "cgi/versions.h"

#define SWEEP_MS 60000
#define SWEEP_MAX 100 /* sessions at a time: a worker does it */

bool
chat_sweep_is_due(void)
{
	static atomic_llong next_ms;
	long long due = atomic_load(&next_ms);
	int64_t now_ms = clock_steady_ms();

	return now_ms >= due && atomic_compare_exchange_strong(
				    &next_ms, &due, now_ms + SWEEP_MS);
}

static void
match_expired(bson_t *filter)
{
	BCON_APPEND(filter, "expiresAt", "{", "$lte",
	    BCON_DATE_TIME(clock_wall_ms()), "}");
}

static enum store_result
erase(struct store *store, const struct chat_session *s)
{
	AUTO_BSON bson_t lines = BSON_INITIALIZER;
	AUTO_BSON bson_t session = BSON_INITIALIZER;
	AUTO_BSON bson_t opts = BSON_INITIALIZER;
	bson_error_t error;

	put_document(&opts, "writeConcern", &store->shared->write_concern);
	put_string(&lines, "sessionId", s->id);
	put_oid(&session, "_id", &s->oid);
	if (!mongoc_collection_delete_many(
		store->chat_lines, &lines, &opts, NULL, &error) ||
	    !mongoc_collection_delete_one(
		store->chat_sessions, &session, &opts, NULL, &error))
		return store_failed("sweep", &error, true);
	versions_bump(s->owner);
	versions_bump("Agents");
	return STORE_OK;
}

/* Has it still expired, now that nobody can say a word in it? */
static enum store_result
erase_expired(struct store *store, const struct chat_session *s)
{
	pthread_mutex_t *turn = chat_lock(store, s->id);
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	struct chat_found found;
	enum store_result result;

	if (!turn)
		return STORE_DOWN;
	put_oid(&filter, "_id", &s->oid);
	match_expired(&filter);
	chat_found_init(&found);
	result = chat_find_by(store, &filter, NULL, false, &found);
	if (result == STORE_OK)
		result = erase(store, &found.s);
	chat_found_release(&found);
	chat_unlock(turn);
	return result == STORE_ABSENT ? STORE_OK : result;
}

void
chat_sweep(struct store *store)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t opts = BSON_INITIALIZER;
	AUTO_CURSOR mongoc_cursor_t *cursor = NULL;
	enum store_result result = STORE_OK;
	const bson_t *doc;
	int count = 0;

	match_expired(&filter);
	BCON_APPEND(&opts, "hint", "expires", "limit", BCON_INT64(SWEEP_MAX));
	cursor = store_find_local(store, store->chat_sessions, &filter, &opts);
	while (result == STORE_OK && mongoc_cursor_next(cursor, &doc)) {
		struct chat_session s;

		(void)chat_session_read(&s, doc);
		result = erase_expired(store, &s);
		count += result == STORE_OK;
	}
	(void)store_cursor_end(cursor); /* logged; again in a minute */
	if (count > 0)
		log_info("removed %d support sessions of guests", count);
}
