/*
 * The table of events: what a browser says becomes which request.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "ws/bus.h"
#include "ws/event.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define FIELDS32 "0123456789abcdef0123456789ABCDEF"

Test(event, a_name_is_compared_decoded_and_whole)
{
	/* clang-format off */
	static const struct {
		const char *name, *row; /* NULL: unknown */
	} cases[] = {
		{"\"conversation:message\"", "conversation:message"},
		{"\"conversation:mark-read\"", "conversation:mark-read"},
		{"\"conversation:delivered\"", "conversation:delivered"},
		{"\"conversation:join\"", "conversation:join"},
		{"\"conversation:leave\"", "conversation:leave"},
		{"\"conversation:typing\"", "conversation:typing"},
		{"\"conversation\\u003ajoin\"", "conversation:join"},
		{"\"conversation:joi\"", NULL},
		{"\"conversation:joins\"", NULL},
		{"\"Conversation:join\"", NULL},
		{"\"conversation:new-message\"", NULL},
		{"\"connect\"", NULL},
		{"\"disconnect\"", NULL},
		{"\"\"", NULL},
		{"7", NULL},
		{"null", NULL},
		{"", NULL},
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct event_row *row =
		    event_find(&conversation_events, span_of(cases[i].name));

		cr_expect_eq(
		    row != NULL, cases[i].row != NULL, "%s", cases[i].name);
		if (row && cases[i].row)
			cr_expect_str_eq(row->name, cases[i].row);
	}
	cr_expect_null(event_find(&conversation_events, (struct span){0}));
}

Test(event, a_request_has_the_members_of_its_row_and_no_others)
{
	/* clang-format off */
	static const struct {
		const char *name, *data, *body;
	} cases[] = {
		{"message", "{}", "{}"},
		{"message", "{\"conversationId\":\"c\",\"message\":"
			"{ \"id\":7 , \"text\":\"a\\u0062\"}}",
			"{\"conversationId\":\"c\",\"message\":"
			"{ \"id\":7 , \"text\":\"a\\u0062\"}}"},
		{"message", "{\"message\":{},\"conversationId\":5,"
			"\"offerResponse\":{},\"archive\":true,\"x\":1}",
			"{\"conversationId\":5,\"message\":{}}"},
		{"message", "{\"userRole\":\"seller\",\"userEmail\":\"a@b\","
			"\"readSeq\":3}",
			"{\"readSeq\":3,\"userEmail\":\"a@b\","
			"\"userRole\":\"seller\"}"},
		{"message", "{\"m\\u0065ssage\":1,\"messages\":2}",
			"{\"message\":1}"},
		{"message", "{\"message\":null,\"conversationId\":\"c\"}",
			"{\"conversationId\":\"c\"}"},
		{"mark-read", "{\"conversationId\":\"c\",\"messageIds\":[1]}",
			"{\"conversationId\":\"c\",\"markReadMessageIds\":[1]}"},
		{"mark-read", "{\"conversationId\":\"c\",\"seq\":4}",
			"{\"conversationId\":\"c\",\"readSeq\":4}"},
		{"mark-read", "{\"messageIds\":[1],\"seq\":4,\"readBy\":\"u\"}",
			"{\"readSeq\":4,\"readBy\":\"u\"}"},
		{"mark-read", "{\"messageIds\":[1],\"seq\":null}",
			"{\"markReadMessageIds\":[1]}"},
		{"mark-read", "{\"readSeq\":1,\"deliveredSeq\":2,"
			"\"markReadMessageIds\":[],\"flag\":{}}", "{}"},
		{"delivered", "{\"conversationId\":\"c\",\"seq\":4}",
			"{\"conversationId\":\"c\",\"deliveredSeq\":4}"},
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT(cases); i++) {
		char name[64], bytes[1024];
		struct queue body;

		(void)snprintf(
		    name, sizeof(name), "\"conversation:%s\"", cases[i].name);
		queue_init(&body, bytes, sizeof(bytes));
		queue_begin(&body);
		event_body(event_find(&conversation_events, span_of(name)),
		    span_of(cases[i].data), (struct span){0}, &body);
		cr_assert(queue_commit(&body));
		cr_expect(span_is(queue_head(&body), cases[i].body), "%s: %.*s",
		    cases[i].data, (int)queue_length(&body), bytes);
	}
}

