/*
 * event.c: see event.h.
 */
#include "ws/event.h"

#include <string.h>

#include "ws/bus.h"
#include "ws/json_string.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* clang-format off */
#define CONVERSATIONS "/api/conversations", "messages=0"

/* What a client may claim about itself; the api refuses what is not so. */
#define CLAIMS {"userEmail", "userEmail"}, {"userRole", "userRole"}

static const struct event_row conversation_rows[] = {
	{"conversation:message", EVENT_REQUEST, "PUT", CONVERSATIONS, true,
	    .member = {
		{"conversationId", "conversationId"},
		{"message", "message"},
		{"readSeq", "readSeq"},
		CLAIMS,
	}},
	{"conversation:mark-read", EVENT_REQUEST, "PATCH", CONVERSATIONS,
	    .member = {
		{"conversationId", "conversationId"},
		{"messageIds", "markReadMessageIds", .unless = "seq"},
		{"seq", "readSeq"},
		{"readBy", "readBy"},
		CLAIMS,
	}},
	{"conversation:delivered", EVENT_REQUEST, "PATCH", CONVERSATIONS,
	    .member = {
		{"conversationId", "conversationId"},
		{"seq", "deliveredSeq"},
		CLAIMS,
	}},
	{"conversation:join", EVENT_JOIN, .member = {{"conversationId"}}},
	{"conversation:leave", EVENT_LEAVE, .member = {{"conversationId"}}},
	{"conversation:typing", EVENT_TYPING, .member = {{"conversationId"}}},
};

/* First widgets send a sessionId of their own making with each frame: it counts
 * in init alone, where the api decides. */
static const struct event_row chat_rows[] = {
	{"init", EVENT_INIT, "POST", "/api/chat/live", "", .member = {
		{"userId", "userId"},
		{"userName", "userName"},
		{"role", "role"},
		{"sessionId", "sessionId", .is_session = true},
	}},
	{"message", EVENT_REQUEST, "POST", "/api/chat", "", .member = {
		{"text", "message"},
		{"id", "messageId"},
		{"sessionId", "sessionId", .is_session = true},
	}},
	{"typing", EVENT_TYPING, .member = {
		{"sessionId", .is_session = true},
	}},
};
/* clang-format on */

const struct event_table conversation_events = {
    conversation_rows, COUNT(conversation_rows)};
const struct event_table chat_events = {chat_rows, COUNT(chat_rows)};

const struct event_row *
event_find(const struct event_table *table, struct span name)
{
	if (json_kind(name) != '"')
		return NULL;
	for (size_t i = 0; i < table->count; i++)
		if (json_string_equals(name.at + 1, table->row[i].name,
			strlen(table->row[i].name)))
			return &table->row[i];
	return NULL;
}

static const char *
room_flaw(const struct event_row *row, struct span data)
{
	char id[BUS_CONVERSATION_MAX + 1];

	if (event_room(row, data, id, sizeof(id)))
		return NULL;
	return row->member->is_session
		   ? "sessionId must be 1 to 128 printable ASCII characters "
		     "without blanks"
		   : "conversationId must be 1 to 128 printable ASCII "
		     "characters without blanks";
}

static const char *
typing_flaw(struct span data)
{
	char typing = json_kind(json_member(data, "isTyping"));

	return typing == 't' || typing == 'f'
		   ? NULL
		   : "isTyping must be true or false";
}

const char *
event_flaw(const struct event_row *row, struct span data, bool is_agent)
{
	const char *flaw = NULL;

	if (json_kind(data) != '{')
		return "data must be an object";
	if (row->kind == EVENT_REQUEST)
		return NULL;
	if (row->kind == EVENT_INIT)
		return data.len > EVENT_INIT_MAX
			   ? "init must be at most 1024 bytes"
			   : NULL;
	if (is_agent || !row->member->is_session)
		flaw = room_flaw(row, data);
	if (!flaw && row->kind == EVENT_TYPING)
		flaw = typing_flaw(data);
	return flaw;
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
event_body(const struct event_row *row, struct span data, struct span session,
    struct queue *out)
{
	const struct event_member *member = row->member;
	const struct event_member *end = member + EVENT_MEMBERS;
	const char *before = "{";

	for (; member < end && member->from; member++) {
		struct span value = member->is_session
					? session
					: json_member(data, member->from);

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
event_room(const struct event_row *row, struct span data, char *out, size_t cap)
{
	size_t len = 0;

	if (cap > BUS_CONVERSATION_MAX + 1)
		cap = BUS_CONVERSATION_MAX + 1;
	if (!json_text(json_member(data, row->member->from), out, cap))
		return false;
	while (out[len] > ' ' && out[len] < 0x7f)
		len++;
	return len > 0 && out[len] == '\0';
}
