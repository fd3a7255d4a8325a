/*
 * GET and PATCH /api/chat/sessions: the desk of those who answer: what there
 * is, the newest last word first; claiming, closing, archiving.
 *
 * counts are of all sessions, whatever the query: active ones, those of them
 * that wait for an answer, those of these that nobody has claimed.
 */
#include "cgi/chat.h"

#include <string.h>

#include "cgi/chat_asker.h"
#include "cgi/chat_json.h"
#include "cgi/clock.h"
#include "cgi/etag.h"
#include "cgi/json_out.h"
#include "cgi/list_cursor.h"
#include "cgi/next_json.h"
#include "cgi/publish_chat.h"
#include "cgi/schema_chat.h"
#include "cgi/store_chat_desk.h"
#include "cgi/store_chat_list.h"

#define LIST_DEFAULT 50

/* --- GET --- */

/* The place of a parameter among words; -1 where absent, or with a flaw. */
static bool
take_word(const struct request *req, const char *name, const char *const *words,
    int count, const char *rule, int *place, struct flaw *flaw)
{
	const char *text = request_arg(req, name);

	*place = -1;
	if (!text)
		return true;
	for (int i = 0; i < count; i++)
		if (strcmp(text, words[i]) == 0)
			*place = i;
	return *place >= 0 ||
	       flaw_set(flaw, BAD_FIELD, name, "%s must be %s", name, rule);
}

static bool
take_cursor(
    const struct request *req, struct chat_list_query *q, struct flaw *flaw)
{
	const char *text = request_arg(req, "cursor");
	struct list_place place;

	if (!text)
		return true;
	if (!list_cursor_read(text, &place))
		return flaw_set(flaw, BAD_FIELD, "cursor",
		    "cursor must be the next of an earlier answer");
	q->after.set = true;
	q->after.at = place.changed;
	q->after.oid = place.oid;
	return true;
}

static bool
take_query(
    const struct request *req, struct chat_list_query *q, struct flaw *flaw)
{
	static const char *const yes_no_me[] = {"0", "1", "me"};

	*q = (struct chat_list_query){.limit = LIST_DEFAULT};
	if (!take_word(req, "status", chat_status_names, CHAT_ARCHIVED + 1,
		"active, closed or archived", &q->status, flaw) ||
	    !take_word(
		req, "waiting", yes_no_me, 2, "0 or 1", &q->waiting, flaw) ||
	    !take_word(
		req, "claimed", yes_no_me, 3, "0, 1 or me", &q->claimed, flaw))
		return false;
	if (q->claimed == 2) {
		q->claimed = 1;
		q->agent = req->caller.ids[0];
	}
	return request_arg_int(
		   req, "limit", 1, CHAT_LIST_MAX, &q->limit, flaw) &&
	       take_cursor(req, q, flaw);
}

/* The rows of an answer being written. */
struct rows {
	struct buffer *b;
	int64_t count, now_ms;
	struct list_place last; /* the row before */
};

static void
write_row(void *arg, const struct chat_session *s)
{
	struct rows *rows = arg;

	if (rows->count++ > 0)
		buffer_char(rows->b, ',');
	chat_session_json(rows->b, s, rows->now_ms);
	rows->last.changed = s->last_at;
	rows->last.oid = s->oid;
}

static void
counts_json(struct buffer *b, const struct chat_counts *counts)
{
	buffer_puts(b, ",\"counts\":{\"active\":");
	json_int(b, counts->active);
	buffer_puts(b, ",\"waiting\":");
	json_int(b, counts->waiting);
	buffer_puts(b, ",\"unclaimed\":");
	json_int(b, counts->unclaimed);
	buffer_char(b, '}');
}

static enum store_result
write_list(
    struct request *req, struct reply *out, const struct chat_list_query *q)
{
	struct buffer *b = &out->body;
	struct rows rows = {.b = b, .now_ms = clock_wall_ms()};
	char cursor[LIST_CURSOR_BYTES];
	struct chat_counts counts;
	enum store_result result;
	bool more;

	buffer_puts(b, "{\"success\":true,\"sessions\":[");
	result = store_chat_list(req->store, q, write_row, &rows, &more);
	if (result == STORE_OK)
		result = store_chat_counts(req->store, &counts);
	if (result == STORE_OK)
		result = store_settle(req->store);
	if (result != STORE_OK)
		return result;
	buffer_puts(b, "],\"count\":");
	json_int(b, rows.count);
	counts_json(b, &counts);
	list_cursor_write(cursor, &rows.last);
	next_json(req, out, more ? cursor : NULL);
	buffer_char(b, '}');
	return STORE_OK;
}

int
chat_sessions_get(struct request *req, struct reply *out)
{
	struct chat_list_query q;
	struct flaw flaw;
	struct etag etag;
	enum store_result result;
	int status;

	if (!take_query(req, &q, &flaw))
		return reply_flaw(out, &flaw);
	if (!chat_is_agent(&req->caller))
		return chat_refuse_stranger(out);
	if (etag_begin(&etag, req, out, "Agents", &status))
		return status;
	result = write_list(req, out, &q);
	return result == STORE_OK ? etag_end(&etag, req, out)
				  : chat_refuse(out, result);
}

/* --- PATCH --- */

static enum store_result
change(struct request *req, const struct chat_patch *r,
    struct chat_found *found, bool *changed)
{
	const char *agent = req->caller.ids[0];

	if (r->claim)
		return store_chat_claim(
		    req->store, agent, r->session_id, found, changed);
	return store_chat_set_status(
	    req->store, r->session_id, r->status, found, changed);
}

static void
publish(struct request *req, const struct chat_patch *r,
    const struct chat_found *found)
{
	if (r->claim)
		publish_chat_admit(req, &found->s, req->caller.ids[0]);
	publish_chat_session(req, &found->s);
}

static int
reply_changed(
    struct reply *out, enum store_result result, const struct chat_found *found)
{
	if (result == STORE_REUSED)
		return reply_error(out, 409, CONFLICT,
		    "its visitor has another active session");
	if (result != STORE_OK)
		return chat_refuse(out, result);
	buffer_puts(&out->body, "{\"success\":true,\"session\":");
	chat_session_json(&out->body, &found->s, clock_wall_ms());
	buffer_char(&out->body, '}');
	return reply_json(out, 200);
}

int
chat_sessions_patch(struct request *req, struct reply *out)
{
	struct chat_patch r;
	struct chat_found found;
	struct flaw flaw;
	enum store_result result;
	bool changed;
	int status;

	if (!chat_patch_take(&r, req->body, &flaw))
		return reply_flaw(out, &flaw);
	if (!chat_is_agent(&req->caller))
		return chat_refuse_stranger(out);
	chat_found_init(&found);
	result = change(req, &r, &found, &changed);
	if (result == STORE_OK && changed)
		publish(req, &r, &found);
	status = reply_changed(out, result, &found);
	chat_found_release(&found);
	return status;
}
