/*
 * Stored documents as a client sees them.
 */
#include "tests/documents.h"

#include "cgi/conversation_json.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define NOW "2026-11-24T08:00:00.000Z"
#define SOON "2026-11-24T08:00:00.001Z"

static struct conversation c;
static struct buffer b;

static void
end(void)
{
	buffer_release(&b);
	documents_release();
}

TestSuite(conversation_json, .fini = end);

static const char *
conversation(const bson_t *doc, enum side viewer)
{
	cr_assert(conversation_read(&c, doc));
	buffer_reset(&b);
	conversation_json_open(&b, &c, viewer);
	buffer_char(&b, '}');
	return b.data;
}

static const char *
message(const char *json)
{
	bson_t *doc = document("{'m': %s}", json);
	struct stored_message m;
	bson_iter_t it;

	cr_assert(bson_iter_init_find(&it, doc, "m"));
	cr_assert(stored_message_read(&m, &it));
	buffer_reset(&b);
	message_json(&b, &c, &m, NOW);
	return b.data;
}

/* Everything but the pieces that the tests below vary. */
#define WHOLE                                                                  \
	"'v': 1, 'id': 'c1', 'ids': ['c1'], 'key': 'k',"                       \
	"'customerId': 'asha', 'customerName': 'Asha \\u00e9',"                \
	"'sellerId': 'ravi', 'sellerName': 'Ravi',"                            \
	"'vehicleId': 7, 'vehicleName': 'Car <b>', 'vehiclePrice': 5.5,"       \
	"'messages': [], 'lastMessageAt': '" NOW "',"                          \
	"'seq': 9, 'rev': 12, 'archivedSeq': 0,"                               \
	"'sent': {'customer': 5, 'seller': 4},"                                \
	"'marks': {'customer': {'seq': 8, 'n': 3},"                            \
	"          'seller': {'seq': 2, 'n': 1}},"                             \
	"'delivered': {'customer': 3, 'seller': 6},"                           \
	"'cleared': {'customer': {'seq': 1, 'n': 0},"                          \
	"            'seller': {'seq': 4, 'n': 2}},"                           \
	"'archived': {'customer': true, 'seller': false},"                     \
	"'isReadByCustomer': true, 'isReadBySeller': false,"                   \
	"'createdAt': {'$date': {'$numberLong': '1000'}},"                     \
	"'updatedAt': {'$date': {'$numberLong': '2000'}},"                     \
	"'changed': {'customer': 1, 'seller': 1}"

Test(conversation_json, a_conversation_has_the_contracts_fields_in_its_order)
{
	cr_expect_str_eq(conversation(document("{" WHOLE "}"), SIDE_CUSTOMER),
	    "{\"id\":\"c1\",\"customerId\":\"asha\","
	    "\"customerName\":\"Asha \xc3\xa9\",\"sellerId\":\"ravi\","
	    "\"sellerName\":\"Ravi\",\"vehicleId\":7,"
	    "\"vehicleName\":\"Car <b>\",\"vehiclePrice\":5.5,"
	    "\"lastMessageAt\":\"" NOW "\","
	    "\"isReadBySeller\":false,\"isReadByCustomer\":true,"
	    "\"unreadBySeller\":3,\"unreadByCustomer\":1,"
	    "\"readSeq\":{\"customer\":8,\"seller\":2},"
	    "\"deliveredSeq\":{\"customer\":8,\"seller\":6},"
	    "\"isFlagged\":false,\"archived\":true,\"clearedSeq\":1,"
	    "\"seq\":9,\"rev\":12,"
	    "\"createdAt\":\"1970-01-01T00:00:01.000Z\","
	    "\"updatedAt\":\"1970-01-01T00:00:02.000Z\"}");
}

Test(conversation_json, archive_and_clear_are_the_viewers_own)
{
	static const struct {
		enum side viewer;
		const char *expected;
	} cases[] = {
	    {SIDE_CUSTOMER, "\"archived\":true,\"clearedSeq\":1,"},
	    {SIDE_SELLER, "\"archived\":false,\"clearedSeq\":4,"},
	    {SIDE_NONE, "\"archived\":false,\"clearedSeq\":0,"},
	};
	bson_t *doc = document("{" WHOLE "}");

	for (size_t i = 0; i < COUNT(cases); i++)
		cr_expect(strstr(conversation(doc, cases[i].viewer),
			      cases[i].expected),
		    "%s", b.data);
}

