/*
 * dialect.c: see dialect.h: the table of dialects, and errors in any of them.
 */
#include "ws/dialect.h"

#include <stdio.h>

#define ERROR_BYTES (2 * 1024)
#define ERROR_ID_BYTES 256 /* escapes and all; longer ones are no ids */

static const struct dialect *const dialects[] = {
    &dialect_native,
    &dialect_socketio,
    &dialect_chat,
};

const struct dialect *
dialect_find(const char *path)
{
	for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++)
		if (span_is(span_of(path), dialects[i]->path))
			return dialects[i];
	return NULL;
}

/* A string of ours, or of the api's, as JSON. */
static void
put_text(struct queue *out, const char *text)
{
	queue_puts(out, "\"");
	for (; *text; text++) {
		char escaped[8];

		if ((unsigned char)*text < 0x20 || *text == '"' ||
		    *text == '\\') {
			(void)snprintf(escaped, sizeof(escaped), "\\u%04x",
			    (unsigned char)*text);
			queue_puts(out, escaped);
		} else {
			queue_put(out, text, 1);
		}
	}
	queue_puts(out, "\"");
}

static void
put_id(struct queue *out, const char *member, struct span id)
{
	char kind = json_kind(id);

	if ((kind != '"' && kind != '0') || id.len > ERROR_ID_BYTES)
		return;
	queue_puts(out, member);
	queue_span(out, id);
}

void
error_data(struct queue *out, const char *code, const char *reason,
    struct span conversation_id, struct span message_id)
{
	queue_puts(out, "{\"code\":");
	put_text(out, code);
	queue_puts(out, ",\"reason\":");
	put_text(out, reason);
	queue_puts(out, ",\"message\":");
	put_text(out, reason);
	put_id(out, ",\"conversationId\":", conversation_id);
	put_id(out, ",\"messageId\":", message_id);
	queue_puts(out, "}");
}

void
error_frame(const struct dialect *dialect, struct queue *out, const char *code,
    const char *reason, struct span conversation_id, struct span message_id)
{
	char bytes[ERROR_BYTES];
	struct queue data;

	queue_init(&data, bytes, sizeof(bytes));
	queue_begin(&data);
	error_data(&data, code, reason, conversation_id, message_id);
	if (!queue_commit(&data)) {
		queue_begin(&data);
		error_data(
		    &data, code, code, (struct span){0}, (struct span){0});
		(void)queue_commit(&data); /* a code always fits */
	}
	dialect->event(out, SPAN("error"), queue_head(&data));
}
