/*
 * Stored sessions and lines of the support chat, ours and the original's.
 */
#include "tests/documents.h"

#include "cgi/chat_shape.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define OID "'_id': {'$oid': '65000000abcdef0123456789'}"
#define MADE_AT 0x65000000LL * 1000 /* as that says */
#define DATE(ms) "{'$date': {'$numberLong': '" #ms "'}}"

static struct chat_session s;
static struct chat_line line;

TestSuite(chat_shape, .fini = documents_release);

Test(chat_shape, every_field_of_a_session_is_read)
{
	cr_assert(chat_session_read(&s,
	    document(
		"{" OID ", 'v': 1, 'sessionId': 'chat_1',"
		"'owner': 'account:asha', 'activeFor': 'account:asha',"
		"'userId': 'asha', 'userName': 'Asha',"
		"'status': 'active', 'last': 9, 'rev': 4,"
		"'seen': {'visitor': 7, 'support': 8},"
		"'waiting': true, 'answered': true, 'agent': 'ann',"
		"'claimedUntil': " DATE(
		    5000) ","
			  "'createdAt': " DATE(1000) ", 'updatedAt': " DATE(
			      2000) ","
				    "'lastText': 'hi', 'lastSender': 'admin',"
				    "'lastAt': " DATE(3000) "}")));
	cr_expect_eq(s.oid.bytes[0], 0x65);
	cr_expect_str_eq(s.id, "chat_1");
	cr_expect_str_eq(s.owner, "account:asha");
	cr_expect_str_eq(s.user_id, "asha");
	cr_expect_str_eq(s.user_name, "Asha");
	cr_expect_eq(s.status, CHAT_ACTIVE);
	cr_expect(s.last == 9 && s.rev == 4);
	cr_expect(s.seen_visitor == 7 && s.seen_support == 8);
	cr_expect(s.waiting && s.answered);
	cr_expect_str_eq(s.agent, "ann");
	cr_expect_eq(s.claimed_until, 5000);
	cr_expect_eq(s.created_at, 1000);
	cr_expect_str_eq(s.last_text, "hi");
	cr_expect_eq(s.last_sender, CHAT_ADMIN);
	cr_expect_eq(s.last_at, 3000);
}

Test(chat_shape, a_session_that_says_nothing_is_nobodys)
{
	cr_assert(chat_session_read(&s, document("{" OID ", 'last': 'x'}")));
	cr_expect_str_eq(s.id, "");
	cr_expect_str_eq(s.owner, "");
	cr_expect_str_eq(s.user_id, "");
	cr_expect_str_eq(s.user_name, "");
	cr_expect_str_eq(s.last_text, "");
	cr_expect_str_eq(s.agent, "");
	cr_expect(s.last == 0 && s.last_at == 0);
	cr_expect_eq(s.status, CHAT_ACTIVE);
	cr_expect_eq(s.created_at, MADE_AT);
}

Test(chat_shape, the_originals_words_for_a_status_have_a_meaning)
{
	static const struct {
		const char *status;
		enum chat_status means;
	} cases[] = {
	    {"'active'", CHAT_ACTIVE},
	    {"'closed'", CHAT_CLOSED},
	    {"'archived'", CHAT_ARCHIVED},
	    {"'ended'", CHAT_CLOSED},
	    {"'Active'", CHAT_CLOSED},
	    {"''", CHAT_CLOSED},
	    {"7", CHAT_CLOSED},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		cr_assert(chat_session_read(
		    &s, document("{'status': %s}", cases[i].status)));
		cr_expect_eq(s.status, cases[i].means, "%s", cases[i].status);
	}
}

Test(chat_shape, a_session_began_when_the_original_says_so)
{
	cr_assert(chat_session_read(
	    &s, document("{" OID ", 'startedAt': " DATE(77) "}")));
	cr_expect_eq(s.created_at, 77);
}

