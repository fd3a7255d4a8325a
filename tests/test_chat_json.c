/*
 * Lines and sessions of the support chat, as clients read them.
 */
#include <criterion/criterion.h>

#include "cgi/auto.h"
#include "cgi/chat_json.h"

#define NOON 1795521600000 /* 2026-11-24T12:00:00Z */

static struct buffer b;

static void
end(void)
{
	buffer_release(&b);
}

TestSuite(chat_json, .fini = end);

static const char *
line_of(const struct chat_session *s, struct chat_line *line, const bson_t *doc)
{
	bson_iter_init_find(&line->id, doc, "id");
	buffer_reset(&b);
	chat_line_json(&b, s, line);
	return b.data;
}

Test(chat_json, a_line_keeps_its_text_and_the_type_of_its_id)
{
	AUTO_BSON bson_t text = BSON_INITIALIZER;
	AUTO_BSON bson_t number = BSON_INITIALIZER;
	const struct chat_session s = {0};
	struct chat_line line = {
	    .n = 3,
	    .sender = CHAT_ADMIN,
	    .text = "<b>\n\"\xc3\xa9",
	    .text_len = 7,
	    .at = NOON,
	};

	BSON_APPEND_UTF8(&text, "id", "7");
	BSON_APPEND_INT64(&number, "id", 7);
	cr_expect_str_eq(line_of(&s, &line, &text),
	    "{\"id\":\"7\",\"seq\":3,\"text\":\"<b>\\n\\\"\xc3\xa9\","
	    "\"sender\":\"admin\",\"timestamp\":"
	    "\"2026-11-24T12:00:00.000Z\",\"isRead\":false}");
	cr_expect_not_null(strstr(line_of(&s, &line, &number), "\"id\":7,"));
}

Test(chat_json, a_line_is_read_once_the_side_that_did_not_write_it_fetched_it)
{
	AUTO_BSON bson_t doc = BSON_INITIALIZER;
	const struct chat_session s = {.seen_visitor = 2, .seen_support = 4};
	static const struct {
		int64_t n;
		enum chat_sender sender;
		bool was_read, is_read;
	} cases[] = {
	    {4, CHAT_USER, false, true},
	    {5, CHAT_USER, false, false},
	    {5, CHAT_USER, true, true},
	    {2, CHAT_BOT, false, true},
	    {3, CHAT_BOT, false, false},
	    {2, CHAT_ADMIN, false, true},
	    {3, CHAT_ADMIN, false, false},
	};

	BSON_APPEND_INT64(&doc, "id", 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct chat_line line = {
		    .n = cases[i].n,
		    .sender = cases[i].sender,
		    .text = "x",
		    .text_len = 1,
		    .was_read = cases[i].was_read,
		};
		const char *wanted =
		    cases[i].is_read ? "\"isRead\":true" : "\"isRead\":false";

		cr_expect_not_null(
		    strstr(line_of(&s, &line, &doc), wanted), "%zu", i);
	}
}

static const struct chat_session claimed = {
    .id = "chat_1",
    .user_id = "asha@example.com",
    .user_name = "Asha",
    .last = 5,
    .last_text = "Hello?",
    .last_sender = CHAT_USER,
    .last_at = NOON,
    .seen_support = 3,
    .waiting = true,
    .agent = "agent@example.com",
    .claimed_until = NOON + 1000,
    .created_at = NOON - 1000,
};

static const char *
session_of(const struct chat_session *s, int64_t now_ms)
{
	buffer_reset(&b);
	chat_session_json(&b, s, now_ms);
	return b.data;
}

Test(chat_json, a_session_tells_its_last_word_and_who_answers)
{
	cr_expect_str_eq(session_of(&claimed, NOON),
	    "{\"sessionId\":\"chat_1\",\"userId\":\"asha@example.com\","
	    "\"userName\":\"Asha\",\"status\":\"active\",\"lastMessage\":"
	    "{\"text\":\"Hello?\",\"sender\":\"user\",\"timestamp\":"
	    "\"2026-11-24T12:00:00.000Z\"},\"lastMessageAt\":"
	    "\"2026-11-24T12:00:00.000Z\",\"messageCount\":5,\"unread\":2,"
	    "\"waiting\":true,\"agent\":\"agent@example.com\","
	    "\"claimedUntil\":\"2026-11-24T12:00:01.000Z\",\"createdAt\":"
	    "\"2026-11-24T11:59:59.000Z\"}");
}

Test(chat_json, a_claim_that_has_ended_is_none)
{
	cr_expect_not_null(strstr(session_of(&claimed, NOON + 1000),
	    "\"agent\":null,\"claimedUntil\":null,"));
}

Test(chat_json, a_session_without_a_line_has_no_last_word)
{
	struct chat_session fresh = claimed;

	fresh.last = fresh.last_at = 0;
	cr_expect_not_null(strstr(session_of(&fresh, NOON),
	    "\"lastMessage\":null,\"lastMessageAt\":null,"
	    "\"messageCount\":0,\"unread\":0,"));
}
