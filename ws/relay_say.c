/*
 * relay_say.c: all that is ever said to the client, in its dialect.
 *
 * A line is put whole or, where the queue has no room for it, not at all; the
 * client then pulls.  Nothing is said once the last frame is.
 */
#include "ws/relay.h"

#include <assert.h>

#define ENVELOPE_BYTES 1024

static bool
begin(struct relay *r)
{
	if (r->stage != STAGE_OPEN)
		return false;
	queue_begin(&r->out);
	return true;
}

static void
commit(struct relay *r)
{
	if (!queue_commit(&r->out))
		r->pull_due = true;
}

static struct greeting
greeting(const struct relay *r, struct span ids_epoch)
{
	return (struct greeting){
	    .ids_epoch = ids_epoch,
	    .sid = r->sid,
	    .ping_ms = r->options->heartbeat_ms,
	    .timeout_ms = r->options->pong_ms,
	    .line_bytes = r->options->line_bytes,
	};
}

void
say_open(struct relay *r)
{
	struct greeting g = greeting(r, (struct span){0});

	if (begin(r)) {
		r->dialect->open(&r->out, &g);
		commit(r);
	}
}

void
say_bound(struct relay *r, struct span ids_epoch)
{
	struct greeting g = greeting(r, ids_epoch);

	if (begin(r)) {
		r->dialect->bound(&r->out, &g);
		commit(r);
	}
}

void
say_refused(struct relay *r)
{
	if (begin(r)) {
		r->dialect->refused(&r->out);
		commit(r);
	}
}

void
say_ping(struct relay *r)
{
	if (begin(r)) {
		r->dialect->ping(&r->out);
		commit(r);
	}
}

void
say_pong(struct relay *r, struct span data)
{
	if (begin(r)) {
		r->dialect->pong(&r->out, data);
		commit(r);
	}
}

void
say_line(struct relay *r, const char *line)
{
	if (begin(r)) {
		queue_puts(&r->out, line);
		commit(r);
	}
}

void
say_event(struct relay *r, struct span name, struct span data)
{
	if (begin(r)) {
		r->dialect->event(&r->out, name, data);
		commit(r);
	}
}

void
say_error(struct relay *r, const char *code, const char *reason,
    struct span conversation_id, struct span message_id)
{
	if (begin(r)) {
		error_frame(r->dialect, &r->out, code, reason, conversation_id,
		    message_id);
		commit(r);
	}
}

void
say_ack(struct relay *r, struct span ack, struct span answer, bool failed)
{
	if (ack.at && begin(r)) {
		r->dialect->ack(&r->out, ack, answer, failed);
		commit(r);
	}
}

/* The api's envelope of failures; the words are ours, plain ASCII. */
void
say_ack_failure(struct relay *r, struct span ack, const char *code,
    const char *reason, const char *written)
{
	const char *const part[] = {"{\"success\":false,\"reason\":\"", reason,
	    "\",\"error\":\"", reason, "\",\"code\":\"", code,
	    "\",\"written\":", written, "}"};
	char bytes[ENVELOPE_BYTES];
	struct queue envelope;
	bool fits;

	queue_init(&envelope, bytes, sizeof(bytes));
	queue_begin(&envelope);
	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++)
		queue_puts(&envelope, part[i]);
	fits = queue_commit(&envelope);
	assert(fits);
	say_ack(r, ack, queue_head(&envelope), true);
}

void
say_failure(struct relay *r, const struct task *task, const char *code,
    const char *reason, const char *written)
{
	say_ack_failure(r, task->ack, code, reason, written);
	say_error(r, code, reason, data_conversation(task->data),
	    data_message_id(r, task->data));
}

struct span
data_conversation(struct span data)
{
	return json_member(data, "conversationId");
}

struct span
data_message_id(const struct relay *r, struct span data)
{
	return json_path(data, r->dialect->message_id);
}
