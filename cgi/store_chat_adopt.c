/*
 * Adopting what the original application wrote (see store_chat_adopt.h).
 */
#include "cgi/store_chat_adopt.h"

#include <stdio.h>
#include <string.h>

#include "cgi/auto.h"
#include "cgi/bson_put.h"
#include "cgi/chat_shape.h"
#include "cgi/clock.h"
#include "cgi/log.h"
#include "cgi/store_bulk.h"
#include "cgi/store_chat_one.h"
#include "cgi/store_private.h"
#include "cgi/text.h"

#define LINES_MAX 1000    /* numbered in one bulk */
#define SESSIONS_MAX 100  /* found in one read */
#define PATIENCE_MS 60000 /* for these, at start */
#define RACES_MAX 8
#define PROGRESS_COUNT 1000

/* A line gets its number; one without id that of its document. */
static void
put_number(mongoc_bulk_operation_t *bulk, const bson_t *doc, int64_t n)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t update = BSON_INITIALIZER;
	struct chat_line line;
	char id[25];
	bson_t set;

	put_document_begin(&update, "$set", &set);
	put_int(&set, "n", n);
	if (!chat_line_read(&line, doc)) {
		bson_oid_to_string(&line.oid, id);
		put_string(&set, "id", id);
	}
	put_document_end(&update, &set);
	put_oid(&filter, "_id", &line.oid);
	put_null(&filter, "n");
	(void)mongoc_bulk_operation_update_one_with_opts(
	    bulk, &filter, &update, NULL, NULL); /* bulk_run() tells */
}

static mongoc_cursor_t *
find_unnumbered(struct store *store, const char *id)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t opts = BSON_INITIALIZER;

	BCON_APPEND(&filter, "sessionId", BCON_UTF8(id), "n", BCON_NULL);
	BCON_APPEND(&opts, "sort", "{", "timestamp", BCON_INT32(1), "_id",
	    BCON_INT32(1), "}", "hint", "session", "limit",
	    BCON_INT64(LINES_MAX));
	return store_find_local(store, store->chat_lines, &filter, &opts);
}

/* The next lines; *count of them were there.  *last is the last number. */
static enum store_result
number_some(struct store *store, const char *id, int64_t *last, size_t *count)
{
	mongoc_bulk_operation_t *bulk = bulk_new(store->chat_lines);
	AUTO_CURSOR mongoc_cursor_t *cursor = find_unnumbered(store, id);
	AUTO_BSON bson_t reply = BSON_INITIALIZER;
	enum store_result result;
	bson_error_t error;
	const bson_t *doc;

	for (*count = 0; mongoc_cursor_next(cursor, &doc); ++*count)
		put_number(bulk, doc, ++*last);
	result = store_cursor_end(cursor);
	if (result != STORE_OK || *count == 0) {
		mongoc_bulk_operation_destroy(bulk);
		return result;
	}
	bson_destroy(&reply);
	if (!bulk_run(bulk, &reply, &error))
		return store_failed("numbering lines", &error, true);
	return bson_has_field(&reply, "writeErrors.0") ? STORE_AGAIN : STORE_OK;
}

/* All lines that have no number; then *newest is the last of all, if any. */
static enum store_result
number_lines(struct store *store, const char *id, bson_t *newest)
{
	enum store_result result = chat_newest_line(store, id, 0, newest);
	struct chat_line line = {.n = 0};
	size_t count = 1;

	if (result == STORE_OK)
		(void)chat_line_read(&line, newest);
	if (result == STORE_ABSENT)
		result = STORE_OK;
	while (result == STORE_OK && count > 0)
		result = number_some(store, id, &line.n, &count);
	if (result != STORE_OK)
		return result;
	return chat_newest_line(store, id, 0, newest);
}

/* The account that the original's userId names; "" for none. */
static void
owner_of(char owner[CHAT_OWNER_BYTES], const struct chat_session *s)
{
	char identity[IDENTITY_BYTES];

	owner[0] = '\0';
	if (text_identity(identity, s->user_id, strlen(s->user_id)) > 0)
		snprintf(owner, CHAT_OWNER_BYTES, "account:%s", identity);
}

static void
put_last(bson_t *set, const bson_t *newest)
{
	struct chat_line line;

	(void)chat_line_read(&line, newest);
	put_int(set, "last", line.n);
	put_text(set, "lastText", line.text, line.text_len);
	put_string(set, "lastSender", chat_sender_names[line.sender]);
	put_date(set, "lastAt", line.at);
	put_bool(set, "waiting", line.sender != CHAT_ADMIN);
}