Test(event, a_body_that_does_not_fit_is_seen_by_its_queue)
{
	char bytes[16];
	struct queue body;

	queue_init(&body, bytes, sizeof(bytes));
	queue_begin(&body);
	event_body(conversation_events.row,
	    SPAN("{\"message\":\"0123456789\"}"), (struct span){0}, &body);
	cr_expect_not(queue_commit(&body));
}

Test(event, sends_alone_are_answered_by_a_status)
{
	const struct event_row *row = conversation_events.row;

	for (size_t i = 0; i < conversation_events.count; i++)
		cr_expect_eq(row[i].is_send,
		    strcmp(row[i].name, "conversation:message") == 0);
}

#define OBJECT "data must be an object"
#define ID                                                                     \
	"conversationId must be 1 to 128 printable ASCII characters without "  \
	"blanks"
#define TYPING "isTyping must be true or false"

Test(event, data_that_the_api_would_not_see_is_checked_here)
{
	/* clang-format off */
	static const struct {
		const char *name, *data, *flaw; /* NULL: good */
	} cases[] = {
		{"message", "{}", NULL}, /* the api says what is missing */
		{"message", "{\"conversationId\":7}", NULL},
		{"message", "[]", OBJECT},
		{"message", "\"c\"", OBJECT},
		{"message", "null", OBJECT},
		{"message", "", OBJECT},
		{"join", "\"c\"", OBJECT},
		{"join", "{}", ID},
		{"join", "{\"conversationId\":7}", ID},
		{"join", "{\"conversationId\":{\"$ne\":1}}", ID},
		{"join", "{\"conversationId\":\"c\"}", NULL},
		{"leave", "{\"conversationId\":\"\"}", ID},
		{"leave", "{\"conversationId\":\"c\"}", NULL},
		{"typing", "{\"conversationId\":\"a\\tb\",\"isTyping\":true}",
			ID},
		{"typing", "{\"conversationId\":\"c\"}", TYPING},
		{"typing", "{\"conversationId\":\"c\",\"isTyping\":1}", TYPING},
		{"typing", "{\"conversationId\":\"c\",\"isTyping\":null}",
			TYPING},
		{"typing", "{\"conversationId\":\"c\",\"isTyping\":\"true\"}",
			TYPING},
		{"typing", "{\"conversationId\":\"c\",\"isTyping\":true}",
			NULL},
		{"typing", "{\"conversationId\":\"c\",\"isTyping\":false,"
			"\"userRole\":\"x\"}", NULL},
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT(cases); i++) {
		char name[64];
		const char *flaw;

		(void)snprintf(
		    name, sizeof(name), "\"conversation:%s\"", cases[i].name);
		flaw =
		    event_flaw(event_find(&conversation_events, span_of(name)),
			span_of(cases[i].data), false);
		cr_expect_eq(flaw != NULL, cases[i].flaw != NULL, "%s: %s",
		    cases[i].data, flaw);
		if (flaw && cases[i].flaw)
			cr_expect_str_eq(flaw, cases[i].flaw);
	}
}

Test(event, a_conversation_id_is_printable_ascii_and_comes_decoded)
{
	/* clang-format off */
	static const struct {
		const char *id, *text; /* NULL: none */
	} cases[] = {
		{"\"conv_1767400000000_ab12cd34e\"",
			"conv_1767400000000_ab12cd34e"},
		{"\"\\u0063\\/\\\"\"", "c/\""},
		{"\"~!\"", "~!"},
		{"\"" FIELDS32 FIELDS32 FIELDS32 FIELDS32 "\"",
			FIELDS32 FIELDS32 FIELDS32 FIELDS32},
		{"\"" FIELDS32 FIELDS32 FIELDS32 FIELDS32 "x\"", NULL},
		{"\"\"", NULL},
		{"\" \"", NULL},
		{"\"a b\"", NULL},
		{"\"a\\nb\"", NULL},
		{"\"a\\u007f\"", NULL},
		{"\"\xc3\xa9\"", NULL},
		{"\"\\u00e9\"", NULL},
		{"7", NULL},
		{"[\"c\"]", NULL},
		{"null", NULL},
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT(cases); i++) {
		char data[256], id[2 * BUS_CONVERSATION_MAX];
		bool found;

		(void)snprintf(data, sizeof(data),
		    "{\"a\":1,\"conversationId\":%s}", cases[i].id);
		found = event_room(event_find(&conversation_events,
				       SPAN("\"conversation:join\"")),
		    span_of(data), id, sizeof(id));
		cr_expect_eq(found, cases[i].text != NULL, "%s", data);
		if (found && cases[i].text)
			cr_expect_str_eq(id, cases[i].text);
	}
}

