/*
 * The documents of a line and its answer (see store_chat_line.h).
 */
#include "cgi/store_chat_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cgi/auto.h"
#include "cgi/bson_put.h"
#include "cgi/clock.h"
#include "cgi/store_chat_one.h"
#include "cgi/store_shape.h"

void
chat_said_init(struct chat_said *said)
{
	memset(said, 0, sizeof(*said));
	bson_init(&said->doc);
	bson_init(&said->bot_doc);
}

void
chat_said_release(struct chat_said *said)
{
	bson_destroy(&said->doc);
	bson_destroy(&said->bot_doc);
}

/* --- the two documents --- */

static void
put_line(bson_t *doc, const char *session, int64_t n, enum chat_sender sender,
    const struct message_id *id, const char *text, size_t len)
{
	bson_oid_t oid;

	bson_oid_init(&oid, NULL);
	put_oid(doc, "_id", &oid);
	put_string(doc, "sessionId", session);
	put_int(doc, "n", n);
	message_id_append(doc, "id", id);
	put_string(doc, "key", id->text);
	put_string(doc, "sender", chat_sender_names[sender]);
	put_text(doc, "text", text, len);
	put_date(doc, "timestamp", clock_wall_ms());
}

/* The id of the bot's answer to line n. */
static void
bot_id(struct message_id *id, int64_t n)
{
	char text[sizeof("bot-") + 20];

	snprintf(text, sizeof(text), "bot-%" PRId64, n);
	(void)message_id_from_text(id, text, true); /* a fine token */
}

static const char *
name_of(const struct saying *w)
{
	bool given = w->say->sender == CHAT_USER && *w->say->user_name;

	return given ? w->say->user_name : w->found->s.user_name;
}

/* What the bot says to the line that said holds, if anything. */
static void
build_answer(struct saying *w)
{
	AUTO_BUFFER struct buffer answer = {0};
	struct chat_said *said = w->said;
	const struct chat_line *line = &said->line;
	struct message_id id;

	said->has_bot = false;
	if (line->sender != CHAT_USER || w->found->s.answered ||
	    line->n >= CHAT_LINES_MAX)
		return;
	w->say->bot(&answer, line->text, line->text_len, name_of(w));
	if (answer.len == 0)
		return;
	bot_id(&id, line->n);
	bson_reinit(&said->bot_doc);
	put_line(&said->bot_doc, w->found->s.id, line->n + 1, CHAT_BOT, &id,
	    answer.data, answer.len);
	said->has_bot = chat_line_read(&said->bot, &said->bot_doc);
}

void
saying_build(struct saying *w, int64_t n)
{
	const struct chat_say *say = w->say;
	struct chat_said *said = w->said;

	bson_reinit(&said->doc);
	put_line(&said->doc, w->found->s.id, n, say->sender, say->id, say->text,
	    say->text_len);
	(void)chat_line_read(&said->line, &said->doc);
	build_answer(w);
}

enum store_result
saying_insert(struct saying *w, const bson_t *doc, const bson_t *also)
{
	struct store_write write = {
	    .collection = w->store->chat_lines,
	    .conversation_id = w->found->s.id,
	    .update = doc,
	    .also = also,
	    .is_insert = true,
	};
	enum store_result result;
	bson_t none;

	result = store_write(w->store, &write, &none);
	bson_destroy(&none);
	return result;
}

enum store_result
saying_answer(struct saying *w)
{
	enum store_result result;

	build_answer(w);
	if (!w->said->has_bot)
		return STORE_OK;
	result = saying_insert(w, &w->said->bot_doc, NULL);
	if (result != STORE_REUSED)
		return result;
	w->said->has_bot = false; /* something else came next */
	return STORE_OK;
}

/* --- the session reaches it --- */

static void
put_last(
    bson_t *set, const struct chat_session *s, const struct chat_line *line)
{
	put_int(set, "last", line->n);
	put_text(set, "lastText", line->text, line->text_len);
	put_string(set, "lastSender", chat_sender_names[line->sender]);
	put_date(set, "lastAt", line->at > s->last_at ? line->at : s->last_at);
	put_bool(set, "waiting", line->sender != CHAT_ADMIN);
	put_int(set,
	    line->sender == CHAT_ADMIN ? "seen.support" : "seen.visitor",
	    line->n); /* who speaks has seen what is before it */
	chat_put_expiry(set, s->owner, line->at);
}

enum store_result
saying_commit(struct saying *w)
{
	const struct chat_say *say = w->say;
	const struct chat_session *s = &w->found->s;
	const struct chat_line *line =
	    w->said->has_bot ? &w->said->bot : &w->said->line;
	struct chat_change change;
	enum store_result result;

	chat_change_begin(&change, w->found);
	BCON_APPEND(
	    &change.filter, "last", "{", "$lt", BCON_INT64(line->n), "}");
	put_last(&change.set, s, line);
	if (say->sender == CHAT_ADMIN)
		chat_put_claim(&change.set, say->agent, clock_wall_ms());
	else if (*say->user_name && strcmp(say->user_name, s->user_name) != 0)
		put_string(&change.set, "userName", say->user_name);
	result = chat_change_run(w->store, &change, w->found);
	/* The line is there: nobody may say that nothing was written. */
	if (result == STORE_DOWN)
		return STORE_UNKNOWN;
	if (result != STORE_ABSENT)
		return result;
	/* Another process has carried last beyond it. */
	result = chat_find(w->store, s->id, false, w->found);
	return result == STORE_OK ? STORE_DUPLICATE : result;
}

/* --- what was said before --- */

static enum store_result
find_line(struct saying *w, enum chat_sender sender,
    const struct message_id *id, bson_t *doc)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;

	BCON_APPEND(&filter, "sessionId", BCON_UTF8(w->found->s.id), "sender",
	    BCON_UTF8(chat_sender_names[sender]), "key", BCON_UTF8(id->text));
	bson_destroy(doc);
	return store_find_one(
	    w->store, w->store->chat_lines, &filter, "key", false, doc);
}

bool
saying_is_same(const struct saying *w, const struct chat_line *line)
{
	return w->say->text_len == line->text_len &&
	       memcmp(w->say->text, line->text, line->text_len) == 0;
}

/* The bot's answer of then, which may be none. */
static enum store_result
find_answer(struct saying *w)
{
	struct chat_said *said = w->said;
	struct message_id id;
	enum store_result result;

	bot_id(&id, said->line.n);
	result = find_line(w, CHAT_BOT, &id, &said->bot_doc);
	said->has_bot = result == STORE_OK && said->line.sender == CHAT_USER &&
			chat_line_read(&said->bot, &said->bot_doc);
	return result;
}

enum store_result
saying_find(struct saying *w)
{
	struct chat_said *said = w->said;
	enum store_result result =
	    find_line(w, w->say->sender, w->say->id, &said->doc);

	if (result != STORE_OK)
		return result;
	(void)chat_line_read(&said->line, &said->doc);
	if (!saying_is_same(w, &said->line))
		return store_refuse(w->store, STORE_REUSED);
	result = find_answer(w);
	if (result != STORE_OK && result != STORE_ABSENT)
		return result;
	if (said->line.n <= w->found->s.last)
		return store_refuse(w->store, STORE_DUPLICATE);
	if (!said->has_bot)
		result = saying_answer(w);
	if (result == STORE_OK)
		result = saying_commit(w);
	return result == STORE_DUPLICATE ? store_refuse(w->store, result)
					 : result;
}
