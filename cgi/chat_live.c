/*
 * POST /api/chat/live: what a relay asks at its client's init: whose its
 * connection is, and what he sees first.
 *
 * Takes a body as chat_init says.  A visitor's connection is bound to his
 * session, and gets the newest lines of it; an agent's to the desk, and joins
 * the sessions that he has claimed.  The hub knows both before we answer.
 */
#include "cgi/chat.h"

#include "cgi/chat_asker.h"
#include "cgi/json_out.h"
#include "cgi/publish.h"
#include "cgi/publish_chat.h"
#include "cgi/schema_chat.h"
#include "cgi/store_chat_list.h"

#define HISTORY_BYTES_MAX (128 * 1024) /* half of what waits for a client */

/* --- an agent --- */

struct joins {
	struct request *req;
	bool lost; /* the hub did not take one */
};

static void
join(void *arg, const struct chat_session *s)
{
	struct joins *joins = arg;

	if (!joins->lost)
		joins->lost = !publish_chat_join(joins->req, s);
}

static int
live_agent(struct request *req, struct reply *out)
{
	const struct chat_list_query claimed = {
	    .status = CHAT_ACTIVE,
	    .waiting = -1,
	    .claimed = 1,
	    .agent = req->caller.ids[0],
	    .limit = CHAT_LIST_MAX,
	};
	struct joins joins = {.req = req};
	enum store_result result;
	bool more;

	if (!publish_chat_agent(req))
		return reply_unavailable(out, HUB_AWAY);
	result = store_chat_list(req->store, &claimed, join, &joins, &more);
	if (result != STORE_OK)
		return chat_refuse(out, result);
	if (joins.lost)
		return reply_unavailable(out, HUB_AWAY);
	buffer_puts(&out->body, "{\"success\":true,\"role\":\"agent\"}");
	return reply_json(out, 200);
}

/* --- a visitor --- */

/* His active session; else the one that he names, if it is his; else a new. */
static int
find(struct request *req, struct reply *out, const struct chat_init *r,
    struct chat_found *found)
{
	struct chat_asker asker;
	enum store_result result = STORE_ABSENT;
	int status = chat_asker_take(&asker, req, out);

	if (status != 0)
		return status;
	if (r->session_id)
		result = store_chat_active(req->store, &asker, found);
	if (r->session_id && result == STORE_ABSENT)
		result =
		    store_chat_look(req->store, &asker, r->session_id, found);
	if (result == STORE_ABSENT)
		return chat_open(
		    req, out, &asker, chat_name(req, r->user_name), found);
	return result == STORE_OK ? 0 : chat_refuse(out, result);
}

/* Bound first: what is not in the history comes as an event. */
static int
reply_session(struct request *req, struct reply *out, struct chat_found *found)
{
	const struct chat_page page = {
	    .limit = CHAT_HISTORY_MAX, .bytes_max = HISTORY_BYTES_MAX};
	struct buffer *b = &out->body;
	enum store_result result;
	int64_t newest;

	if (!publish_chat_visitor(req, &found->s))
		return reply_unavailable(out, HUB_AWAY);
	buffer_puts(b, "{\"success\":true,\"sessionId\":");
	json_puts(b, found->s.id);
	buffer_char(b, ',');
	result = chat_page_json(req, b, found, &page, &newest);
	buffer_puts(b, ",\"seq\":");
	json_int(b, newest);
	buffer_char(b, '}');
	return result == STORE_OK ? reply_json(out, 200)
				  : chat_refuse(out, result);
}

static int
live_visitor(struct request *req, struct reply *out, const struct chat_init *r)
{
	struct chat_found found;
	int status;

	chat_found_init(&found);
	status = find(req, out, r, &found);
	if (status == 0)
		status = reply_session(req, out, &found);
	chat_found_release(&found);
	return status;
}

int
chat_live(struct request *req, struct reply *out)
{
	bool is_agent = chat_is_agent(&req->caller);
	struct chat_init r;
	struct flaw flaw;

	if (!chat_init_take(&r, req->body, &flaw))
		return reply_flaw(out, &flaw);
	if (r.as_agent && !is_agent)
		return chat_refuse_stranger(out);
	return is_agent ? live_agent(req, out) : live_visitor(req, out, &r);
}
