/*
 * POST /api/chat: a line of a visitor, answered by the bot, or of an agent.
 *
 * Takes a body as chat_request says.  Without a sessionId the line goes to the
 * visitor's active session, which is made where there is none; who has no
 * cookie yet gets one.  Retries with a message id are one line, for ever.
 */
#include "cgi/chat.h"

#include <string.h>

#include "cgi/auto.h"
#include "cgi/bot.h"
#include "cgi/bson_json.h"
#include "cgi/chat_asker.h"
#include "cgi/clock.h"
#include "cgi/idempotency.h"
#include "cgi/json_out.h"
#include "cgi/limits.h"
#include "cgi/metrics.h"
#include "cgi/publish_chat.h"
#include "cgi/schema_chat.h"
#include "cgi/store_chat_say.h"

/* One line on its way. */
struct post {
	const struct chat_request *r;
	struct chat_asker asker;
	struct chat_found found;
	struct chat_said said;
	enum store_result result; /* of saying it */
};

static bool
take(struct chat_request *r, struct request *req, struct flaw *flaw)
{
	if (!chat_request_take(r, req->body, flaw))
		return false;
	if (!r->session_id && chat_is_agent(&req->caller))
		return flaw_set(flaw, BAD_FIELD, "sessionId",
		    "sessionId is required of an agent");
	return idempotency_id(&r->id, req, flaw);
}

/*
 * Each side of a session has a bucket.  A visitor has one active session, so
 * his is named by him, which is known before anything is looked up.
 */
static const char *
bucket_of(const struct request *req, const struct chat_request *r)
{
	if (chat_is_agent(&req->caller) && r->session_id)
		return r->session_id;
	return req->caller.id_count > 0 ? req->caller.ids[0] : req->guest.hash;
}

/* Who has no name yet is not counted: the address of new guests is. */
static long
take_token(const struct request *req, const struct chat_request *r)
{
	const char *bucket = bucket_of(req, r);

	return *bucket ? limits_take(req->service->chat_lines, bucket) : 0;
}

/* What was stored costs its token; all else a tenth. */
static void
account(const struct request *req, const struct chat_request *r,
    enum store_result result)
{
	if (result == STORE_OK) {
		metrics_count(METRIC_SENDS, 1);
		return;
	}
	if (result == STORE_DUPLICATE)
		metrics_count(METRIC_DUPLICATES, 1);
	if (result != STORE_UNKNOWN)
		limits_spend(req->service->chat_lines, bucket_of(req, r),
		    LIMITS_DUPLICATE - 1);
}

/* A session's id alone opens nothing, so it makes nobody a guest. */
static void
meet_guest(struct request *req, struct reply *out, const struct post *p)
{
	if (req->caller.id_count > 0 || req->guest.hash[0] || p->r->session_id)
		return;
	guest_make(&req->guest, req, out);
	(void)take_token(req, p->r);
}

static int
find(struct request *req, struct reply *out, struct post *p)
{
	enum store_result result;

	if (!p->r->session_id)
		return chat_open(req, out, &p->asker,
		    chat_name(req, p->r->user_name), &p->found);
	result =
	    store_chat_look(req->store, &p->asker, p->r->session_id, &p->found);
	return result == STORE_OK ? 0 : chat_refuse(out, result);
}

static enum store_result
say(struct request *req, struct post *p)
{
	struct chat_say line = {
	    .id = &p->r->id,
	    .text = p->r->text,
	    .text_len = strlen(p->r->text),
	    .sender = CHAT_USER,
	    .user_name = chat_name(req, p->r->user_name),
	    .bot = bot_answer,
	};

	if (p->asker.is_agent) {
		line.sender = CHAT_ADMIN;
		line.agent = req->caller.ids[0];
	}
	return store_chat_say(req->store, &p->found, &line, &p->said);
}

/* Does this agent's lease hold? */
static bool
is_his(const struct request *req, const struct chat_session *s)
{
	return chat_is_claimed(s, clock_wall_ms()) &&
	       strcmp(s->agent, req->caller.ids[0]) == 0;
}

static void
publish(struct request *req, const struct post *p, bool was_his)
{
	const struct chat_session *s = &p->found.s;

	if (p->asker.is_agent && !was_his)
		publish_chat_admit(req, s, s->agent);
	publish_chat_said(req, s, &p->said);
}

static int
reply_said(struct reply *out, const struct post *p)
{
	const struct chat_said *said = &p->said;
	struct buffer *b = &out->body;

	buffer_puts(b, "{\"success\":true,\"response\":");
	if (said->has_bot)
		json_string(b, said->bot.text, said->bot.text_len);
	else
		buffer_puts(b, "\"\"");
	buffer_puts(b, ",\"sessionId\":");
	json_puts(b, p->found.s.id);
	buffer_puts(b, ",\"messageId\":");
	bson_scalar_json(b, &said->line.id);
	buffer_puts(b, ",\"seq\":");
	json_int(b, said->line.n);
	buffer_puts(b, ",\"duplicate\":");
	json_boolean(b, p->result == STORE_DUPLICATE);
	buffer_char(b, '}');
	return reply_json(out, 200);
}

static int
run(struct request *req, struct reply *out, struct post *p)
{
	int status = chat_asker_take(&p->asker, req, out);
	bool was_his;

	if (status == 0)
		status = find(req, out, p);
	if (status != 0)
		return status;
	was_his = p->asker.is_agent && is_his(req, &p->found.s);
	p->result = say(req, p);
	if (p->result == STORE_OK)
		publish(req, p, was_his);
	return p->result == STORE_OK || p->result == STORE_DUPLICATE
		   ? reply_said(out, p)
		   : chat_refuse(out, p->result);
}

/*
 * A refusal forgets the cookie of a new guest.  Where his line may have been
 * stored, it is by that cookie alone that his retry is known as one.
 */
static int
post(struct request *req, struct reply *out, const struct chat_request *r)
{
	AUTO_BUFFER struct buffer cookie = {0};
	struct post p = {.r = r, .result = STORE_ABSENT};
	int status;

	chat_found_init(&p.found);
	chat_said_init(&p.said);
	meet_guest(req, out, &p);
	buffer_put(&cookie, out->head.data, out->head.len);
	status = run(req, out, &p);
	if (status == 503)
		buffer_put(&out->head, cookie.data, cookie.len);
	account(req, r, p.result);
	chat_said_release(&p.said);
	chat_found_release(&p.found);
	return status;
}

int
chat_post(struct request *req, struct reply *out)
{
	struct chat_request r;
	struct flaw flaw;
	bool good = take(&r, req, &flaw);
	long wait_s = take_token(req, &r);

	if (wait_s > 0)
		return reply_limited(out, wait_s, "messages");
	if (good)
		return post(req, out, &r);
	account(req, &r, STORE_FORBIDDEN);
	return reply_flaw(out, &flaw);
}
