/*
 * event.c: see event.h.
 */
#include "ws/event.h"

#include <string.h>

#include "ws/bus.h"
#include "ws/json_string.h"

/* clang-format off */
/* What a client may claim about itself; the api refuses what is not so. */
#define CLAIMS {"userEmail", "userEmail"}, {"userRole", "userRole"}

const struct event_row event_rows[] = {
	{"conversation:message", EVENT_REQUEST, "PUT", true, .member = {
		{"conversationId", "conversationId"},
		{"message", "message"},
		{"readSeq", "readSeq"},
		CLAIMS,
	}},
	{"conversation:mark-read", EVENT_REQUEST, "PATCH", .member = {
		{"conversationId", "conversationId"},
		{"messageIds", "markReadMessageIds", .unless = "seq"},
		{"seq", "readSeq"},
		{"readBy", "readBy"},
		CLAIMS,
	}},
	{"conversation:delivered", EVENT_REQUEST, "PATCH", .member = {
		{"conversationId", "conversationId"},
		{"seq", "deliveredSeq"},
		CLAIMS,
	}},
	{"conversation:join", .kind = EVENT_JOIN},
	{"conversation:leave", .kind = EVENT_LEAVE},
	{"conversation:typing", .kind = EVENT_TYPING},
};
/* clang-format on */

const size_t event_row_count = sizeof(event_rows) / sizeof(event_rows[0]);

const struct event_row *
event_find(struct span name)
{
	if (json_kind(name) != '"')
		return NULL;
	for (size_t i = 0; i < event_row_count; i++)
		if (json_string_equals(name.at + 1, event_rows[i].name,
			strlen(event_rows[i].name)))
			return &event_rows[i];
	return NULL;
}

const char *
event_flaw(const struct event_row *row, struct span data)
{
	char id[BUS_CONVERSATION_MAX + 1];
	char typing;

	if (json_kind(data) != '{')
		return "data must be an object";
	if (row->kind == EVENT_REQUEST)
		return NULL;
	if (!event_conversation(data, id, sizeof(id)))
		return "conversationId must be 1 to 128 printable ASCII "
		       "characters without blanks";
	typing = json_kind(json_member(data, "isTyping"));
	if (row->kind == EVENT_TYPING && typing != 't' && typing != 'f')
		return "isTyping must be true or false";
	return NULL;
}

/* Absent, or null: the api takes both for the same. */
static bool
is_given(struct span value)
{
	return value.at && json_kind(value) != 'n';
}

static void
put_member(
    struct queue *out, const char *before, const char *name, struct span value)
{
	queue_puts(out, before);
	queue_puts(out, "\"");
	queue_puts(out, name);
	queue_puts(out, "\":");
	queue_span(out, value);
}

void
event_body(const struct event_row *row, struct span data, struct queue *out)
{
	const struct event_member *member = row->member;
	const struct event_member *end = member + EVENT_MEMBERS;
	const char *before = "{";

	for (; member < end && member->from; member++) {
		struct span value = json_member(data, member->from);

		if (!is_given(value))
			continue;
		if (member->unless &&
		    is_given(json_member(data, member->unless)))
			continue;
		put_member(out, before, member->to, value);
		before = ",";
	}
	queue_puts(out, *before == '{' ? "{}" : "}");
}

bool
event_conversation(struct span data, char *out, size_t cap)
{
	size_t len = 0;

	if (cap > BUS_CONVERSATION_MAX + 1)
		cap = BUS_CONVERSATION_MAX + 1;
	if (!json_text(json_member(data, "conversationId"), out, cap))
		return false;
	while (out[len] > ' ' && out[len] < 0x7f)
		len++;
	return len > 0 && out[len] == '\0';
}