Test(chat_shape, a_lease_holds_until_its_end)
{
	static const struct {
		const char *agent;
		int64_t now_ms;
		bool holds;
	} cases[] = {
	    {"ann", 4999, true},
	    {"ann", 5000, false},
	    {"ann", 5001, false},
	    {"", 4999, false},
	};

	s.claimed_until = 5000;
	for (size_t i = 0; i < COUNT(cases); i++) {
		s.agent = cases[i].agent;
		cr_expect_eq(chat_is_claimed(&s, cases[i].now_ms),
		    cases[i].holds, "%s at %d", cases[i].agent,
		    (int)cases[i].now_ms);
	}
}

Test(chat_shape, every_field_of_a_line_is_read)
{
	cr_assert(chat_line_read(&line,
	    document("{" OID ", 'sessionId': 'chat_1', 'n': 3, 'id': 'm3',"
		     "'key': 'm3', 'sender': 'bot', 'text': 'Hello',"
		     "'timestamp': " DATE(9000) "}")));
	cr_expect_eq(line.oid.bytes[0], 0x65);
	cr_expect_eq(line.n, 3);
	cr_expect_str_eq(bson_iter_utf8(&line.id, NULL), "m3");
	cr_expect_eq(line.sender, CHAT_BOT);
	cr_expect_str_eq(line.text, "Hello");
	cr_expect_eq(line.text_len, 5);
	cr_expect_eq(line.at, 9000);
	cr_expect_not(line.was_read);
}

Test(chat_shape, lines_of_the_original_are_read_as_they_are)
{
	static const struct {
		const char *fields, *text;
		int64_t at;
		enum chat_sender sender;
		bool was_read;
	} cases[] = {
	    {"'text': 'a'", "a", MADE_AT, CHAT_USER, false},
	    {"'message': 'b'", "b", MADE_AT, CHAT_USER, false},
	    {"'message': 'b', 'text': 'a'", "a", MADE_AT, CHAT_USER, false},
	    {"'text': 'a', 'message': 'b'", "a", MADE_AT, CHAT_USER, false},
	    {"'text': 7, 'message': 'b'", "b", MADE_AT, CHAT_USER, false},
	    {"'sender': 'admin'", "", MADE_AT, CHAT_ADMIN, false},
	    {"'sender': 'nobody'", "", MADE_AT, CHAT_USER, false},
	    {"'isRead': true", "", MADE_AT, CHAT_USER, true},
	    {"'timestamp': " DATE(8), "", 8, CHAT_USER, false},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		cr_assert(chat_line_read(&line,
		    document("{" OID ", 'id': 5, %s}", cases[i].fields)));
		cr_expect_str_eq(line.text, cases[i].text);
		cr_expect_eq(line.at, cases[i].at, "%s", cases[i].fields);
		cr_expect_eq(line.sender, cases[i].sender);
		cr_expect_eq(line.was_read, cases[i].was_read);
	}
}

Test(chat_shape, the_text_of_a_line_may_hold_anything)
{
	bson_t *doc = documents_keep(bson_new());

	BSON_APPEND_UTF8(doc, "id", "m");
	bson_append_utf8(doc, "text", -1, "a\0b", 3);
	cr_assert(chat_line_read(&line, doc));
	cr_expect_eq(line.text_len, 3);
	cr_expect_eq(line.text[2], 'b');
}

Test(chat_shape, an_id_is_a_number_or_text)
{
	static const struct {
		const char *id;
		bool is_one;
	} cases[] = {
	    {"'id': 'm'", true},
	    {"'id': 7", true},
	    {"'id': {'$numberLong': '9007199254740993'}", true},
	    {"'id': null", false},
	    {"'id': {'$oid': '65000000abcdef0123456789'}", false},
	    {"'id': {}", false},
	    {"'other': 1", false},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		cr_expect_eq(chat_line_read(
				 &line, document("{" OID ", %s}", cases[i].id)),
		    cases[i].is_one, "%s", cases[i].id);
}

Test(chat_shape, what_is_no_bson_is_refused)
{
	static const uint8_t cut[] = {9, 0, 0, 0, 2, 'a', 0, 9, 0};
	bson_t doc;

	cr_assert(
	    bson_init_static(&doc, cut, sizeof(cut)) == false ||
	    (!chat_session_read(&s, &doc) && !chat_line_read(&line, &doc)));
}
