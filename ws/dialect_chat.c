/*
 * dialect_chat.c: the support widget's frames, {"type":s, members}.
 *
 * The type is the event's name, the whole object its data.
 */
#include "ws/dialect.h"

#include "ws/said.h"

static void
chat_read(struct span line, struct said *said)
{
	struct span type;

	*said = (struct said){.kind = SAID_NOTHING};
	if (line.len == 0 || !said_scan(said, &line, '{'))
		return;
	type = json_member(line, "type");
	if (span_is(type, "\"ping\"")) {
		said->kind = SAID_PING;
	} else if (json_kind(type) != '"') {
		said_flaw(said, "bad_field", "type must be a string");
	} else if (!span_is(type, "\"pong\"")) {
		said->kind = SAID_EVENT;
		said->event = type;
		said->data = line;
	}
}

static void
chat_event(struct queue *out, struct span name, struct span data)
{
	struct span members = json_inside(data);

	queue_puts(out, "{\"type\":\"");
	queue_span(out, name);
	queue_puts(out, members.len > 0 ? "\"," : "\"");
	queue_span(out, members);
	queue_puts(out, "}\n");
}

/* No frame of the widget asks for an answer of its own. */
static void
chat_ack(struct queue *out, struct span ack, struct span answer, bool failed)
{
	(void)out;
	(void)ack;
	(void)answer;
	(void)failed;
}

static void
chat_ping(struct queue *out)
{
	queue_puts(out, "{\"type\":\"ping\"}\n");
}

static void
chat_pong(struct queue *out, struct span data)
{
	(void)data;
	queue_puts(out, "{\"type\":\"pong\"}\n");
}

const struct dialect dialect_chat = {
    .name = "chat",
    .path = "/chat",
    .idle_rule = false,
    .events = &chat_events,
    .message_id = "id",
    .prove_first = "send init first",
    .join_first = "claim the session first",
    .read = chat_read,
    .open = no_greeting,
    .bound = no_greeting,
    .event = chat_event,
    .ack = chat_ack,
    .ping = chat_ping,
    .pong = chat_pong,
    .refused = no_line,
};
