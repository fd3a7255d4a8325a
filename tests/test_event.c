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
		    event_find(span_of(cases[i].name));

		cr_expect_eq(
		    row != NULL, cases[i].row != NULL, "%s", cases[i].name);
		if (row && cases[i].row)
			cr_expect_str_eq(row->name, cases[i].row);
	}
	cr_expect_null(event_find((struct span){0}));
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
		event_body(
		    event_find(span_of(name)), span_of(cases[i].data), &body);
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
	event_body(&event_rows[0], SPAN("{\"message\":\"0123456789\"}"), &body);
	cr_expect_not(queue_commit(&body));
}

Test(event, sends_alone_are_answered_by_a_status)
{
	for (size_t i = 0; i < event_row_count; i++)
		cr_expect_eq(event_rows[i].is_send,
		    strcmp(event_rows[i].name, "conversation:message") == 0);
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
		flaw = event_flaw(
		    event_find(span_of(name)), span_of(cases[i].data));
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
		found = event_conversation(span_of(data), id, sizeof(id));
		cr_expect_eq(found, cases[i].text != NULL, "%s", data);
		if (found && cases[i].text)
			cr_expect_str_eq(id, cases[i].text);
	}
}
