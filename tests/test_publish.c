/*
 * What a commit tells the hub: the frames, as a listener in its place gets
 * them.
 */
#include "tests/documents.h"
#include "tests/publish_scene.h"

#include "cgi/publish.h"

#define NOW "2026-11-24T08:00:00.000Z"

static struct found found;

static void
start(void)
{
	listen_as_hub();
	found_init(&found);
}

static void
stop(void)
{
	leave_as_hub();
	found_release(&found);
	documents_release();
}

TestSuite(publish, .init = start, .fini = stop);

#define MESSAGE(id, seq, sender)                                               \
	"{'id': " id ", 'seq': " seq ", 'rev': 1, 'n': 1, 'sender': '" sender  \
	"', 'text': 'hi', 'timestamp': '" NOW "', 'receivedAt': '" NOW "',"    \
	"'type': 'text'}"
#define SHOWN(id, seq, sender, is_read)                                        \
	"{'id':" id ",'seq':" seq ",'rev':1,'sender':'" sender                 \
	"','text':'hi','timestamp':'" NOW "','receivedAt':'" NOW               \
	"','isRead':" is_read ",'type':'text'}"

/* Four messages: the customer said 1 and "x", the seller 3 and 4. */
static void
find(enum side side, const char *marks)
{
	bson_t *doc = document(
	    "{'v': 1, 'id': 'c1', 'ids': ['c1', 'alias'],"
	    "'customerId': 'asha', 'customerName': 'Asha',"
	    "'sellerId': 'ravi', 'sellerName': 'Ravi',"
	    "'vehicleId': 7, 'vehicleName': 'Car', 'vehiclePrice': 5,"
	    "'messages': [" MESSAGE("1", "1", "user") "," MESSAGE("'x'", "2",
		"user") "," MESSAGE("3", "3", "seller") "," MESSAGE("4", "4",
		"seller") "],"
			  "'lastMessageAt': '" NOW
			  "', 'seq': 4, 'rev': 9, 'archivedSeq': 0,"
			  "'sent': {'customer': 2, 'seller': 2}, %s,"
			  "'cleared': {'customer': {'seq': 0, 'n': 0},"
			  "            'seller': {'seq': 1, 'n': 1}},"
			  "'archived': {'customer': true, 'seller': false},"
			  "'flags': {'seller': {'reason': 'spam', 'at': "
			  "{'$date': 0}}},"
			  "'isFlagged': true, 'isReadByCustomer': true,"
			  "'isReadBySeller': false, 'changed': {'customer': 5, "
			  "'seller': 6},"
			  "'createdAt': {'$date': 0}, 'updatedAt': {'$date': "
			  "0}}",
	    marks);

	cr_assert(conversation_read(&found.c, doc));
	found.side = side;
	order_begin(store.turn, "c1");
	order_wrote(store.turn, 11);
}

/* Nobody has read anything, but for what is given. */
#define MARKS(customer, seller, delivered)                                     \
	"'marks': {'customer': {" customer "}, 'seller': {" seller "}},"       \
	"'delivered': {" delivered "}"
#define UNREAD MARKS("'seq': 0, 'n': 0", "'seq': 0, 'n': 0", "'customer': 0")

#define PARTIES                                                                \
	"{'id':'c1','customerId':'asha','customerName':'Asha',"                \
	"'sellerId':'ravi','sellerName':'Ravi','vehicleId':7,"                 \
	"'vehicleName':'Car','vehiclePrice':5,'lastMessageAt':'" NOW           \
	"','isReadBySeller':false,'isReadByCustomer':true,"
#define TIMES                                                                  \
	"'seq':4,'rev':9,'createdAt':'1970-01-01T00:00:00.000Z',"              \
	"'updatedAt':'1970-01-01T00:00:00.000Z'}"
#define NOT_READ                                                               \
	"'unreadBySeller':1,'unreadByCustomer':2,"                             \
	"'readSeq':{'customer':0,'seller':0},"                                 \
	"'deliveredSeq':{'customer':0,'seller':0},"
#define FOR_CUSTOMER                                                           \
	PARTIES NOT_READ                                                       \
	    "'isFlagged':false,'archived':true,'clearedSeq':0," TIMES
#define FOR_SELLER                                                             \
	PARTIES NOT_READ "'isFlagged':true,'flagReason':'spam',"               \
			 "'flaggedAt':'1970-01-01T00:00:00.000Z',"             \
			 "'archived':false,'clearedSeq':1," TIMES

#define NEW(id, seq)                                                           \
	"publish\tconversation:new-message\t77\t-\n"                           \
	"asha\t{'conversationId':'c1','message':" SHOWN(id, seq, "seller",     \
	    "false") ",'conversation':" FOR_CUSTOMER "}\n"                     \
		     "ravi\t{'conversationId':'c1','message':" SHOWN(id, seq,  \
			 "seller", "false") ",'conversation':" FOR_SELLER      \
					    "}\n"

