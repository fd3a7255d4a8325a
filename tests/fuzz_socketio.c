/*
 * All dialects: whatever a line says, what is said in answer is itself a
 * frame of that dialect.  Input: which dialect, the line.
 */
#include "tests/fuzz.h"

#include "ws/dialect.h"
#include "ws/event.h"

#define OUT_BYTES (256 * 1024)

static const struct dialect *const dialects[] = {
    &dialect_socketio,
    &dialect_native,
    &dialect_chat,
};

static char bytes[OUT_BYTES];
static struct queue out;

static void
begin(void)
{
	queue_init(&out, bytes, sizeof(bytes));
	queue_begin(&out);
}

/* Is what was put one line: JSON, behind digits of Socket.IO's where so? */
static void
expect_frame(const struct dialect *dialect)
{
	struct json_object *read;
	struct span line;

	assert(queue_commit(&out));
	line = queue_head(&out);
	assert(memchr(line.at, '\n', line.len) == line.at + line.len - 1);
	line.len--;
	while (dialect == &dialect_socketio && line.len > 0 &&
	       line.at[0] >= '0' && line.at[0] <= '9') {
		line.at++;
		line.len--;
	}
	read = second_opinion(line.at, line.len);
	assert(read);
	json_object_put(read);
}

static void
answer_event(const struct dialect *dialect, const struct said *said)
{
	const struct event_row *row = event_find(dialect->events, said->event);
	struct span none = {0};
	char id[256];

	begin();
	error_frame(dialect, &out, "bad_field", "a \"reason\"",
	    json_member(said->data, "conversationId"),
	    json_path(said->data, dialect->message_id));
	expect_frame(dialect);
	if (said->ack.at && dialect != &dialect_chat) {
		begin();
		dialect->ack(&out, said->ack, SPAN("{}"), true);
		expect_frame(dialect);
	}
	if (json_kind(said->data) == '{') {
		begin();
		dialect->event(&out, SPAN("name"), said->data);
		expect_frame(dialect);
	}
	if (row && event_room(row, said->data, id, sizeof(id)))
		for (size_t i = 0; id[i]; i++)
			assert(id[i] > ' ' && id[i] < 0x7f);
	if (!row || event_flaw(row, said->data, true) || !row->method)
		return;
	begin();
	event_body(row, said->data, json_member(said->data, "sessionId"), &out);
	queue_puts(&out, "\n");
	expect_frame(&dialect_native);
	begin();
	error_frame(dialect, &out, row->name, row->name, none, none);
	expect_frame(dialect);
}

static void
answer(const struct dialect *dialect, const struct said *said)
{
	switch (said->kind) {
	case SAID_EVENT:
		assert(json_kind(said->event) == '"');
		answer_event(dialect, said);
		break;
	case SAID_AUTH:
		assert(!said->token.at || json_kind(said->token) == '"');
		break;
	case SAID_FLAW:
		assert(said->code && said->reason);
		break;
	case SAID_REPLY:
		assert(strchr(said->text, '\n') + 1 ==
		       said->text + strlen(said->text));
		break;
	case SAID_PING:
		begin();
		dialect->pong(&out, said->data);
		assert(queue_commit(&out) && queue_length(&out) <= 32);
		break;
	case SAID_NOTHING:
	case SAID_LEAVE:
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span line = {(const char *)data, size};
	const struct dialect *dialect = dialects[take_number(&line, 1) % 3];
	struct said said;

	/* A line holds no LF: that is its end. */
	if (line.len > 0 && memchr(line.at, '\n', line.len))
		line.len =
		    (size_t)((const char *)memchr(line.at, '\n', line.len) -
			     line.at);
	dialect->read(line, &said);
	answer(dialect, &said);
	return 0;
}
