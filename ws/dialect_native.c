/*
 * dialect_native.c: {"event":s,"data":any,"ack":any}, one object a frame.
 */
#include "ws/dialect.h"

#include <stdio.h>

#include "ws/said.h"

static void
native_read(struct span line, struct said *said)
{
	struct span name;

	*said = (struct said){.kind = SAID_NOTHING};
	if (line.len == 0 || !said_scan(said, &line, '{'))
		return;
	name = json_member(line, "event");
	if (span_is(name, "\"ping\""))
		said->kind = SAID_PING;
	else if (!span_is(name, "\"pong\""))
		said_event(said, name, json_member(line, "data"),
		    json_member(line, "ack"));
}

static void
native_bound(struct queue *out, const struct greeting *greeting)
{
	char heartbeat[64];

	(void)snprintf(heartbeat, sizeof(heartbeat), ",\"heartbeat\":%ld}}\n",
	    greeting->ping_ms / 1000);
	queue_puts(out, "{\"event\":\"hello\",\"data\":{");
	queue_span(out, json_inside(greeting->ids_epoch));
	queue_puts(out, heartbeat);
}

static void
native_event(struct queue *out, struct span name, struct span data)
{
	queue_puts(out, "{\"event\":\"");
	queue_span(out, name);
	queue_puts(out, "\",\"data\":");
	queue_span(out, data);
	queue_puts(out, "}\n");
}

static void
native_ack(struct queue *out, struct span ack, struct span answer, bool failed)
{
	queue_puts(out, "{\"ack\":");
	queue_span(out, ack);
	queue_puts(out, failed ? ",\"error\":" : ",\"data\":");
	queue_span(out, answer);
	queue_puts(out, "}\n");
}

static void
native_ping(struct queue *out)
{
	queue_puts(out, "{\"event\":\"ping\"}\n");
}

static void
native_pong(struct queue *out, struct span data)
{
	(void)data;
	queue_puts(out, "{\"event\":\"pong\"}\n");
}

const struct dialect dialect_native = {
    .name = "native",
    .path = "/ws",
    .idle_rule = true,
    .events = &conversation_events,
    .message_id = "message.id",
    .prove_first = "prove first who you are",
    .join_first = "join the conversation first",
    .read = native_read,
    .open = no_greeting,
    .bound = native_bound,
    .event = native_event,
    .ack = native_ack,
    .ping = native_ping,
    .pong = native_pong,
    .refused = no_line,
};