Test(conversation_json, a_listing_comes_back_in_the_type_in_which_it_was_given)
{
	static const struct {
		const char *stored, *shown;
	} cases[] = {
	    {"'vehicleId': {'$numberLong': '7'}", "\"vehicleId\":7,"},
	    {"'vehicleId': 7.0", "\"vehicleId\":7,"},
	    {"'vehicleId': '7'", "\"vehicleId\":\"7\","},
	    {"'vehicleId': null", "\"vehicleId\":null,"},
	    {"'other': 1", "\"vehicleId\":null,"},
	    {"'vehiclePrice': null", "\"vehiclePrice\":null,"},
	    {"'vehiclePrice': 450000.0", "\"vehiclePrice\":450000,"},
	    {"'vehiclePrice': 0.1", "\"vehiclePrice\":0.1,"},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		cr_expect(strstr(conversation(document("{%s}", cases[i].stored),
				     SIDE_SELLER),
			      cases[i].shown),
		    "%s: %s", cases[i].stored, b.data);
}

Test(conversation_json, only_the_reporter_and_admins_see_a_flag)
{
	static const char *const shown =
	    "\"isFlagged\":true,\"flagReason\":\"rude\","
	    "\"flaggedAt\":\"1970-01-01T00:00:00.077Z\",";
	static const struct {
		const char *reporter;
		enum side viewer;
		bool sees;
	} cases[] = {
	    {"seller", SIDE_SELLER, true},
	    {"seller", SIDE_CUSTOMER, false},
	    {"seller", SIDE_NONE, true},
	    {"customer", SIDE_CUSTOMER, true},
	    {"customer", SIDE_SELLER, false},
	    {"unknown", SIDE_CUSTOMER, false},
	    {"unknown", SIDE_SELLER, false},
	    {"unknown", SIDE_NONE, true},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *json = conversation(
		    document("{'isFlagged': true, 'flags': {'%s': {"
			     "'reason': 'rude', 'at': 77}}}",
			cases[i].reporter),
		    cases[i].viewer);

		cr_expect_eq(!!strstr(json, shown), cases[i].sees, "%s", json);
		cr_expect_eq(!strstr(json, "\"isFlagged\":false"),
		    cases[i].sees, "%s", json);
		cr_expect_eq(!!strstr(json, "rude"), cases[i].sees);
	}
}

Test(conversation_json, an_empty_document_is_still_json)
{
	cr_expect_str_eq(conversation(document("{}"), SIDE_NONE),
	    "{\"id\":\"\",\"customerId\":\"\",\"customerName\":\"\","
	    "\"sellerId\":\"\",\"sellerName\":\"\",\"vehicleId\":null,"
	    "\"vehicleName\":\"\",\"vehiclePrice\":null,"
	    "\"lastMessageAt\":\"\",\"isReadBySeller\":false,"
	    "\"isReadByCustomer\":false,\"unreadBySeller\":0,"
	    "\"unreadByCustomer\":0,\"readSeq\":{\"customer\":0,"
	    "\"seller\":0},\"deliveredSeq\":{\"customer\":0,\"seller\":0},"
	    "\"isFlagged\":false,\"archived\":false,\"clearedSeq\":0,"
	    "\"seq\":0,\"rev\":0,"
	    "\"createdAt\":\"1970-01-01T00:00:00.000Z\","
	    "\"updatedAt\":\"1970-01-01T00:00:00.000Z\"}");
}

Test(conversation_json, a_message_has_the_contracts_fields_in_its_order)
{
	c.mark[SIDE_CUSTOMER].seq = 4;
	cr_expect_str_eq(
	    message("{'type': 'offer', 'id': 1767400000000123,"
		    "'sender': 'seller', 'text': 'a\\nb\\u0001 </x>',"
		    "'timestamp': 't', 'receivedAt': 'r',"
		    "'payload': {'status': 'pending', 'secret': 1,"
		    "'nested': {'a': 1}, 'offerPrice': 450000.0,"
		    "'originalMessageId': 'm-1', 'expiresAt': '" SOON "'},"
		    "'seq': 4, 'rev': 6, 'n': 2, 'attempt': 9,"
		    "'answer': {'by': 'user'}, 'original': true}"),
	    "{\"id\":1767400000000123,\"seq\":4,\"rev\":6,"
	    "\"sender\":\"seller\",\"text\":\"a\\nb\\u0001 </x>\","
	    "\"timestamp\":\"t\",\"receivedAt\":\"r\",\"isRead\":true,"
	    "\"type\":\"offer\",\"payload\":{\"offerPrice\":450000,"
	    "\"status\":\"pending\",\"expiresAt\":\"" SOON "\","
	    "\"originalMessageId\":\"m-1\"}}");
}

Test(conversation_json, an_id_comes_back_as_it_was_given)
{
	static const struct {
		const char *stored, *shown;
	} cases[] = {
	    {"7", "{\"id\":7,"},
	    {"'7'", "{\"id\":\"7\","},
	    {"-9007199254740991", "{\"id\":-9007199254740991,"},
	    {"{'$numberDouble': '1767400000000123'}",
		"{\"id\":1767400000000123,"},
	    {"'a\\\\\\\"b'", "{\"id\":\"a\\\\\\\"b\","},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char json[100];

		snprintf(json, sizeof(json), "{'id': %s}", cases[i].stored);
		cr_expect(strstr(message(json), cases[i].shown) == b.data, "%s",
		    b.data);
	}
}

Test(conversation_json, a_message_is_read_by_the_mark_of_the_other)
{
	static const struct {
		const char *sender;
		int seq;
		bool is_read;
	} cases[] = {
	    {"user", 2, true}, /* the seller's mark is 2 */
	    {"user", 3, false},
	    {"seller", 8, true}, /* the customer's is 8 */
	    {"seller", 9, false},
	    {"system", 9, true},
	};

	c.mark[SIDE_CUSTOMER].seq = 8;
	c.mark[SIDE_SELLER].seq = 2;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char json[100];

		snprintf(json, sizeof(json),
		    "{'id': 1, 'sender': '%s', 'seq': %d}", cases[i].sender,
		    cases[i].seq);
		cr_expect_eq(!!strstr(message(json), "\"isRead\":true"),
		    cases[i].is_read, "%s", b.data);
	}
}

