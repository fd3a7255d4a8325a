/*
 * relay_answer.c: the api's answer to an event, as ack, status or error.
 *
 * A send is told twice: by its ack, where asked for, and by message:status or
 * error, since first clients ask for no acks.  Failures keep the api's own
 * envelope.  To add an event: its row is in event.c; what its success says
 * beyond {"success":true} belongs here.
 */
#include "ws/relay.h"

#include "ws/scan.h"

#define OK 200
#define REASON_BYTES 512
#define CODE_BYTES 32

/*
 * The answer as one line: blanks for the LF at its end, and for any other raw
 * control, which JSON has outside strings only.
 */
static void
flatten(struct span body)
{
	char *at = (char *)body.at; /* fcgi_client.c's, which is done with it */

	for (size_t i = 0; i < body.len; i++)
		if ((unsigned char)at[i] < 0x20)
			at[i] = ' ';
}

/* Absent where it is no JSON object: cut, or of somebody else. */
static struct span
object_in(struct span body)
{
	struct scan_flaw flaw;

	if (!scan_check(body.at, body.len, &flaw))
		return (struct span){0};
	flatten(body);
	while (body.len > 0 && *body.at == ' ') {
		body.at++;
		body.len--;
	}
	while (body.len > 0 && body.at[body.len - 1] == ' ')
		body.len--;
	return json_kind(body) == '{' ? body : (struct span){0};
}

bool
answer_is_unwritten(struct span body)
{
	return span_is(json_member(object_in(body), "written"), "false");
}

/* --- success --- */

static void
compose(struct queue *scratch)
{
	queue_consume(scratch, queue_length(scratch));
	queue_begin(scratch);
}

static void
put(struct queue *scratch, const char *member, struct span value)
{
	queue_puts(scratch, member);
	if (value.at)
		queue_span(scratch, value);
	else
		queue_puts(scratch, "null");
}

static void
ack_send(struct relay *r, const struct task *task, struct span answer)
{
	compose(&r->scratch);
	put(&r->scratch,
	    "{\"success\":true,\"message\":", json_member(answer, "message"));
	put(&r->scratch, ",\"seq\":", json_path(answer, "message.seq"));
	put(&r->scratch, ",\"duplicate\":", json_member(answer, "duplicate"));
	queue_puts(&r->scratch, "}");
	if (queue_commit(&r->scratch))
		say_ack(r, task->ack, queue_head(&r->scratch), false);
}

static void
say_sent(struct relay *r, const struct task *task, struct span answer)
{
	compose(&r->scratch);
	put(&r->scratch, "{\"conversationId\":", data_conversation(task->data));
	put(&r->scratch, ",\"messageId\":", json_path(answer, "message.id"));
	put(&r->scratch,
	    ",\"status\":\"sent\",\"seq\":", json_path(answer, "message.seq"));
	queue_puts(&r->scratch, "}");
	if (queue_commit(&r->scratch))
		say_event(r, SPAN("message:status"), queue_head(&r->scratch));
}

static void
succeeded(struct relay *r, const struct task *task, struct span answer)
{
	if (task->row->is_send) {
		ack_send(r, task, answer);
		say_sent(r, task, answer);
	} else if (r->dialect == &dialect_chat) {
		chat_sent(r, answer);
	} else {
		say_ack(r, task->ack, SPAN("{\"success\":true}"), false);
	}
}

/* --- failure --- */

static void
failed(struct relay *r, const struct task *task, struct span envelope)
{
	char code[CODE_BYTES], reason[REASON_BYTES];

	if (!json_text(json_member(envelope, "code"), code, sizeof(code)) ||
	    !json_text(
		json_member(envelope, "reason"), reason, sizeof(reason))) {
		say_failure(r, task, "internal", "the answer says no reason",
		    "\"unknown\"");
		return;
	}
	say_ack(r, task->ack, envelope, true);
	say_error(r, code, reason, data_conversation(task->data),
	    data_message_id(r, task->data));
}

void
answer_take(
    struct relay *r, const struct task *task, int status, struct span body)
{
	struct span answer = object_in(body);
	bool is_init = task->row->kind == EVENT_INIT;

	if (!answer.at ||
	    (status == OK && is_init && !chat_opened(r, task, answer)))
		say_failure(r, task, "unavailable",
		    "the answer is unreadable: send it again", "\"unknown\"");
	else if (status != OK)
		failed(r, task, answer);
	else if (!is_init)
		succeeded(r, task, answer);
}

void
answer_take_bind(struct relay *r, int status, struct span body)
{
	if (status == OK && r->dialect == &dialect_chat &&
	    !chat_opened(r, &r->chat.init, object_in(body)))
		status = 0;
	proof_answer(r, status);
}
