/*
 * What a commit in the support chat tells the hub, and whom a relay's
 * connection is bound to.
 */
#include "tests/documents.h"
#include "tests/publish_scene.h"

#include "cgi/clock.h"
#include "cgi/publish_chat.h"

#define OID "{'$oid': '0123456789abcdef01234567'}"
#define TIME "1970-01-01T00:00:01.000Z"
#define GIVEN "LIVE_CONNECTION=" CONNECTION

static struct chat_found found;
static struct chat_said said;

/* A session of asha's with that many lines; claimed by bob@x.de: agent. */
static void
find(int last, const char *agent)
{
	bson_t *doc = document(
	    "{'_id': " OID ", 'v': 1, 'sessionId': 's1', 'owner':"
	    "'account:asha', 'userId': 'asha', 'userName': 'Asha',"
	    "'status': 'active', 'last': %d, 'rev': 5, 'lastText': 'hi',"
	    "'lastSender': 'user', 'lastAt': {'$date': 1000}, 'seen':"
	    "{'visitor': 0, 'support': 0}, 'waiting': true, 'agent': '%s',"
	    "'claimedUntil': {'$date': 0}, 'createdAt': {'$date': 1000}}",
	    last, agent);

	cr_assert(chat_session_read(&found.s, doc));
	order_begin(store.turn, "s1");
	order_wrote(store.turn, found.s.rev);
}

static void
find_line(struct chat_line *line, int n, const char *id, const char *sender)
{
	cr_assert(chat_line_read(line,
	    document("{'_id': " OID ", 'sessionId': 's1', 'n': %d, 'id': %s,"
		     "'sender': '%s', 'text': 'hi', 'timestamp':"
		     "{'$date': 1000}}",
		n, id, sender)));
}

static void
start(void)
{
	listen_as_hub();
	give(GIVEN);
}

static void
stop(void)
{
	leave_as_hub();
	documents_release();
}

TestSuite(publish_chat, .init = start, .fini = stop);

/* --- events --- */

#define MEMBERS(id, seq, sender)                                               \
	"'id':" id ",'seq':" seq ",'text':'hi','sender':'" sender              \
	"','timestamp':'" TIME "','isRead':"
#define LINE(except, id, seq, sender, read)                                    \
	"publish\tchat:message\t77\t" except                                   \
	"\nChat:s1\t{" MEMBERS(id, seq, sender) read "}\n"
#define FOR_BOB(id, seq, sender, read)                                         \
	"Agent:bob@x.de\t{'sessionId':'s1'," MEMBERS(id, seq, sender) read     \
	    "}"                                                                \
	    "\n"
#define SESSION                                                                \
	"publish\tchat:session\t77\t-\nAgents\t{'session':{'sessionId':'s1',"

static void
expect_session(void)
{
	cr_expect_eq(
	    strncmp(next(), SESSION, strlen(SESSION)), 0, "%s", packet);
}

Test(publish_chat, a_line_goes_to_the_visitors_other_tabs_and_the_bots_to_all)
{
	find(2, "");
	find_line(&said.line, 1, "7", "user");
	find_line(&said.bot, 2, "'bot-1'", "bot");
	said.has_bot = true;
	publish_chat_said(&req, &found.s, &said);
	cr_expect_str_eq(
	    next(), LINE(CONNECTION, "7", "1", "user", "false"), "%s", packet);
	cr_expect_str_eq(
	    next(), LINE("-", "'bot-1'", "2", "bot", "false"), "%s", packet);
	expect_session();
	cr_expect(is_quiet());
}

Test(publish_chat, who_claims_it_hears_each_line_and_which_session_it_is)
{
	find(1, "bob@x.de");
	find_line(&said.line, 1, "'a'", "admin");
	publish_chat_said(&req, &found.s, &said);
	cr_expect_str_eq(next(),
	    LINE(CONNECTION, "'a'", "1", "admin", "false")
		FOR_BOB("'a'", "1", "admin", "false"),
	    "%s", packet);
	expect_session();
	cr_expect(is_quiet());
}

Test(publish_chat, a_change_is_for_the_desk_alone)
{
	find(1, "bob@x.de");
	publish_chat_session(&req, &found.s);
	expect_session();
	cr_expect(is_quiet());
}