/* *newest is empty where there are no lines. */
static enum store_result
take(struct store *store, const struct chat_found *original,
    enum chat_status status, const bson_t *newest)
{
	const struct chat_session *s = &original->s;
	char owner[CHAT_OWNER_BYTES];
	struct chat_change change;
	struct chat_found found;
	enum store_result result;

	owner_of(owner, s);
	chat_found_init(&found);
	found.s = *s;
	chat_change_begin(&change, original);
	put_null(&change.filter, "v");
	BCON_APPEND(&change.set, "v", BCON_INT32(1), "owner", BCON_UTF8(owner),
	    "seen", "{", "visitor", BCON_INT64(0), "support", BCON_INT64(0),
	    "}", "createdAt", BCON_DATE_TIME(s->created_at));
	if (bson_empty(newest))
		put_int(&change.set, "last", 0);
	else
		put_last(&change.set, newest);
	if (status == CHAT_ACTIVE) {
		put_bool(&change.set, "answered", false);
		put_date(&change.set, "claimedUntil", 0);
	}
	chat_change_status(&change, status, owner);
	result = chat_change_run(store, &change, &found);
	chat_found_release(&found);
	return result;
}

static enum store_result
adopt(struct store *store, const struct chat_found *original)
{
	AUTO_BSON bson_t newest = BSON_INITIALIZER;
	enum chat_status status = original->s.status;
	enum store_result result = number_lines(store, original->s.id, &newest);

	if (result != STORE_OK && result != STORE_ABSENT)
		return result;
	result = take(store, original, status, &newest);
	if (result == STORE_REUSED) /* its owner has an active one already */
		result = take(store, original, CHAT_CLOSED, &newest);
	return result;
}

/* The newest first: of several active ones of an account it stays so. */
static mongoc_cursor_t *
find_originals(struct store *store, const bson_t *which)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t opts = BSON_INITIALIZER;
	bson_t named;

	put_null(&filter, "v");
	if (which)
		bson_concat(&filter, which);
	put_array_begin(&filter, "$nor", &named);
	BCON_APPEND(&named, "0", "{", "sessionId", "{", "$not", "{", "$type",
	    "string", "}", "}", "}", "1", "{", "sessionId", "", "}");
	put_array_end(&filter, &named);
	BCON_APPEND(&opts, "sort", "{", "_id", BCON_INT32(-1), "}", "hint", "v",
	    "limit", BCON_INT64(SESSIONS_MAX));
	return store_find_local(store, store->chat_sessions, &filter, &opts);
}

/* Adds to *count those that were there. */
static enum store_result
adopt_some(struct store *store, const bson_t *which, size_t *count)
{
	AUTO_CURSOR mongoc_cursor_t *cursor = find_originals(store, which);
	enum store_result result = STORE_OK;
	struct chat_found original;
	const bson_t *doc;

	chat_found_init(&original);
	while (result == STORE_OK && mongoc_cursor_next(cursor, &doc)) {
		bson_t copy;

		bson_copy_to(doc, &copy);
		chat_found_take(&original, &copy);
		result = adopt(store, &original);
		if (result == STORE_ABSENT)
			result = STORE_OK; /* somebody else did */
		++*count;
	}
	chat_found_release(&original);
	return result == STORE_OK ? store_cursor_end(cursor) : result;
}

enum store_result
store_chat_adopt_all(struct store *store)
{
	enum store_result result = STORE_OK;
	size_t count = 0, before;
	int races = 0;

	do {
		before = count;
		store_deadline(store, clock_steady_ms() + PATIENCE_MS);
		result = adopt_some(store, NULL, &count);
		if (result == STORE_AGAIN && ++races < RACES_MAX)
			result = STORE_OK;
		if (count / PROGRESS_COUNT > before / PROGRESS_COUNT)
			log_info("adopted %zu support sessions so far", count);
	} while (result == STORE_OK && count > before);
	if (count > 0)
		log_info("adopted %zu support sessions", count);
	return result;
}

enum store_result
chat_adopt_late(struct store *store, const bson_t *which)
{
	enum store_result result = STORE_AGAIN;
	size_t count = 0;

	for (int i = 0; i < RACES_MAX && result == STORE_AGAIN; i++)
		result = adopt_some(store, which, &count);
	if (result != STORE_OK)
		return STORE_DOWN;
	return count > 0 ? STORE_OK : STORE_ABSENT;
}
