/*
 * One session of the support chat (see store_chat_one.h).
 */
#include "cgi/store_chat_one.h"

#include <string.h>
#include <time.h>

#include "cgi/auto.h"
#include "cgi/bson_put.h"
#include "cgi/clock.h"
#include "cgi/store_chat_adopt.h"
#include "cgi/store_private.h"
#include "cgi/text.h"

#define TURNS 64 /* sessions share them; one request holds one at a time */
#define DAY_MS (24 * 60 * 60 * 1000LL)

static pthread_mutex_t turns[TURNS];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
turns_init(void)
{
	for (size_t i = 0; i < TURNS; i++)
		pthread_mutex_init(&turns[i], NULL);
}

pthread_mutex_t *
chat_lock(struct store *store, const char *id)
{
	struct timespec until = {
	    .tv_sec = store->deadline_ms / 1000,
	    .tv_nsec = store->deadline_ms % 1000 * 1000000,
	};
	pthread_mutex_t *turn;

	pthread_once(&once, turns_init);
	turn = &turns[text_hash(id, strlen(id), 3) % TURNS];
	if (pthread_mutex_clocklock(turn, CLOCK_MONOTONIC, &until) != 0)
		return NULL;
	return turn;
}

void
chat_unlock(pthread_mutex_t *turn)
{
	pthread_mutex_unlock(turn);
}

void
chat_found_init(struct chat_found *found)
{
	memset(found, 0, sizeof(*found));
	bson_init(&found->doc);
}

void
chat_found_release(struct chat_found *found)
{
	bson_destroy(&found->doc);
}

void
chat_found_take(struct chat_found *found, bson_t *doc)
{
	bson_destroy(&found->doc);
	bson_init(&found->doc);
	bson_steal(&found->doc, doc);
	bson_init(doc);
	(void)chat_session_read(&found->s, &found->doc);
}

static void
owner_write(char out[CHAT_OWNER_BYTES], const char *kind, const char *who)
{
	snprintf(out, CHAT_OWNER_BYTES, "%s:%s", kind, who);
}

void
chat_owner(char out[CHAT_OWNER_BYTES], const struct chat_asker *asker)
{
	if (asker->caller)
		owner_write(out, "account", asker->caller->ids[0]);
	else
		owner_write(out, "guest", asker->guest->hash);
}

void
chat_match_owner(
    bson_t *filter, const char *field, const struct chat_asker *asker)
{
	static const char *const positions[CALLER_IDS_MAX] = {"0", "1", "2"};
	char owner[CHAT_OWNER_BYTES];
	bson_t in, owners;

	put_document_begin(filter, field, &in);
	put_array_begin(&in, "$in", &owners);
	if (!asker->caller) {
		chat_owner(owner, asker);
		put_string(&owners, "0", owner);
	} else {
		for (size_t i = 0; i < asker->caller->id_count; i++) {
			owner_write(owner, "account", asker->caller->ids[i]);
			put_string(&owners, positions[i], owner);
		}
	}
	put_array_end(&in, &owners);
	put_document_end(filter, &in);
}

enum store_result
chat_find_by(struct store *store, const bson_t *filter, const char *index,
    bool majority, struct chat_found *found)
{
	bson_t doc;
	enum store_result result = store_find_one(
	    store, store->chat_sessions, filter, index, majority, &doc);

	if (result == STORE_OK)
		chat_found_take(found, &doc);
	bson_destroy(&doc);
	return result;
}

static enum store_result
find(struct store *store, const char *id, bool majority,
    struct chat_found *found)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;

	BCON_APPEND(&filter, "sessionId", BCON_UTF8(id), "v", BCON_INT32(1));
	return chat_find_by(store, &filter, "id", majority, found);
}

enum store_result
chat_find(struct store *store, const char *id, bool majority,
    struct chat_found *found)
{
	AUTO_BSON bson_t late = BSON_INITIALIZER;
	enum store_result result;

	store_begin_read(store);
	store_saw_id(store, id);
	result = find(store, id, majority, found);
	if (result != STORE_ABSENT)
		return result;
	put_string(&late, "sessionId", id);
	result = chat_adopt_late(store, &late);
	/* Absent: another request may have adopted it just now. */
	return result == STORE_OK || result == STORE_ABSENT
		   ? find(store, id, majority, found)
		   : result;
}

enum store_result
chat_newest_line(struct store *store, const char *id, int64_t n, bson_t *doc)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t opts = BSON_INITIALIZER;
	AUTO_CURSOR mongoc_cursor_t *cursor = NULL;
	const bson_t *newest;

	BCON_APPEND(&filter, "sessionId", BCON_UTF8(id), "n", "{", "$gt",
	    BCON_INT64(n), "}");
	BCON_APPEND(&opts, "sort", "{", "n", BCON_INT32(-1), "}", "limit",
	    BCON_INT64(1), "hint", "line");
	cursor = store_find_local(store, store->chat_lines, &filter, &opts);
	if (!mongoc_cursor_next(cursor, &newest)) {
		enum store_result result = store_cursor_end(cursor);

		return result == STORE_OK ? STORE_ABSENT : result;
	}
	bson_destroy(doc);
	bson_copy_to(newest, doc);
	return STORE_OK;
}

void
chat_change_begin(struct chat_change *change, const struct chat_found *found)
{
	bson_init(&change->filter);
	bson_init(&change->set);
	bson_init(&change->unset);
	change->quiet = false;
	put_oid(&change->filter, "_id", &found->s.oid);
}

enum store_result
chat_change_run(
    struct store *store, struct chat_change *change, struct chat_found *found)
{
	AUTO_BSON bson_t update = BSON_INITIALIZER;
	struct store_write write = {
	    .collection = store->chat_sessions,
	    .conversation_id = found->s.id,
	    .filter = &change->filter,
	    .update = &update,
	};
	enum store_result result;
	bson_t doc;

	if (!change->quiet) {
		put_date(&change->set, "updatedAt", clock_wall_ms());
		BCON_APPEND(&update, "$inc", "{", "rev", BCON_INT64(1), "}");
	}
	put_document(&update, "$set", &change->set);
	if (!bson_empty(&change->unset))
		put_document(&update, "$unset", &change->unset);
	result = store_write(store, &write, &doc);
	if (result == STORE_OK)
		chat_found_take(found, &doc);
	bson_destroy(&doc);
	bson_destroy(&change->filter);
	bson_destroy(&change->set);
	bson_destroy(&change->unset);
	return result;
}

void
chat_change_status(
    struct chat_change *change, enum chat_status status, const char *owner)
{
	put_string(&change->set, "status", chat_status_names[status]);
	if (status == CHAT_ACTIVE) {
		if (*owner)
			put_string(&change->set, "activeFor", owner);
		return;
	}
	put_bool(&change->set, "answered", false);
	put_date(&change->set, "claimedUntil", 0);
	put_string(&change->unset, "agent", "");
	put_string(&change->unset, "activeFor", "");
}

void
chat_put_expiry(bson_t *set, const char *owner, int64_t now_ms)
{
	if (strncmp(owner, "guest:", 6) == 0)
		put_date(set, "expiresAt", now_ms + CHAT_IDLE_DAYS * DAY_MS);
}