Test(publish_chat, whoever_answered_leaves_a_session_that_is_closed)
{
	find(1, "");
	found.s.status = CHAT_CLOSED;
	publish_chat_session(&req, &found.s);
	expect_session();
	cr_expect_str_eq(
	    next(), "admit\tAgent:\ts1\ts1\tseller\tChat:s1\tAgents\n");
	cr_expect(is_quiet());
}

Test(publish_chat, an_older_state_is_not_told_after_a_newer_one_but_lines_are)
{
	find(3, "");
	found.s.rev = 6;
	order_begin(store.turn, "s1");
	order_wrote(store.turn, 6);
	publish_chat_session(&req, &found.s);
	expect_session();
	find(2, "");
	find_line(&said.line, 2, "7", "user");
	publish_chat_said(&req, &found.s, &said);
	cr_expect_str_eq(next(), LINE(CONNECTION, "7", "2", "user", "false"));
	cr_expect(is_quiet());
}

Test(publish_chat, an_id_that_no_line_of_the_bus_holds_is_nobodys)
{
	find(1, "");
	found.s.id = "s\t1";
	find_line(&said.line, 1, "7", "user");
	publish_chat_said(&req, &found.s, &said);
	publish_chat_admit(&req, &found.s, "bob@x.de");
	cr_expect(publish_chat_visitor(&req, &found.s));
	cr_expect(publish_chat_join(&req, &found.s));
	cr_expect(is_quiet());
}

/* --- who is connected --- */

static const struct caller bob = {.ids = {"bob@x.de", "7"},
    .id_count = 2,
    .expires_at = 1000,
    .session = "5e55"};

Test(publish_chat, a_visitor_is_bound_until_his_token_ends_and_joins_his_room)
{
	find(1, "");
	req.caller = bob;
	cr_expect(publish_chat_visitor(&req, &found.s));
	cr_expect_str_eq(next(), "bind\t" CONNECTION "\t1060\t5e55\t"
				 "Visitor:account:asha\tChat:s1\t{}\n");
	cr_expect_str_eq(next(),
	    "join\t" CONNECTION "\ts1\ts1\tcustomer\tChat:s1\tAgents\n");
}

Test(publish_chat, a_guest_has_no_session_to_revoke_and_thirty_days)
{
	long long until, wall = clock_wall_ms() / 1000;

	find(1, "");
	cr_expect(publish_chat_visitor(&req, &found.s));
	cr_assert_eq(sscanf(next(), "bind\t" CONNECTION "\t%lld", &until), 1);
	cr_expect_not_null(strstr(packet, "\t-\tVisitor:account:asha\t"));
	cr_expect_geq(until, wall + 30 * 86400);
	cr_expect_leq(until, wall + 30 * 86400 + PATIENCE_MS);
}

Test(publish_chat, an_agent_is_at_the_desk_and_joins_as_support)
{
	find(1, "bob@x.de");
	req.caller = bob;
	cr_expect(publish_chat_agent(&req));
	cr_expect_str_eq(next(), "bind\t" CONNECTION "\t1060\t5e55\t"
				 "Agent:bob@x.de\tAgents\t{}\n");
	cr_expect(publish_chat_join(&req, &found.s));
	cr_expect_str_eq(
	    next(), "join\t" CONNECTION "\ts1\ts1\tseller\tChat:s1\tAgents\n");
	publish_chat_admit(&req, &found.s, "bob@x.de");
	cr_expect_str_eq(
	    next(), "admit\tAgent:bob@x.de\ts1\ts1\tseller\tChat:s1\tAgents\n");
}

Test(publish_chat, without_a_relay_nobody_is_bound)
{
	find(1, "");
	give(NULL);
	req.caller = bob;
	cr_expect(publish_chat_visitor(&req, &found.s));
	cr_expect(publish_chat_agent(&req));
	cr_expect(publish_chat_join(&req, &found.s));
	cr_expect(is_quiet());
}

Test(publish_chat, without_a_hub_nobody_is_bound_and_nothing_else_fails)
{
	find(1, "");
	find_line(&said.line, 1, "7", "user");
	req.caller = bob;
	close(hub);
	while (hub_send("gone\n", 5))
		continue;
	cr_expect_not(publish_chat_visitor(&req, &found.s));
	cr_expect_not(publish_chat_agent(&req));
	cr_expect_not(publish_chat_join(&req, &found.s));
	publish_chat_said(&req, &found.s, &said);
	publish_chat_admit(&req, &found.s, "bob@x.de");
}