Test(publish, a_message_goes_to_both_as_each_sees_it)
{
	find(SIDE_SELLER, UNREAD);
	publish_sent(&req, &found, 1);
	cr_expect_str_eq(next(), NEW("4", "4"), "%s", packet);
	cr_expect(is_quiet());
}

Test(publish, messages_stored_together_leave_in_order)
{
	find(SIDE_SELLER, UNREAD);
	publish_sent(&req, &found, 2);
	cr_expect_str_eq(next(), NEW("3", "3"));
	cr_expect_str_eq(next(), NEW("4", "4"));
	cr_expect(is_quiet());
}

#define READ(except, ids, by, seq)                                             \
	"publish\tconversation:read\t77\t" except                              \
	"\nasha\t{'conversationId':'c1','messageIds':[" ids "],'readBy':'" by  \
	"','seq':" seq "}\nravi\t{'conversationId':'c1','messageIds':[" ids    \
	"],'readBy':'" by "','seq':" seq "}\n"
#define STATUS(to, id, status, seq)                                            \
	"publish\tmessage:status\t77\t-\n" to                                  \
	"\t{'conversationId':'c1','messageId':" id ",'status':'" status        \
	"','seq':" seq "}\n"

Test(
    publish, a_mark_that_rose_names_what_turned_and_who_caused_it_needs_no_copy)
{
	const struct changed changed = {.wrote = true};

	give("LIVE_CONNECTION=" CONNECTION);
	find(SIDE_SELLER, MARKS("", "'seq': 4, 'n': 2, 'was': 1", ""));
	publish_change(&req, &found, CHANGE_MARK_SEQ, &changed);
	cr_expect_str_eq(next(), READ(CONNECTION, "'x'", "ravi", "4"));
	cr_expect_str_eq(next(), STATUS("asha", "'x'", "read", "2"));
	cr_expect(is_quiet());
}

Test(publish, what_a_sender_has_read_with_it_is_told_too)
{
	find(SIDE_SELLER, MARKS("", "'seq': 4, 'n': 2, 'was': 0", ""));
	publish_sent(&req, &found, 1);
	cr_expect(strstr(next(), "\tconversation:new-message\t"));
	cr_expect_str_eq(next(), READ("-", "1,'x'", "ravi", "4"));
	cr_expect_str_eq(next(), STATUS("asha", "'x'", "read", "2"));
	cr_expect(is_quiet());
}

Test(publish, marks_over_ones_own_messages_turn_nothing)
{
	const struct changed changed = {.wrote = true};

	find(SIDE_SELLER, MARKS("", "'seq': 4, 'n': 2, 'was': 2", ""));
	publish_change(&req, &found, CHANGE_MARK_IDS, &changed);
	cr_expect(is_quiet());
}

Test(publish, a_receipt_is_for_the_author_and_what_is_read_was_received)
{
	const struct changed changed = {.wrote = true, .delivered = 0};

	find(SIDE_SELLER,
	    MARKS("", "'seq': 1, 'n': 1, 'was': 1", "'seller': 2"));
	publish_change(&req, &found, CHANGE_MARK_SEQ, &changed);
	cr_expect_str_eq(next(), "publish\tconversation:delivered\t77\t-\n"
				 "asha\t{'conversationId':'c1','seq':2}\n");
	cr_expect_str_eq(next(), STATUS("asha", "'x'", "delivered", "2"));
	find(SIDE_SELLER,
	    MARKS("", "'seq': 2, 'n': 2, 'was': 2", "'seller': 2"));
	publish_change(&req, &found, CHANGE_MARK_SEQ, &changed);
	cr_expect(is_quiet());
}

Test(publish, who_ends_unread_by_reading_hears_it_at_his_own_tabs)
{
	const struct changed changed = {.wrote = true, .was_unread = true};

	find(SIDE_SELLER, UNREAD);
	publish_change(&req, &found, CHANGE_READ_ALL, &changed);
	cr_expect_str_eq(next(),
	    "publish\tconversation:updated\t77\t-\n"
	    "ravi\t{'conversationId':'c1','rev':9,'conversation':" FOR_SELLER
	    "}\n");
	cr_expect(is_quiet());
}

Test(publish, changes_are_told_to_those_who_can_see_them)
{
	/* clang-format off */
	static const struct {
		enum change_kind kind;
		unsigned flagged;
		const char *event;
		bool customer, seller;
	} cases[] = {
		{CHANGE_UNREAD, 0, "conversation:updated", false, true},
		{CHANGE_ARCHIVE, 1, "conversation:updated", false, true},
		{CHANGE_CLEAR, 1, "conversation:updated", false, true},
		{CHANGE_FLAG, 3, "conversation:updated", false, true},
		{CHANGE_RESOLVE, 2, "conversation:updated", false, true},
		{CHANGE_RESOLVE, 3, "conversation:updated", true, true},
		{CHANGE_HIDE, 0, "conversations:deleted", false, true},
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct changed changed = {.flagged = cases[i].flagged};

		find(SIDE_SELLER, UNREAD);
		publish_change(&req, &found, cases[i].kind, &changed);
		cr_expect(strstr(next(), cases[i].event), "%zu", i);
		cr_expect_eq(strstr(packet, "\nasha\t{") != NULL,
		    cases[i].customer, "%zu", i);
		cr_expect_eq(strstr(packet, "\nravi\t{") != NULL,
		    cases[i].seller, "%zu", i);
	}
	find(SIDE_SELLER, UNREAD);
	publish_change(
	    &req, &found, CHANGE_RESOLVE, &(struct changed){.wrote = true});
	cr_expect(is_quiet(), "nobody had reported");
}