Test(conversation_json, a_pending_offer_is_expired_from_its_time_on)
{
	static const struct {
		const char *stored, *shown;
	} cases[] = {
	    {"'status': 'pending'", "\"status\":\"pending\""},
	    {"'status': 'pending', 'expiresAt': '" SOON "'",
		"\"status\":\"pending\""},
	    {"'status': 'pending', 'expiresAt': '" NOW "'",
		"\"status\":\"expired\""},
	    {"'status': 'accepted', 'expiresAt': '" NOW "'",
		"\"status\":\"accepted\""},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char json[200];

		snprintf(json, sizeof(json), "{'id': 1, 'payload': {%s}}",
		    cases[i].stored);
		cr_expect(strstr(message(json), cases[i].shown), "%s", b.data);
	}
}

Test(conversation_json, a_payload_shows_known_fields_that_are_plain)
{
	message("{'id': 1, 'payload': {'imageUrl': 'https://x',"
		"'audioUrl': 'https://y', 'durationSeconds': 1.5,"
		"'date': '2026-12-01', 'time': '10:30', 'counterPrice': 5,"
		"'offerPrice': {'$gt': 1}, 'status': null, 'x': 'y'}}");
	cr_expect(strstr(b.data,
		      "\"payload\":{\"counterPrice\":5,\"date\":\"2026-12-01\","
		      "\"time\":\"10:30\",\"imageUrl\":\"https://x\","
		      "\"audioUrl\":\"https://y\",\"durationSeconds\":1.5}}"),
	    "%s", b.data);
	cr_expect(
	    strstr(message("{'id': 1, 'payload': {}}"), "\"payload\":{}}"));
	cr_expect_not(strstr(message("{'id': 1}"), "payload"));
}
