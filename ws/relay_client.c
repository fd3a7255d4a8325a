/*
 * relay_client.c: what the client says, line by line.
 *
 * Stdin is read whatever happens, since websocketd stops at a full pipe for
 * good; so what is too much is dropped and answered, never held back.
 */
#include "ws/relay.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define FLOOD_GAP_MS 1000 /* without a drop: the flood is over */

/* --- events --- */

static bool
room_of(const struct relay *r, const struct task *task, char *id, size_t cap)
{
	if (r->dialect == &dialect_chat)
		return chat_room(r, task, id, cap);
	return event_room(task->row, task->data, id, cap);
}

/* The hub's alone; without a hub nobody could see it, and nothing is lost. */
static void
tell_hub(struct relay *r, const struct task *task, bool typing)
{
	bool on = json_kind(json_member(task->data, "isTyping")) == 't';
	char line[BUS_CONVERSATION_MAX + 32], id[BUS_CONVERSATION_MAX + 1];

	if (!room_of(r, task, id, sizeof(id)))
		id[0] = '\0';
	if (typing)
		(void)snprintf(
		    line, sizeof(line), "typing\t%s\t%d\n", id, (int)on);
	else
		(void)snprintf(line, sizeof(line), "leave\t%s\n", id);
	if (id[0] && r->proof.bound && link_say(r, line))
		say_ack(r, task->ack, SPAN("{\"success\":true}"), false);
	else
		say_ack_failure(r, task->ack, "unavailable",
		    "live events are interrupted", "false");
}

/* Nobody knows yet who this is, nor is about to learn it. */
static bool
is_strange(const struct relay *r, const struct task *task)
{
	if (r->dialect == &dialect_chat)
		return task->row->kind != EVENT_INIT && !chat_is_begun(r);
	return !proof_has_credential(r);
}

static void
take_event(struct relay *r, const struct said *said)
{
	struct task task = {
	    .row = event_find(r->dialect->events, said->event),
	    .deadline_ms = r->now_ms + r->options->deadline_ms,
	    .data = said->data,
	    .ack = said->ack,
	};
	const char *flaw =
	    task.row ? event_flaw(task.row, task.data, r->chat.is_agent)
		     : "there is no such event";

	if (flaw)
		say_failure(r, &task, "bad_field", flaw, "false");
	else if (is_strange(r, &task))
		say_failure(
		    r, &task, "unauthorized", r->dialect->prove_first, "false");
	else if (task.row->kind == EVENT_TYPING)
		tell_hub(r, &task, true);
	else if (task.row->kind == EVENT_LEAVE)
		tell_hub(r, &task, false);
	else if (!task_put(r, &task))
		say_failure(r, &task, "rate_limited",
		    "too many events wait already", "false");
}

/* --- other lines --- */

/* A pong above all, after which an idle client is silent: rest in this turn,
 * as a timer would wake thousands for it every few seconds. */
static void
take_nothing(struct relay *r, const struct said *said)
{
	(void)said;
	r->due[TIMER_REST] = r->now_ms;
}

static void
take_leave(struct relay *r, const struct said *said)
{
	(void)said;
	output_write(r);
	ending_leave(r);
}

static void
take_ping(struct relay *r, const struct said *said)
{
	say_pong(r, said->data);
}

static void
take_flaw(struct relay *r, const struct said *said)
{
	struct task task = {.data = said->data, .ack = said->ack};

	say_failure(r, &task, said->code, said->reason, "false");
}

static void
take_reply(struct relay *r, const struct said *said)
{
	say_line(r, said->text);
}

static void (*const take[])(struct relay *, const struct said *) = {
    [SAID_NOTHING] = take_nothing,
    [SAID_EVENT] = take_event,
    [SAID_AUTH] = proof_auth,
    [SAID_LEAVE] = take_leave,
    [SAID_PING] = take_ping,
    [SAID_FLAW] = take_flaw,
    [SAID_REPLY] = take_reply,
};

/* --- limits --- */

static bool
is_join(const struct relay *r, const struct said *said)
{
	const struct event_row *row =
	    event_find(r->dialect->events, said->event);

	return said->kind == SAID_EVENT && row && row->kind == EVENT_JOIN;
}

static bool
within_rate(struct relay *r, const struct said *said)
{
	const struct relay_options *o = r->options;
	bool join = is_join(r, said);

	return rate_take(join ? &r->joins : &r->events, r->now_ms,
	    o->events_per_second, join ? o->joins_burst : o->events_burst);
}

static void
drop(struct relay *r, const struct said *said)
{
	struct task task = {.data = said->data, .ack = said->ack};

	if (said->kind != SAID_NOTHING)
		say_failure(
		    r, &task, "rate_limited", "too many events", "false");
	if (r->now_ms - r->dropped_ms >= FLOOD_GAP_MS)
		r->flood_ms = r->now_ms;
	r->dropped_ms = r->now_ms;
	if (r->now_ms - r->flood_ms >= r->options->flood_ms)
		ending_begin(r, END_RATE_LIMITED);
}

static void
take_line(struct relay *r, struct span line)
{
	struct said said;

	if (r->dialect->idle_rule)
		r->due[TIMER_SILENCE] = r->now_ms + r->options->silence_ms;
	r->dialect->read(line, &said);
	if (said.kind != SAID_LEAVE && !within_rate(r, &said))
		drop(r, &said);
	else
		take[said.kind](r, &said);
}

/* --- stdin --- */

static void
take_lines(struct relay *r)
{
	struct span line;

	while (r->stage == STAGE_OPEN && line_next(&r->in, &line))
		take_line(r, line);
	if (line_is_too_long(&r->in))
		ending_begin(r, END_TOO_LARGE);
}

void
client_read(struct relay *r)
{
	size_t room;
	char *to = line_room(&r->in, &room);
	ssize_t n;

	if (r->stage == STAGE_DRAINING) {
		to = r->in.bytes;
		room = r->in.cap;
	}
	n = read(STDIN_FILENO, to, room);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		ending_leave(r);
	} else if (r->stage == STAGE_OPEN) {
		line_filled(&r->in, (size_t)n);
		take_lines(r);
	}
}

void
client_ping(struct relay *r)
{
	say_ping(r);
	r->due[TIMER_REST] = r->now_ms + RELAY_REST_MS;
	r->due[TIMER_PING] = r->now_ms + r->options->heartbeat_ms;
}