Test(publish, an_answer_is_told_before_its_reply_line)
{
	find(SIDE_SELLER, UNREAD);
	publish_answered(&req, &found, true);
	cr_expect_str_eq(next(),
	    "publish\tconversation:updated\t77\t-\n"
	    "asha\t{'conversationId':'c1','rev':9,'conversation':" FOR_CUSTOMER
	    "}\nravi\t{'conversationId':'c1','rev':9,"
	    "'conversation':" FOR_SELLER "}\n");
	cr_expect_str_eq(next(), NEW("4", "4"));
	find(SIDE_SELLER, UNREAD);
	publish_answered(&req, &found, false);
	cr_expect(strstr(next(), "\tconversation:updated\t"));
	cr_expect(is_quiet());
}

Test(publish, what_was_overtaken_is_told_as_resync)
{
	struct turn *later = order_turn();
	uint64_t key = order_key("c1");

	order_begin(later, "c1");
	order_wrote(later, 12);
	cr_expect(order_await(later, &key, 1, 10));
	find(SIDE_SELLER, UNREAD);
	publish_sent(&req, &found, 1);
	cr_expect_str_eq(
	    next(), "publish\tresync\t77\t-\nasha\t{}\nravi\t{}\n");
	cr_expect(is_quiet());
}

Test(publish, a_party_that_nobody_can_be_gets_no_line)
{
	static const char *const nobody[] = {"", "a\tb", "a\nb"};

	for (size_t i = 0; i < sizeof(nobody) / sizeof(*nobody); i++) {
		find(SIDE_SELLER, UNREAD);
		found.c.party[SIDE_CUSTOMER] = nobody[i];
		publish_deleted(&req, &found, BOTH_SIDES);
		cr_expect_str_eq(next(),
		    "publish\tconversations:deleted\t77\t-\n"
		    "ravi\t{'conversationId':'c1'}\n");
	}
}

Test(publish, a_connection_is_32_hex_digits)
{
	/* clang-format off */
	static const struct {
		const char *param;
		bool is_one;
	} cases[] = {
		{"LIVE_CONNECTION=" CONNECTION, true},
		{"LIVE_CONNECTION=" CONNECTION "0", false},
		{"LIVE_CONNECTION=0123456789abcdef0123456789abcde", false},
		{"LIVE_CONNECTION=0123456789ABCDEF0123456789abcdef", false},
		{"LIVE_CONNECTION=0123456789abcdef\t123456789abcdef", false},
		{"LIVE_CONNECTION=-", false},
		{"LIVE_CONNECTION=", false},
		{"HTTP_LIVE_CONNECTION=" CONNECTION, false},
		{NULL, false},
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		give(cases[i].param);
		cr_expect_eq(publish_connection(&req) != NULL, cases[i].is_one,
		    "%zu", i);
	}
}

Test(publish, a_join_names_the_party_and_the_id_that_was_asked)
{
	find(SIDE_SELLER, UNREAD);
	cr_expect(publish_join(&req, &found, "alias"), "no relay: no word");
	give("LIVE_CONNECTION=" CONNECTION);
	cr_expect(publish_join(&req, &found, "alias"));
	cr_expect_str_eq(
	    next(), "join\t" CONNECTION "\talias\tc1\tseller\tasha\travi\n");
}

Test(publish, a_bind_names_who_it_is_and_until_when)
{
	struct caller asha = {.ids = {"asha", "7", "a@b.c"},
	    .id_count = 2,
	    .expires_at = 1000,
	    .session = "5e55"};

	req.caller = asha;
	cr_expect(publish_bind(&req), "no relay: no word");
	give("LIVE_CONNECTION=" CONNECTION);
	cr_expect(publish_bind(&req));
	cr_expect_str_eq(next(), "bind\t" CONNECTION "\t1060\t5e55\tasha\t7\t"
				 "{'ids':['asha','7'],'epoch':'e1'}\n");
}

Test(publish, without_a_hub_nobody_is_bound_and_nothing_else_fails)
{
	give("LIVE_CONNECTION=" CONNECTION);
	close(hub);
	while (hub_send("gone\n", 5))
		continue;
	cr_expect_not(publish_bind(&req));
	find(SIDE_SELLER, UNREAD);
	cr_expect_not(publish_join(&req, &found, "c1"));
	publish_sent(&req, &found, 1);
}
