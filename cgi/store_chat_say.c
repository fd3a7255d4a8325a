/*
 * A line, from the look at its session to the commit (see store_chat_say.h).
 */
#include "cgi/store_chat_say.h"

#include "cgi/auto.h"
#include "cgi/bson_put.h"
#include "cgi/clock.h"
#include "cgi/metrics.h"
#include "cgi/store_append.h"
#include "cgi/store_chat_line.h"
#include "cgi/store_chat_one.h"
#include "cgi/store_private.h"

#define ELSEWHERE_MAX 20 /* sessions of an owner that a retry may be of */

/* --- what must be so first --- */

static int64_t
next_number(const struct saying *w)
{
	int64_t last = w->found->s.last;

	return (w->taken > last ? w->taken : last) + 1;
}

static bool
is_prepared(const struct saying *w)
{
	const struct chat_session *s = &w->found->s;

	return s->status == CHAT_ACTIVE && next_number(w) <= CHAT_LINES_MAX &&
	       (w->say->sender == CHAT_USER ||
		   (chat_is_claimed(s, clock_wall_ms()) &&
		       !chat_is_anothers(s, w->say->agent)));
}

/* A closed one is active again, or gives way to the one that is. */
static enum store_result
reopen(struct saying *w)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	struct chat_change change;
	enum store_result result;

	chat_change_begin(&change, w->found);
	chat_change_status(&change, CHAT_ACTIVE, w->found->s.owner);
	result = chat_change_run(w->store, &change, w->found);
	if (result != STORE_REUSED)
		return result;
	put_string(&filter, "activeFor", w->found->s.owner);
	result = chat_find_by(w->store, &filter, "active", false, w->found);
	w->taken = 0;
	return result == STORE_OK || result == STORE_ABSENT ? STORE_AGAIN
							    : result;
}

static enum store_result
prepare(struct saying *w)
{
	const struct chat_session *s = &w->found->s;
	const struct chat_say *say = w->say;
	enum store_result result = STORE_OK;

	if (next_number(w) > CHAT_LINES_MAX)
		return store_refuse(w->store, STORE_FULL);
	if (say->sender == CHAT_ADMIN && chat_is_anothers(s, say->agent))
		return store_refuse(w->store, STORE_ANSWERED);
	if (s->status != CHAT_ACTIVE)
		result = reopen(w);
	if (result == STORE_OK && say->sender == CHAT_ADMIN)
		result = chat_claim(w->store, w->found, say->agent);
	return result == STORE_ABSENT ? STORE_AGAIN : result;
}

/* --- the line itself --- */

/* What a crash has left behind the session's last: numbers are taken. */
static enum store_result
pass_by(struct saying *w)
{
	struct chat_said *said = w->said;
	enum store_result result = chat_newest_line(
	    w->store, w->found->s.id, w->found->s.last, &said->doc);

	if (result != STORE_OK)
		return result == STORE_ABSENT ? STORE_AGAIN : result;
	(void)chat_line_read(&said->line, &said->doc);
	result = saying_answer(w);
	w->taken = said->has_bot ? said->bot.n : said->line.n;
	return result == STORE_OK ? STORE_AGAIN : result;
}

static enum store_result
add(struct saying *w)
{
	struct chat_said *said = w->said;
	enum store_result result;

	saying_build(w, next_number(w));
	result =
	    saying_insert(w, &said->doc, said->has_bot ? &said->bot_doc : NULL);
	if (result == STORE_REUSED) {
		/* Something is there: this line, or another of its number. */
		result = saying_find(w);
		return result == STORE_ABSENT ? pass_by(w) : result;
	}
	if (result == STORE_OK)
		result = saying_commit(w);
	return result == STORE_DUPLICATE ? STORE_OK : result;
}

/* Of the sessions of one owner the newest that have lines. */
static enum store_result
list_ids(struct store *store, const char *owner, bson_t *ids)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t opts = BSON_INITIALIZER;
	AUTO_CURSOR mongoc_cursor_t *cursor = NULL;
	const char *position;
	char digits[16];
	uint32_t count = 0;
	const bson_t *doc;
	bson_iter_t id;

	BCON_APPEND(&filter, "owner", BCON_UTF8(owner), "last", "{", "$gt",
	    BCON_INT64(0), "}");
	BCON_APPEND(&opts, "sort", "{", "_id", BCON_INT32(-1), "}", "limit",
	    BCON_INT64(ELSEWHERE_MAX), "hint", "owner", "projection", "{",
	    "sessionId", BCON_INT32(1), "}");
	cursor = store_find_local(store, store->chat_sessions, &filter, &opts);
	while (mongoc_cursor_next(cursor, &doc))
		if (bson_iter_init_find(&id, doc, "sessionId")) {
			bson_uint32_to_string(
			    count++, &position, digits, sizeof(digits));
			put_value(ids, position, &id);
		}
	return store_cursor_end(cursor);
}

/*
 * The first line of a session: or is it the retry of one that the owner said
 * in a session which was closed meanwhile?  Then found becomes that one.
 */
static enum store_result
find_elsewhere(struct saying *w)
{
	AUTO_BSON bson_t ids = BSON_INITIALIZER;
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t doc = BSON_INITIALIZER;
	enum store_result result = list_ids(w->store, w->found->s.owner, &ids);
	struct chat_line line;
	bson_iter_t id;

	if (result != STORE_OK)
		return result;
	if (bson_empty(&ids))
		return STORE_ABSENT;
	BCON_APPEND(&filter, "sessionId", "{", "$in", BCON_ARRAY(&ids), "}",
	    "sender", BCON_UTF8(chat_sender_names[CHAT_USER]), "key",
	    BCON_UTF8(w->say->id->text));
	bson_destroy(&doc);
	result = store_find_one(
	    w->store, w->store->chat_lines, &filter, "key", false, &doc);
	if (result != STORE_OK)
		return result;
	if (!chat_line_read(&line, &doc) || !saying_is_same(w, &line) ||
	    !bson_iter_init_find(&id, &doc, "sessionId"))
		return STORE_ABSENT;
	result =
	    chat_find(w->store, bson_iter_utf8(&id, NULL), false, w->found);
	return result == STORE_OK ? saying_find(w) : result;
}

static enum store_result
try_say(struct saying *w)
{
	enum store_result result =
	    chat_find(w->store, w->found->s.id, false, w->found);
	bool is_first = w->found->s.last == 0 && w->say->sender == CHAT_USER;

	if (result != STORE_OK)
		return store_refuse(w->store, result);
	if (is_prepared(w) && !is_first)
		return add(w);
	result = is_first ? find_elsewhere(w) : saying_find(w);
	if (result != STORE_ABSENT)
		return result;
	result = prepare(w);
	return result == STORE_OK ? add(w) : result;
}

enum store_result
store_chat_say(struct store *store, struct chat_found *found,
    const struct chat_say *say, struct chat_said *said)
{
	struct saying w = {store, found, say, said, 0};

	for (int i = 0; i < STORE_TRIES; i++) {
		pthread_mutex_t *turn = chat_lock(store, found->s.id);
		enum store_result result;

		if (!turn)
			return STORE_DOWN;
		if (i > 0)
			metrics_count(METRIC_RETRIES, 1);
		result = try_say(&w);
		chat_unlock(turn);
		if (result != STORE_AGAIN)
			return result;
	}
	return STORE_BUSY;
}