/* --- support chat --- */

#define SESSION                                                                \
	"sessionId must be 1 to 128 printable ASCII characters without blanks"
#define LONG "init must be at most 1024 bytes"

Test(event, a_session_is_named_by_who_knows_it)
{
	/* clang-format off */
	static const struct {
		const char *name, *data, *body, *known;
	} cases[] = {
		{"message", "{\"type\":\"message\",\"text\":\"a\",\"id\":7,"
			"\"sessionId\":\"x\",\"sender\":\"admin\"}",
			"{\"message\":\"a\",\"messageId\":7}",
			"{\"message\":\"a\",\"messageId\":7,"
			"\"sessionId\":\"s\"}"},
		{"message", "{\"text\":null}", "{}", "{\"sessionId\":\"s\"}"},
		{"init", "{\"type\":\"init\",\"userId\":\"u\",\"role\":\"agent\","
			"\"sessionId\":5,\"userName\":\"N\",\"x\":1}",
			"{\"userId\":\"u\",\"userName\":\"N\","
			"\"role\":\"agent\"}",
			"{\"userId\":\"u\",\"userName\":\"N\","
			"\"role\":\"agent\",\"sessionId\":\"s\"}"},
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT(cases); i++) {
		for (int known = 0; known < 2; known++) {
			struct span session =
			    known ? SPAN("\"s\"") : (struct span){0};
			char name[64], bytes[1024];
			struct queue body;

			(void)snprintf(
			    name, sizeof(name), "\"%s\"", cases[i].name);
			queue_init(&body, bytes, sizeof(bytes));
			queue_begin(&body);
			event_body(event_find(&chat_events, span_of(name)),
			    span_of(cases[i].data), session, &body);
			cr_assert(queue_commit(&body));
			cr_expect(span_is(queue_head(&body),
				      known ? cases[i].known : cases[i].body),
			    "%s: %.*s", cases[i].data, (int)queue_length(&body),
			    bytes);
		}
	}
}

Test(event, data_of_the_chat_that_the_api_would_not_see_is_checked_here)
{
	static char longest[EVENT_INIT_MAX + 2];
	/* clang-format off */
	static const struct {
		const char *name, *data, *flaw, *agents; /* NULL: good */
	} cases[] = {
		{"typing", "{\"isTyping\":true}", NULL, SESSION},
		{"typing", "{\"isTyping\":0}", TYPING, SESSION},
		{"typing", "{\"isTyping\":0,\"sessionId\":\"s\"}", TYPING,
			TYPING},
		{"typing", "{\"isTyping\":false,\"sessionId\":\"s\"}", NULL,
			NULL},
		{"typing", "{\"isTyping\":true,\"sessionId\":\"a b\"}", NULL,
			SESSION},
		{"message", "{\"text\":\"\"}", NULL, NULL},
		{"init", "{}", NULL, NULL},
		{"init", longest, LONG, LONG},
		{"init", longest + 1, NULL, NULL},
	};
	/* clang-format on */

	memset(longest, ' ', sizeof(longest) - 1);
	longest[0] = longest[1] = '{';
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (int agent = 0; agent < 2; agent++) {
			const char *expected =
			    agent ? cases[i].agents : cases[i].flaw;
			const char *flaw;
			char name[64];

			(void)snprintf(
			    name, sizeof(name), "\"%s\"", cases[i].name);
			flaw =
			    event_flaw(event_find(&chat_events, span_of(name)),
				span_of(cases[i].data), agent);
			cr_expect_eq(flaw != NULL, expected != NULL, "%s: %s",
			    cases[i].data, flaw);
			if (flaw && expected)
				cr_expect_str_eq(flaw, expected);
		}
	}
}
