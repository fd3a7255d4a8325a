/*
 * relay_link.c: the hub's lines, and ours to it; see bus.h.
 *
 * A hub that goes costs nobody his connection: we connect again within a
 * second, are bound again, and the client is told to pull.
 */
#include "ws/relay.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ws/frame.h"

/* Spread, since all relays lose the hub at once. */
#define AGAIN_MS_MIN 50
#define AGAIN_MS_MAX 1000

static void
disconnect(struct relay *r)
{
	if (r->hub >= 0)
		(void)close(r->hub);
	r->hub = -1;
	r->connection[0] = '\0';
	r->proof.bound = false;
}

static void
lost(struct relay *r)
{
	disconnect(r);
	proof_lost(r);
	r->due[TIMER_LINK] = r->now_ms + jitter_ms(AGAIN_MS_MIN, AGAIN_MS_MAX);
}

void
link_connect(struct relay *r)
{
	char line[64];

	r->hub = bus_connect(r->options->hub);
	(void)snprintf(line, sizeof(line), "relay\t%d\t%s\n", BUS_VERSION,
	    r->dialect->name);
	if (!link_say(r, line))
		lost(r);
}

bool
link_say(struct relay *r, const char *line)
{
	return r->hub >= 0 && bus_send(r->hub, line, strlen(line)) == 0;
}

void
link_leave(struct relay *r, const char *code)
{
	char line[64];

	(void)snprintf(line, sizeof(line), "bye\t%s\n", code);
	(void)link_say(r, line); /* only counted there; the close tells all */
	disconnect(r);
}

/* --- its lines --- */

static void
on_hello(struct relay *r, const struct span *field)
{
	if (field[2].len != BUS_CONNECTION_BYTES - 1)
		return;
	memcpy(r->connection, field[2].at, field[2].len);
	r->connection[field[2].len] = '\0';
	proof_connected(r);
}

static void
on_bound(struct relay *r, const struct span *field)
{
	proof_bound(r, field[1]);
}

static void
on_event(struct relay *r, const struct span *field)
{
	if (!r->proof.bound)
		return;
	if (r->dialect == &dialect_chat)
		chat_event(r, field[1], field[2]);
	else
		say_event(r, field[1], field[2]);
}

/* The id of a conversation, which is printable ASCII, as a JSON string. */
static struct span
quoted(char *out, size_t cap, struct span id)
{
	size_t len = 0;

	out[len++] = '"';
	for (size_t i = 0; i < id.len && len + 3 < cap; i++) {
		if (id.at[i] == '"' || id.at[i] == '\\')
			out[len++] = '\\';
		out[len++] = id.at[i];
	}
	out[len++] = '"';
	return (struct span){out, len};
}

static void
on_refuse(struct relay *r, const struct span *field)
{
	bool full = span_is(field[1], "rate_limited");
	char id[2 * BUS_CONVERSATION_MAX + 4];

	say_error(r, full ? "rate_limited" : "not_found",
	    full ? "too many conversations are joined" : r->dialect->join_first,
	    quoted(id, sizeof(id), field[2]), (struct span){0});
}

static void
on_resync(struct relay *r, const struct span *field)
{
	(void)field;
	r->pull_due = true;
}

static void
on_end(struct relay *r, const struct span *field)
{
	ending_named(r, field[1]);
}

static const struct {
	const char *word;
	size_t fields; /* at least */
	void (*take)(struct relay *r, const struct span *field);
} lines[] = {
    {"event", 3, on_event},
    {"hello", 3, on_hello},
    {"bound", 2, on_bound},
    {"refuse", 3, on_refuse},
    {"resync", 1, on_resync},
    {"end", 2, on_end},
};

static void
take_line(struct relay *r, const struct frame *frame)
{
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (frame_is(frame, 0, lines[i].word) &&
		    frame->count >= lines[i].fields) {
			lines[i].take(r, frame->field);
			return;
		}
}

void
link_read(struct relay *r)
{
	ssize_t n = bus_receive(r->hub, r->packet, BUS_PACKET_MAX);
	struct span packet = {r->packet, n > 0 ? (size_t)n : 0};
	struct frame frame;

	if (n < 0 && errno == EMSGSIZE)
		r->pull_due = true;
	else if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		lost(r);
	while (r->stage == STAGE_OPEN && frame_next(&packet, &frame))
		take_line(r, &frame);
}
