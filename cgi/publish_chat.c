/*
 * Frames of the bus about the support chat (see publish_chat.h).
 */
#include "cgi/publish_chat.h"

#include <inttypes.h>

#include "cgi/chat_json.h"
#include "cgi/clock.h"
#include "cgi/hub.h"
#include "cgi/json_out.h"
#include "cgi/publish.h"
#include "cgi/publish_order.h"

#define NOBODY "" /* no agent has that identity: all leave */
#define GUEST_S (CHAT_IDLE_DAYS * 24 * 60 * 60)

/* --- events --- */

static struct buffer *
begin_event(struct request *req, const char *event, const char *except)
{
	struct buffer *b = &req->live;

	buffer_reset(b);
	buffer_printf(b, "publish\t%s\t%" PRId64 "\t%s\n", event, req->began_us,
	    except ? except : "-");
	return b;
}

static void
end_event(const struct buffer *b)
{
	if (!hub_send(b->data, b->len))
		hub_lost();
}

/* An agent has several sessions: he is told which it is about. */
static void
put_for_agent(struct buffer *b, const struct chat_session *s,
    const struct chat_line *line)
{
	size_t brace;

	buffer_printf(b, "Agent:%s\t{\"sessionId\":", s->agent);
	json_puts(b, s->id);
	brace = b->len;
	chat_line_json(b, s, line);
	b->data[brace] = ',';
	buffer_char(b, '\n');
}

/* The bot speaks to all, a person has seen what he wrote. */
static void
tell_line(struct request *req, const struct chat_session *s,
    const struct chat_line *line)
{
	struct buffer *b = begin_event(req, "chat:message",
	    line->sender == CHAT_BOT ? NULL : publish_connection(req));

	buffer_printf(b, "Chat:%s\t", s->id);
	chat_line_json(b, s, line);
	buffer_char(b, '\n');
	if (*s->agent)
		put_for_agent(b, s, line);
	end_event(b);
}

static void
tell_session(struct request *req, const struct chat_session *s)
{
	struct buffer *b = begin_event(req, "chat:session", NULL);

	buffer_puts(b, "Agents\t{\"session\":");
	chat_session_json(b, s, clock_wall_ms());
	buffer_puts(b, "}\n");
	end_event(b);
}

/*
 * In the order of the writes.  A line that was overtaken still has its number;
 * of the session the desk has heard what is newer.
 */
static void
tell(struct request *req, const struct chat_session *s,
    const struct chat_said *said)
{
	uint64_t key = order_key(s->id);
	bool in_turn;

	if (!hub_is_used() || publish_is_nobody(s->id))
		return;
	in_turn = order_await(req->store->turn, &key, 1, s->rev);
	if (said)
		tell_line(req, s, &said->line);
	if (said && said->has_bot)
		tell_line(req, s, &said->bot);
	if (in_turn)
		tell_session(req, s);
	if (s->status != CHAT_ACTIVE)
		publish_chat_admit(req, s, NOBODY);
	order_end(req->store->turn);
}

void
publish_chat_said(struct request *req, const struct chat_session *s,
    const struct chat_said *said)
{
	tell(req, s, said);
}

void
publish_chat_session(struct request *req, const struct chat_session *s)
{
	tell(req, s, NULL);
}

/* --- who is connected --- */

/* A guest has no session that could be revoked: that is a dash. */
static struct buffer *
begin_bind(struct request *req, const char *connection)
{
	const struct caller *caller = &req->caller;
	bool is_guest = caller->id_count == 0;
	struct buffer *b = &req->live;

	buffer_reset(b);
	buffer_printf(b, "bind\t%s\t%" PRId64 "\t%s", connection,
	    is_guest ? clock_wall_ms() / 1000 + GUEST_S
		     : caller->expires_at + JWT_LEEWAY_S,
	    is_guest ? "-" : caller->session);
	return b;
}

/* The room of that session, as the hub's lines name it behind the joiner. */
static void
put_room(struct buffer *b, const struct chat_session *s, const char *role)
{
	buffer_printf(
	    b, "\t%s\t%s\t%s\tChat:%s\tAgents\n", s->id, s->id, role, s->id);
}

static bool
join(struct request *req, const struct chat_session *s, const char *role)
{
	const char *connection = publish_connection(req);
	struct buffer *b = &req->live;

	if (!connection)
		return true;
	buffer_reset(b);
	buffer_printf(b, "join\t%s", connection);
	put_room(b, s, role);
	return hub_send(b->data, b->len);
}

bool
publish_chat_visitor(struct request *req, const struct chat_session *s)
{
	const char *connection = publish_connection(req);
	struct buffer *b;

	if (!connection || publish_is_nobody(s->id))
		return true;
	b = begin_bind(req, connection);
	buffer_printf(b, "\tVisitor:%s\tChat:%s\t{}\n", s->owner, s->id);
	return hub_send(b->data, b->len) && join(req, s, "customer");
}

bool
publish_chat_agent(struct request *req)
{
	const char *connection = publish_connection(req);
	struct buffer *b;

	if (!connection)
		return true;
	b = begin_bind(req, connection);
	buffer_printf(b, "\tAgent:%s\tAgents\t{}\n", req->caller.ids[0]);
	return hub_send(b->data, b->len);
}

bool
publish_chat_join(struct request *req, const struct chat_session *s)
{
	return publish_is_nobody(s->id) || join(req, s, "seller");
}

void
publish_chat_admit(
    struct request *req, const struct chat_session *s, const char *agent)
{
	struct buffer *b = &req->live;

	if (publish_is_nobody(s->id))
		return;
	buffer_reset(b);
	buffer_printf(b, "admit\tAgent:%s", agent);
	put_room(b, s, "seller");
	if (!hub_send(b->data, b->len))
		hub_lost();
}
