/*
 * dialect_socketio.c: Socket.IO 5 in Engine.IO 4, over WebSocket only.
 *
 * A frame begins with a digit of Engine.IO; 4, a message, is followed by a
 * digit of Socket.IO.  One namespace, "/"; no binary.  Source: the documents
 * of engine.io-protocol (revision 4) and socket.io-protocol (revision 5).
 */
#include "ws/dialect.h"

#include <stdio.h>
#include <string.h>

#include "ws/said.h"

#define ACK_DIGITS 10
#define NAMESPACE_BYTES 64

/* --- reading --- */

static void
take(struct span *rest, size_t n)
{
	rest->at += n;
	rest->len -= n;
}

/* The first byte of the rest, taken off; 0 where there is none. */
static char
take_digit(struct span *rest)
{
	char digit = rest->len > 0 ? rest->at[0] : '\0';

	if (digit)
		take(rest, 1);
	return digit;
}

/* "/name," or, at the end, "/name".  The main one, "/", comes out empty. */
static struct span
take_namespace(struct span *rest)
{
	struct span name = {rest->at, 0};
	const char *comma;

	if (rest->len == 0 || rest->at[0] != '/')
		return name;
	comma = memchr(rest->at, ',', rest->len);
	name.len = comma ? (size_t)(comma - rest->at) : rest->len;
	take(rest, name.len + (comma != NULL));
	if (name.len == 1)
		name.len = 0;
	return name;
}

static struct span
take_ack(struct span *rest)
{
	struct span ack = {rest->at, 0};

	while (ack.len < rest->len && rest->at[ack.len] >= '0' &&
	       rest->at[ack.len] <= '9')
		ack.len++;
	take(rest, ack.len);
	return ack.len > 0 ? ack : (struct span){0};
}

/* 40 or 40{"token":s}; without a token the cookie counts. */
static void
read_connect(struct span rest, struct said *said)
{
	if (rest.len > 0 && !said_scan(said, &rest, '{'))
		return;
	said->kind = SAID_AUTH;
	said->token = json_member(rest, "token");
	if (json_kind(said->token) != '"')
		said->token = (struct span){0};
}

/* 42["name",data] or 42<ack>["name",data]; further items are ignored. */
static void
read_event(struct span rest, struct said *said)
{
	struct span ack = take_ack(&rest);

	if (ack.len > ACK_DIGITS)
		said_flaw(said, "bad_json", "an ack has more than 10 digits");
	else if (said_scan(said, &rest, '['))
		said_event(said, json_item(rest, 0), json_item(rest, 1), ack);
}

/* Its name comes back, so only one of harmless letters is answered. */
static bool
is_plain_name(struct span name)
{
	if (name.len > NAMESPACE_BYTES)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] <= ' ' || name.at[i] >= 0x7f)
			return false;
	return true;
}

static void
read_elsewhere(char type, struct span name, struct said *said)
{
	if (type != '0' || !is_plain_name(name)) {
		said_flaw(said, "bad_json", "there is no such namespace");
		return;
	}
	said->kind = SAID_REPLY;
	(void)snprintf(said->text, sizeof(said->text),
	    "44%.*s,{\"message\":\"Invalid namespace\"}\n", (int)name.len,
	    name.at);
}

/* What follows the 4 of Engine.IO. */
static void
read_message(struct span rest, struct said *said)
{
	char type = take_digit(&rest);
	struct span name = take_namespace(&rest);

	if (type == '5' || type == '6') {
		said_flaw(said, "bad_type", "binary is not supported");
		return;
	}
	if (name.len > 0) {
		read_elsewhere(type, name, said);
		return;
	}
	switch (type) {
	case '0':
		read_connect(rest, said);
		break;
	case '1':
		said->kind = SAID_LEAVE;
		break;
	case '2':
		read_event(rest, said);
		break;
	case '3': /* its answer: we ask for none */
		break;
	default:
		said_flaw(said, "bad_json", "an unknown packet of Socket.IO");
		break;
	}
}

static void
read_ping(struct span rest, struct said *said)
{
	if (rest.len > 0 && !span_is(rest, "probe")) {
		said_flaw(said, "bad_json", "a ping holds something else");
		return;
	}
	said->kind = SAID_PING;
	said->data = rest;
}

static void
socketio_read(struct span line, struct said *said)
{
	*said = (struct said){.kind = SAID_NOTHING};
	if (line.len == 0)
		return;
	switch (take_digit(&line)) {
	case '1': /* close */
		said->kind = SAID_LEAVE;
		break;
	case '2':
		read_ping(line, said);
		break;
	case '4':
		read_message(line, said);
		break;
	case '3': /* pong */
	case '5': /* upgrade, to the WebSocket that it is */
	case '6': /* noop */
		break;
	case 'b':
		said_flaw(said, "bad_type", "binary is not supported");
		break;
	default:
		said_flaw(said, "bad_json", "an unknown packet of Engine.IO");
		break;
	}
}

/* --- writing --- */

static void
socketio_open(struct queue *out, const struct greeting *greeting)
{
	char limits[128];

	(void)snprintf(limits, sizeof(limits),
	    "\",\"upgrades\":[],\"pingInterval\":%ld,\"pingTimeout\":%ld,"
	    "\"maxPayload\":%ld}\n",
	    greeting->ping_ms, greeting->timeout_ms, greeting->line_bytes);
	queue_puts(out, "0{\"sid\":\"");
	queue_puts(out, greeting->sid);
	queue_puts(out, limits);
}

static void
socketio_bound(struct queue *out, const struct greeting *greeting)
{
	queue_puts(out, "40{\"sid\":\"");
	queue_puts(out, greeting->sid);
	queue_puts(out, "\"}\n");
}

static void
socketio_event(struct queue *out, struct span name, struct span data)
{
	queue_puts(out, "42[\"");
	queue_span(out, name);
	queue_puts(out, "\",");
	queue_span(out, data);
	queue_puts(out, "]\n");
}

/* A failure is the one argument too: its envelope says so. */
static void
socketio_ack(
    struct queue *out, struct span ack, struct span answer, bool failed)
{
	(void)failed;
	queue_puts(out, "43");
	queue_span(out, ack);
	queue_puts(out, "[");
	queue_span(out, answer);
	queue_puts(out, "]\n");
}

static void
socketio_ping(struct queue *out)
{
	queue_puts(out, "2\n");
}

static void
socketio_pong(struct queue *out, struct span data)
{
	queue_puts(out, "3");
	queue_span(out, data);
	queue_puts(out, "\n");
}

static void
socketio_refused(struct queue *out)
{
	queue_puts(out, "44{\"message\":\"unauthorized\"}\n");
}

const struct dialect dialect_socketio = {
    .name = "socketio",
    .path = "/socket.io/",
    .idle_rule = true,
    .events = &conversation_events,
    .message_id = "message.id",
    .prove_first = "prove first who you are",
    .join_first = "join the conversation first",
    .read = socketio_read,
    .open = socketio_open,
    .bound = socketio_bound,
    .event = socketio_event,
    .ack = socketio_ack,
    .ping = socketio_ping,
    .pong = socketio_pong,
    .refused = socketio_refused,
};
