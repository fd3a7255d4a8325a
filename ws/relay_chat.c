/*
 * relay_chat.c: what only /chat does.
 *
 * Its client opens the chat with init, an event like a send, whose answer is
 * its history.  The last one is kept: whenever something may have been lost we
 * send it again by ourselves, and the client gets the history once more.  The
 * hub is not read meanwhile, so that whatever comes after a history is newer.
 */
#include "ws/relay.h"

#include <stdlib.h>
#include <string.h>

#define NOT_FOUND 404
#define NUMBER_BYTES 20

bool
chat_is_begun(const struct relay *r)
{
	struct task task;

	return r->chat.is_open || task_first(r, &task);
}

bool
chat_is_opening(const struct relay *r)
{
	struct task task;

	if (r->dialect != &dialect_chat || r->errand == ERRAND_NONE)
		return false;
	return r->errand == ERRAND_BIND ||
	       (task_first(r, &task) && task.row->kind == EVENT_INIT);
}

/* --- what its client is told --- */

/* {member: value}, and which session it is about, for agents have many. */
static bool
say(struct relay *r, struct span type, const char *member, struct span value,
    struct span session)
{
	struct queue *data = &r->scratch;

	queue_consume(data, queue_length(data));
	queue_begin(data);
	queue_puts(data, "{\"");
	queue_puts(data, member);
	queue_puts(data, "\":");
	queue_span(data, value);
	if (r->chat.is_agent && session.at) {
		queue_puts(data, ",\"sessionId\":");
		queue_span(data, session);
	}
	queue_puts(data, "}");
	if (!queue_commit(data))
		return false;
	say_event(r, type, queue_head(data));
	return true;
}

/* --- init --- */

static int64_t
number(struct span value)
{
	char text[NUMBER_BYTES] = "";

	if (json_kind(value) == '0' && value.len < sizeof(text))
		memcpy(text, value.at, value.len);
	return strtoll(text, NULL, 10);
}

static bool
is_session(struct span id)
{
	return json_kind(id) == '"' && id.len <= RELAY_SESSION_MAX;
}

static bool
is_same(struct span one, struct span other)
{
	return one.len == other.len && memcmp(one.at, other.at, one.len) == 0;
}

static void
keep(struct relay *r, const struct task *init)
{
	memmove(r->init, init->data.at, init->data.len);
	r->chat.init = *init;
	r->chat.init.data.at = r->init;
}

/* Whoever leaves before it was answered is who he says; the api decides. */
void
chat_forgo(struct relay *r, const struct task *init)
{
	r->chat.is_agent =
	    span_is(json_member(init->data, "role"), "\"agent\"");
}

static bool
open_visitor(struct relay *r, struct span answer, bool in_band)
{
	struct chat *chat = &r->chat;
	struct span id = json_member(answer, "sessionId");
	struct span messages = json_member(answer, "messages");

	if (json_kind(messages) != '[' || !is_session(id) ||
	    !say(r, SPAN("history"), "messages", messages, (struct span){0}))
		return false;
	if (in_band || !is_same(id, chat->session))
		(void)say(
		    r, SPAN("session"), "sessionId", id, (struct span){0});
	memcpy(r->session, id.at, id.len);
	chat->session = (struct span){r->session, id.len};
	chat->seen = number(json_member(answer, "seq"));
	return true;
}

/* What he sees at the desk is not kept here: this tells him to pull. */
static bool
open_agent(struct relay *r)
{
	return say(
	    r, SPAN("session"), "role", SPAN("\"agent\""), (struct span){0});
}

bool
chat_opened(struct relay *r, const struct task *init, struct span answer)
{
	struct chat *chat = &r->chat;
	bool in_band = init != &chat->init;

	chat->is_agent = span_is(json_member(answer, "role"), "\"agent\"");
	if (!(chat->is_agent ? open_agent(r)
			     : open_visitor(r, answer, in_band)))
		return false;
	chat->is_open = true;
	if (in_band) {
		keep(r, init);
		proof_told(r);
	}
	return true;
}

/* --- what follows --- */

/* An agent has many; whose init is repeated stays where he is. */
struct span
chat_session(const struct relay *r, const struct task *task)
{
	bool in_band = task->row->kind == EVENT_INIT && task != &r->chat.init;

	return r->chat.is_agent || in_band
		   ? json_member(task->data, "sessionId")
		   : r->chat.session;
}

/* Another session may have got his line than we are bound to. */
void
chat_sent(struct relay *r, struct span answer)
{
	struct span id = json_member(answer, "sessionId");

	if (!r->chat.is_agent && is_session(id) &&
	    !is_same(id, r->chat.session))
		proof_ask(r);
}

/* A guest's goes to his account when he logs in, on another connection. */
bool
chat_forget(struct relay *r, int status)
{
	bool is_lost = status == NOT_FOUND && r->chat.session.len > 0;

	if (is_lost)
		r->chat.session = (struct span){0};
	return is_lost;
}

bool
chat_room(
    const struct relay *r, const struct task *task, char *room, size_t cap)
{
	return r->chat.is_agent ? event_room(task->row, task->data, room, cap)
				: json_text(r->chat.session, room, cap);
}

static void
on_message(struct relay *r, struct span data)
{
	if (r->chat.is_agent || number(json_member(data, "seq")) > r->chat.seen)
		say_event(r, SPAN("message"), data);
}

static void
on_session(struct relay *r, struct span data)
{
	say_event(r, SPAN("session:updated"), data);
}

static void
on_typing(struct relay *r, struct span data)
{
	(void)say(r, SPAN("typing"), "isTyping", json_member(data, "isTyping"),
	    json_member(data, "conversationId"));
}

static void
on_presence(struct relay *r, struct span data)
{
	(void)say(r, SPAN("presence"), "isOnline",
	    json_member(data, "isOnline"), json_member(data, "conversationId"));
}

static void
on_resync(struct relay *r, struct span data)
{
	(void)data;
	r->pull_due = true;
}

void
chat_event(struct relay *r, struct span name, struct span data)
{
	static const struct {
		const char *name;
		void (*take)(struct relay *r, struct span data);
	} events[] = {
	    {"chat:message", on_message},
	    {"chat:session", on_session},
	    {"conversation:typing", on_typing},
	    {"user:presence", on_presence},
	    {"resync", on_resync},
	};

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (span_is(name, events[i].name))
			events[i].take(r, data);
}
