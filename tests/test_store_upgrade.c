/*
 * Documents as the original application's Mongoose models wrote them, and
 * what becomes of them.  The walk over a database is tested by
 * tests/system/upgrade.test.js.
 */
#include "tests/documents.h"

#include "cgi/store_shape.h"
#include "cgi/upgrade.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define OID "6580a1b2c3d4e5f601234567" /* made at 2023-12-18T19:46:58Z */
#define NOW_MS 1795507200000           /* 2026-11-24T08:00:00.000Z */
#define AT "2026-01-03T00:00:01.000Z"
#define LATER "2026-11-24T08:00:00.001Z"

#define PARTIES                                                                \
	"'customerId': 'Asha@Example.com', 'sellerId': 'ravi@example.com',"    \
	"'vehicleId': 7,"

static struct upgrade up;

static void
end(void)
{
	if (up.document)
		upgrade_release(&up);
	up.document = NULL;
	documents_release();
}

TestSuite(store_upgrade, .fini = end);

/* The document whose fields are given, but _id. */
static const bson_t *
upgraded(const char *fields)
{
	bson_t *original;

	end();
	original = document("{'_id': {'$oid': '" OID "'}, %s}", fields);
	cr_assert(upgrade_conversation(&up, original, NOW_MS));
	return up.document;
}

/* A field before, and what stands at a path afterwards. */
struct row {
	const char *before, *path, *after;
};

static void
check(const char *format, const struct row *row, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char fields[8192];
		const char *after;

		snprintf(fields, sizeof(fields), "%s%s%s", format,
		    *format ? ", " : "", row[i].before);
		after = at(upgraded(fields), row[i].path);
		cr_expect_str_eq(after, row[i].after, "%s: %s is %s, not %s",
		    fields, row[i].path, after, row[i].after);
	}
}

#define CHECK(rows) check("", rows, COUNT(rows))

Test(store_upgrade, a_document_as_mongoose_wrote_it_becomes_ours)
{
	static const char *const before =
	    "'id': 'conv_1767400000000_ab12cd34e',"
	    "'customerId': 'Asha@Example.com', 'customerName': 'Asha',"
	    "'sellerId': 'ravi@example.com', 'sellerName': 'Ravi',"
	    "'vehicleId': 7, 'vehicleName': 'Swift', 'vehiclePrice': 450000,"
	    "'messages': ["
	    "{'id': 1767400000000123.0, 'sender': 'user', 'text': 'hi',"
	    " 'timestamp': '2026-01-03T00:26:40Z', 'isRead': true,"
	    " 'type': 'text', '_id': {'$oid': '" OID "'}},"
	    "{'id': 1767400000000124.0, 'sender': 'seller', 'text': 'yes?',"
	    " 'timestamp': '2026-01-03T05:57:00.5+05:30', 'isRead': false,"
	    " 'type': 'text', '_id': {'$oid': '" OID "'}}],"
	    "'lastMessageAt': '2026-01-03T00:27:00.500Z',"
	    "'isReadBySeller': true, 'isReadByCustomer': false,"
	    "'isFlagged': false,"
	    "'createdAt': {'$date': '2026-01-03T00:26:40Z'},"
	    "'updatedAt': {'$date': '2026-01-03T00:27:00Z'}, '__v': 2";
	char *json = bson_as_relaxed_extended_json(upgraded(before), NULL);

	for (char *c = json; (c = strchr(c, '"'));)
		*c = '\'';
	cr_expect_str_eq(json,
	    "{ '_id' : { '$oid' : '" OID "' }, 'v' : 1, "
	    "'id' : 'conv_1767400000000_ab12cd34e', "
	    "'ids' : [ 'conv_1767400000000_ab12cd34e' ], "
	    "'customerId' : 'asha@example.com', 'customerName' : 'Asha', "
	    "'sellerId' : 'ravi@example.com', 'sellerName' : 'Ravi', "
	    "'key' : '7\\nasha@example.com\\nravi@example.com', "
	    "'vehicleId' : 7, 'vehicleName' : 'Swift', "
	    "'vehiclePrice' : 450000.0, 'messages' : [ "
	    "{ 'id' : 1767400000000123, 'sender' : 'user', 'text' : 'hi', "
	    "'timestamp' : '2026-01-03T00:26:40.000Z', "
	    "'receivedAt' : '2026-01-03T00:26:40.000Z', 'type' : 'text', "
	    "'seq' : 1, 'rev' : 1, 'n' : 1, 'original' : true }, "
	    "{ 'id' : 1767400000000124, 'sender' : 'seller', "
	    "'text' : 'yes?', 'timestamp' : '2026-01-03T00:27:00.500Z', "
	    "'receivedAt' : '2026-01-03T00:27:00.500Z', 'type' : 'text', "
	    "'seq' : 2, 'rev' : 2, 'n' : 1, 'original' : true } ], "
	    "'lastMessageAt' : '2026-01-03T00:27:00.500Z', "
	    "'seq' : 2, 'rev' : 2, 'archivedSeq' : 0, "
	    "'sent' : { 'customer' : 1, 'seller' : 1 }, "
	    "'marks' : { 'customer' : { 'seq' : 0, 'n' : 0 }, "
	    "'seller' : { 'seq' : 2, 'n' : 1 } }, "
	    "'delivered' : { 'customer' : 0, 'seller' : 0 }, "
	    "'cleared' : { 'customer' : { 'seq' : 0, 'n' : 0 }, "
	    "'seller' : { 'seq' : 0, 'n' : 0 } }, "
	    "'hidden' : { 'customer' : false, 'seller' : false }, "
	    "'archived' : { 'customer' : false, 'seller' : false }, "
	    "'markedUnread' : { 'customer' : false, 'seller' : false }, "
	    "'isReadByCustomer' : false, 'isReadBySeller' : true, "
	    "'isFlagged' : false, 'flags' : {  }, "
	    "'changed' : { 'customer' : 1795507200000, "
	    "'seller' : 1795507200000 }, "
	    "'createdAt' : { '$date' : '2026-01-03T00:26:40Z' }, "
	    "'updatedAt' : { '$date' : '2026-01-03T00:27:00Z' }, "
	    "'__v' : 2 }");
	bson_free(json);
}

Test(store_upgrade, ids_parties_and_names_are_normalised)
{
	static const struct row rows[] = {
	    {"'id': 'c1'", "id", "'c1'"},
	    {"'id': 'with blank'", "id", "'" OID "'"},
	    {"'id': ''", "id", "'" OID "'"},
	    {"'id': 7", "id", "'" OID "'"},
	    {"'__v': 0", "id", "'" OID "'"},
	    {"'__v': 0", "ids", "[ '" OID "' ]"},
	    {"'customerId': '  ASHA@x.Com '", "customerId", "'asha@x.com'"},
	    {"'customerId': null", "customerId", "''"},
	    {"'customerId': 5", "customerId", "''"},
	    {"'__v': 0", "sellerId", "''"},
	    {"'sellerName': null", "sellerName", "''"},
	    {"'sellerName': ' Ravi '", "sellerName", "' Ravi '"},
	    {"'vehicleId': 7", "vehicleId", "7"},
	    {"'vehicleId': 7.0", "vehicleId", "7"},
	    {"'vehicleId': {'$numberLong': '7'}", "vehicleId", "7"},
	    {"'vehicleId': 7.5", "vehicleId", "null"},
	    {"'vehicleId': '7'", "vehicleId", "'7'"},
	    {"'vehicleId': 'a\\nb'", "vehicleId", "null"},
	    {"'vehicleId': ''", "vehicleId", "null"},
	    {"'vehicleId': {'a': 1}", "vehicleId", "null"},
	    {"'vehiclePrice': 5", "vehiclePrice", "5.0"},
	    {"'vehiclePrice': -1", "vehiclePrice", "null"},
	    {"'vehiclePrice': '5'", "vehiclePrice", "null"},
	    {"'vehiclePrice': {'$numberDouble': 'NaN'}", "vehiclePrice",
		"null"},
	    {"'__v': 3, 'color': {'a': [1]}", "color", "{ 'a' : [ 1 ] }"},
	    {"'seq': 77, 'key': 'x', 'purged': 1", "seq", "0"},
	    {"'seq': 77, 'key': 'x', 'purged': 1", "key", "absent"},
	    {"'seq': 77, 'key': 'x', 'purged': 1", "purged", "absent"},
	};

	CHECK(rows);
}

Test(store_upgrade, names_are_cut_at_code_points)
{
	char fields[8192] = "'vehicleName': '", expected[8192] = "'";

	for (int i = 0; i < 400; i++)
		strcat(fields, "\xe0\xa4\x85");
	strcat(fields, "'");
	for (int i = 0; i < 300; i++)
		strcat(expected, "\xe0\xa4\x85");
	strcat(expected, "'");
	cr_expect_str_eq(at(upgraded(fields), "vehicleName"), expected);
}

Test(store_upgrade, only_a_whole_triple_makes_a_key)
{
	static const struct row rows[] = {
	    {PARTIES "'__v': 0", "key",
		"'7\\nasha@example.com\\nravi@example.com'"},
	    {"'customerId': 'a', 'sellerId': 'b', 'vehicleId': '7'", "key",
		"'7\\na\\nb'"},
	    {"'customerId': 'a', 'sellerId': 'b'", "key", "absent"},
	    {"'customerId': 'a', 'vehicleId': 7", "key", "absent"},
	    {"'sellerId': 'a', 'vehicleId': 7", "key", "absent"},
	};

	CHECK(rows);
}

Test(store_upgrade, a_document_without_object_id_is_left_alone)
{
	bson_t *other = document("{'_id': 5, 'id': 'c1'}");

	cr_expect_not(upgrade_conversation(&up, other, NOW_MS));
}

#define MESSAGES(list) "'messages': [" list "]"
#define M(fields) "{'sender': 'user', 'text': 'hi', " fields "}"

Test(store_upgrade, messages_are_made_strict)
{
	static const struct row rows[] = {
	    {MESSAGES(M("'id': 5.0")), "messages.0.id", "5"},
	    {MESSAGES(M("'id': '5'")), "messages.0.id", "'5'"},
	    {MESSAGES(M("'id': 'm_1-x'")), "messages.0.id", "'m_1-x'"},
	    {MESSAGES(M("'id': 5.5")), "messages.0.id", "'parley-o1'"},
	    {MESSAGES(M("'id': 9007199254740991")), "messages.0.id",
		"9007199254740991"},
	    {MESSAGES(M("'id': 9007199254740992")), "messages.0.id",
		"'parley-o1'"},
	    {MESSAGES(M("'id': 1e17")), "messages.0.id", "'parley-o1'"},
	    {MESSAGES(M("'id': null")), "messages.0.id", "'parley-o1'"},
	    {MESSAGES(M("'id': ''")), "messages.0.id", "'parley-o1'"},
	    {MESSAGES(M("'id': 'parley-o2'")), "messages.0.id", "'parley-o1'"},
	    {MESSAGES("{}"), "messages.0.id", "'parley-o1'"},
	    {MESSAGES("{}"), "messages.0.sender", "'system'"},
	    {MESSAGES("{}"), "messages.0.text", "''"},
	    {MESSAGES("{'text': 5}"), "messages.0.text", "''"},
	    {MESSAGES("{'sender': 'admin'}"), "messages.0.sender", "'system'"},
	    {MESSAGES("{'sender': 'system'}"), "messages.0.sender", "'system'"},
	    {MESSAGES("7, null, {'id': 'a'}"), "messages.0.id", "'a'"},
	    {MESSAGES("7, null, {'id': 'a'}"), "seq", "1"},
	    {MESSAGES("{'text': 'a\\u0000b'}"), "messages.0.text",
		"'a\\u0000b'"},
	    {MESSAGES("{'type': 'test_drive_request'}"), "messages.0.type",
		"'test_drive_request'"},
	    {MESSAGES("{'type': 'unheard'}"), "messages.0.type", "'text'"},
	    {MESSAGES("{'isRead': true}"), "messages.0.isRead", "absent"},
	    {MESSAGES("{'_id': 1, 'extra': 1}"), "messages.0._id", "absent"},
	    {MESSAGES("{'_id': 1, 'extra': 1}"), "messages.0.extra", "absent"},
	    {MESSAGES("{}"), "messages.0.original", "true"},
	    {"'messages': 'none'", "messages", "[  ]"},
	    {"'messages': 'none'", "seq", "0"},
	    {"'__v': 0", "messages", "[  ]"},
	};

	CHECK(rows);
}

Test(store_upgrade, times_are_iso_utc_or_taken_from_beside)
{
	static const struct row rows[] = {
	    {"'lastMessageAt': '2026-01-03T05:30:01+05:30'", "lastMessageAt",
		"'" AT "'"},
	    {"'lastMessageAt': '2026-01-03T00:00:01Z'", "lastMessageAt",
		"'" AT "'"},
	    {"'lastMessageAt': {'$date': '2026-01-03T00:00:01Z'}",
		"lastMessageAt", "'" AT "'"},
	    {"'lastMessageAt': 'yesterday', " MESSAGES(
		 "{'timestamp': '" AT "'}, {'id': 1}"),
		"lastMessageAt", "'" AT "'"},
	    {"'createdAt': {'$date': '2026-01-03T00:00:01Z'}", "lastMessageAt",
		"'" AT "'"},
	    {"'__v': 0", "lastMessageAt", "'2023-12-18T19:46:58.000Z'"},
	    {"'__v': 0", "createdAt", "{ '$date' : '2023-12-18T19:46:58Z' }"},
	    {"'createdAt': {'$date': '2026-01-03T00:00:01Z'}", "updatedAt",
		"{ '$date' : '2026-01-03T00:00:01Z' }"},
	    {"'createdAt': {'$date': {'$numberLong': '-5'}}", "createdAt",
		"{ '$date' : '2023-12-18T19:46:58Z' }"},
	    {"'lastMessageAt': '" AT "', " MESSAGES("{'id': 1}"),
		"messages.0.timestamp", "'" AT "'"},
	    {"'lastMessageAt': '" AT "', " MESSAGES("{'timestamp': 'x'}"),
		"messages.0.receivedAt", "'" AT "'"},
	    {MESSAGES("{'timestamp': '2026-01-03T00:00:01Z'}"),
		"messages.0.receivedAt", "'" AT "'"},
	};

	CHECK(rows);
}

#define COPY(text, more)                                                       \
	"{'id': 5, 'sender': 'user', 'text': '" text "'" more "}"

Test(store_upgrade, three_copies_of_a_message_are_one)
{
	upgraded(MESSAGES(COPY("a", "") "," COPY(
	    "a", "") ","
		     "{'id': 6, 'sender': 'seller', 'text': 'b'},"
		     "{'id': '5', 'sender': 'user', 'text': 'a'}"));
	cr_expect_eq(up.repeated, 2);
	cr_expect_str_eq(at(up.document, "seq"), "2");
	cr_expect_str_eq(at(up.document, "messages.0.id"), "5");
	cr_expect_str_eq(at(up.document, "messages.1.id"), "6");
	cr_expect_str_eq(at(up.document, "messages.1.seq"), "2");
	cr_expect_str_eq(at(up.document, "messages.2"), "absent");
}

Test(store_upgrade, one_id_with_two_texts_stays_two_messages)
{
	upgraded(MESSAGES(COPY("a", "") "," COPY("b", "") "," COPY(
	    "b", "") ","
		     "{'id': 5, 'sender': 'seller', 'text': 'a'}"));
	cr_expect_eq(up.repeated, 1);
	cr_expect_str_eq(at(up.document, "seq"), "3");
	cr_expect_str_eq(at(up.document, "messages.0.id"), "5");
	cr_expect_str_eq(at(up.document, "messages.1.id"), "'parley-o2'");
	cr_expect_str_eq(at(up.document, "messages.1.text"), "'b'");
	cr_expect_str_eq(at(up.document, "messages.2.id"), "5");
	cr_expect_str_eq(at(up.document, "messages.2.sender"), "'seller'");
}

Test(store_upgrade, a_copy_gives_what_it_knows_more)
{
	static const struct row rows[] = {
	    {MESSAGES(COPY("Offer: 5", "") "," COPY(
		 "Offer: 5", ", 'payload': {'status': 'accepted'}")),
		"messages.0.payload.status", "'accepted'"},
	    {MESSAGES(COPY("Offer: 5",
		 ", 'payload': {'status': 'rejected'}") "," COPY("Offer: 5",
		 ", 'payload': {'status': 'pending'}")),
		"messages.0.payload.status", "'rejected'"},
	    {MESSAGES(COPY("x", "") "," COPY(
		 "x", ", 'type': 'offer', 'payload': {'offerPrice': 9}")),
		"messages.0.payload.offerPrice", "9.0"},
	    {MESSAGES(COPY("x", "") "," COPY("x", ", 'isRead': true")),
		"marks.seller.seq", "1"},
	};

	CHECK(rows);
}

Test(store_upgrade, messages_without_id_are_never_copies)
{
	upgraded(MESSAGES("{'text': 'a'}, {'text': 'a'}"));
	cr_expect_str_eq(at(up.document, "seq"), "2");
	cr_expect_str_eq(at(up.document, "messages.1.id"), "'parley-o2'");
}

Test(store_upgrade, offers_are_known_by_type_price_or_text)
{
	static const struct {
		const char *fields, *type, *payload;
	} cases[] = {
	    {"'type': 'offer', 'payload': {'offerPrice': 5}", "'offer'",
		"{ 'offerPrice' : 5.0, 'status' : 'pending' }"},
	    {"'type': 'text', 'payload': {'offerPrice': 5}", "'offer'",
		"{ 'offerPrice' : 5.0, 'status' : 'pending' }"},
	    {"'payload': {'offerPrice': 5, 'status': 'accepted'}", "'offer'",
		"{ 'offerPrice' : 5.0, 'status' : 'accepted' }"},
	    {"'text': 'Offer: 450000'", "'offer'",
		"{ 'offerPrice' : 450000.0, 'status' : 'pending' }"},
	    {"'text': 'Offer: \xe2\x82\xb9 4,50,000'", "'offer'",
		"{ 'offerPrice' : 450000.0, 'status' : 'pending' }"},
	    {"'text': 'Offer: $12,500.50 firm'", "'offer'",
		"{ 'offerPrice' : 12500.5, 'status' : 'pending' }"},
	    {"'text': 'Offer: Rs. 5'", "'offer'",
		"{ 'offerPrice' : 5.0, 'status' : 'pending' }"},
	    {"'text': 'Offer: let us talk about 5'", "'offer'",
		"{ 'status' : 'pending' }"},
	    {"'text': 'Offer:'", "'offer'", "{ 'status' : 'pending' }"},
	    {"'text': 'Offer: 0'", "'offer'", "{ 'status' : 'pending' }"},
	    {"'type': 'offer', 'payload': {'offerPrice': -5}", "'offer'",
		"{ 'status' : 'pending' }"},
	    {"'text': 'My Offer: 5'", "'text'", "absent"},
	    {"'payload': {'offerPrice': '5'}", "'text'", "absent"},
	    {"'payload': {'status': 'pending'}", "'text'", "absent"},
	    {"'payload': 'x'", "'text'", "absent"},
	    {"'type': 'test_drive_request', 'payload':"
	     "{'date': '2026-12-01', 'time': '10:30'}",
		"'test_drive_request'",
		"{ 'status' : 'pending', 'date' : '2026-12-01', "
		"'time' : '10:30' }"},
	    {"'type': 'offer', 'payload': {'offerPrice': 5,"
	     "'counterPrice': 6, 'status': 'countered', 'odd': 1,"
	     "'expiresAt': '2026-01-03T05:30:01+05:30',"
	     "'originalMessageId': 17.0}",
		"'offer'",
		"{ 'offerPrice' : 5.0, 'counterPrice' : 6.0, "
		"'status' : 'countered', 'expiresAt' : '" AT "', "
		"'originalMessageId' : 17 }"},
	    {"'type': 'offer', 'payload': {'offerPrice': 5,"
	     "'expiresAt': 'soon'}",
		"'offer'", "{ 'offerPrice' : 5.0, 'status' : 'pending' }"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char fields[512];

		snprintf(fields, sizeof(fields),
		    MESSAGES("{'id': 1, 'sender': 'user', %s}"),
		    cases[i].fields);
		upgraded(fields);
		cr_expect_str_eq(at(up.document, "messages.0.type"),
		    cases[i].type, "%s", fields);
		cr_expect_str_eq(at(up.document, "messages.0.payload"),
		    cases[i].payload, "%s: %s", fields,
		    at(up.document, "messages.0.payload"));
	}
}

Test(store_upgrade, an_offer_of_the_system_waits_for_nobody)
{
	upgraded(MESSAGES("{'id': 1, 'sender': 'system', 'text': 'Offer: 5',"
			  "'payload': {'status': 'pending'}}"));
	cr_expect_str_eq(
	    at(up.document, "messages.0.payload"), "{ 'offerPrice' : 5.0 }");
}

#define U(id, more) "{'id': " id ", 'sender': 'user'" more "}"
#define S(id, more) "{'id': " id ", 'sender': 'seller'" more "}"
#define READ ", 'isRead': true"
/* seq 1 to 5: ordinals of the customer 1, 2, 3 at 1, 2, 4 */
/* clang-format off */
#define FIVE(a, b, c, d, e)                                                    \
	MESSAGES(U("1", a) "," U("2", b) "," S("3", c) "," U("4", d) ","       \
		"{'id': 5, 'sender': 'system'" e "}")
/* clang-format on */

Test(store_upgrade, marks_follow_the_flags_else_the_messages_read)
{
	static const struct {
		const char *fields, *mark, *is_read, *by_hand;
	} cases[] = {
	    {"'isReadBySeller': true, " FIVE("", "", "", "", ""),
		"{ 'seq' : 5, 'n' : 3 }", "true", "false"},
	    {"'isReadBySeller': false, " FIVE("", "", "", "", ""),
		"{ 'seq' : 0, 'n' : 0 }", "false", "false"},
	    {FIVE("", "", "", "", ""), "{ 'seq' : 0, 'n' : 0 }", "false",
		"false"},
	    {"'isReadBySeller': false, " FIVE(READ, READ, "", "", ""),
		"{ 'seq' : 2, 'n' : 2 }", "false", "false"},
	    {FIVE("", READ, READ, "", READ), "{ 'seq' : 2, 'n' : 2 }", "false",
		"false"},
	    {FIVE("", "", "", READ, ""), "{ 'seq' : 4, 'n' : 3 }", "true",
		"false"},
	    {"'isReadBySeller': false, " FIVE("", "", "", READ, ""),
		"{ 'seq' : 4, 'n' : 3 }", "false", "true"},
	    {"'isReadBySeller': false, " MESSAGES(""), "{ 'seq' : 0, 'n' : 0 }",
		"true", "false"},
	    {"'isReadBySeller': false, " MESSAGES(S("1", "")),
		"{ 'seq' : 0, 'n' : 0 }", "true", "false"},
	    {"'isReadBySeller': 'no', " FIVE("", "", "", "", ""),
		"{ 'seq' : 0, 'n' : 0 }", "false", "false"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		upgraded(cases[i].fields);
		cr_expect_str_eq(at(up.document, "marks.seller"), cases[i].mark,
		    "case %zu", i);
		cr_expect_str_eq(at(up.document, "isReadBySeller"),
		    cases[i].is_read, "case %zu", i);
		cr_expect_str_eq(at(up.document, "markedUnread.seller"),
		    cases[i].by_hand, "case %zu", i);
	}
}

Test(store_upgrade, the_customers_mark_counts_the_sellers_messages)
{
	static const struct row rows[] = {
	    {"'isReadByCustomer': true, " FIVE("", "", "", "", ""),
		"marks.customer", "{ 'seq' : 5, 'n' : 1 }"},
	    {FIVE(READ, "", READ, READ, ""), "marks.customer",
		"{ 'seq' : 3, 'n' : 1 }"},
	    {FIVE("", "", "", "", ""), "isReadByCustomer", "false"},
	    {FIVE("", "", "", "", ""), "sent",
		"{ 'customer' : 3, 'seller' : 1 }"},
	    {FIVE("", "", "", "", ""), "messages.3.n", "3"},
	};

	CHECK(rows);
}

Test(store_upgrade, a_flag_of_an_unknown_reporter_is_kept)
{
	static const struct row rows[] = {
	    {"'isFlagged': true, 'flagReason': 'rude',"
	     "'flaggedAt': '2026-01-03T00:00:01Z'",
		"flags",
		"{ 'unknown' : { 'reason' : 'rude', "
		"'at' : { '$date' : '2026-01-03T00:00:01Z' } } }"},
	    {"'isFlagged': true,"
	     "'updatedAt': {'$date': '2026-01-03T00:00:01Z'}",
		"flags",
		"{ 'unknown' : { 'reason' : '', "
		"'at' : { '$date' : '2026-01-03T00:00:01Z' } } }"},
	    {"'isFlagged': true", "isFlagged", "true"},
	    {"'isFlagged': false, 'flagReason': 'rude'", "flags", "{  }"},
	    {"'isFlagged': 'yes'", "isFlagged", "false"},
	    {"'__v': 0", "isFlagged", "false"},
	};

	CHECK(rows);
}

/* count messages in turn, each with what more(i) puts behind. */
static const char *
many(int count, const char *(*more)(int i))
{
	static char fields[DOCUMENT_BYTES];
	size_t used = (size_t)sprintf(fields, "'messages': [");

	for (int i = 0; i < count; i++)
		used += (size_t)sprintf(fields + used,
		    "%s{'id': %d, 'sender': '%s', 'text': 't'%s}",
		    i ? ", " : "", 100 + i, i % 2 ? "seller" : "user", more(i));
	strcpy(fields + used, "]");
	return fields;
}

static const char *
nothing(int i)
{
	(void)i;
	return "";
}

Test(store_upgrade, a_window_holds_fewer_than_64_and_buckets_are_full)
{
	static const struct {
		int messages, archived;
	} cases[] = {
	    {63, 0},
	    {64, 32},
	    {65, 32},
	    {95, 32},
	    {96, 64},
	    {1000, 960},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct conversation c;
		bson_iter_t it;
		int in_window = 0;

		upgraded(many(cases[i].messages, nothing));
		cr_assert(conversation_read(&c, up.document));
		cr_expect_eq(c.seq, cases[i].messages);
		cr_expect_eq(c.archived_seq, cases[i].archived);
		cr_expect_eq(up.bucket_count, cases[i].archived / 32);
		cr_assert(bson_iter_recurse(&c.messages, &it));
		while (bson_iter_next(&it))
			in_window++;
		cr_expect_eq(in_window, cases[i].messages - cases[i].archived);
	}
}

Test(store_upgrade, buckets_are_exact_and_in_order)
{
	upgraded(many(200, nothing));
	cr_assert_eq(up.bucket_count, 5);
	for (size_t k = 0; k < up.bucket_count; k++) {
		struct stored_message m;
		bson_iter_t field, it;
		char expected[96];
		int64_t seq = 32 * (int64_t)k;

		snprintf(expected, sizeof(expected),
		    "{ 'c' : { '$oid' : '" OID "' }, 'k' : %zu }", k);
		cr_expect_str_eq(at(up.buckets[k], "_id"), expected);
		snprintf(expected, sizeof(expected),
		    "{ 'customer' : %zu, 'seller' : %zu }", 16 * k, 16 * k);
		cr_expect_str_eq(at(up.buckets[k], "before"), expected);
		cr_assert(
		    bson_iter_init_find(&field, up.buckets[k], "messages"));
		cr_assert(bson_iter_recurse(&field, &it));
		while (bson_iter_next(&it)) {
			cr_assert(stored_message_read(&m, &it));
			cr_expect_eq(m.seq, ++seq);
			cr_expect_eq(m.n, (seq + 1) / 2);
		}
		cr_expect_eq(seq, 32 * (int64_t)k + 32);
		snprintf(expected, sizeof(expected), "%zu", 32 * k + 32);
		cr_expect_str_eq(at(up.buckets[k], "rev"), expected);
	}
}

/* Four offers of each at the begin of a hundred messages. */
static const char *
eight_offers(int i)
{
	return i < 8 ? ", 'payload': {'offerPrice': 5}" : "";
}

Test(store_upgrade, what_is_pending_stays_before_the_window)
{
	struct conversation c;
	struct stored_message m;
	bson_iter_t it;
	int64_t expected[] = {1, 2, 3, 4, 5, 6, 7, 8, 65, 66};

	upgraded(many(100, eight_offers));
	cr_assert(conversation_read(&c, up.document));
	cr_assert_eq(c.archived_seq, 64);
	cr_assert(bson_iter_recurse(&c.messages, &it));
	for (size_t i = 0; i < COUNT(expected); i++) {
		cr_assert(bson_iter_next(&it));
		cr_assert(stored_message_read(&m, &it));
		cr_expect_eq(m.seq, expected[i]);
	}
	cr_expect_str_eq(
	    at(up.buckets[0], "messages.7.payload.status"), "'pending'");
}

/* Twenty offers of the customer, one that has expired, one answered. */
static const char *
twenty_offers(int i)
{
	switch (i) {
	case 36:
		return ", 'payload': {'offerPrice': 5, 'status': 'pending',"
		       "'expiresAt': '" AT "'}";
	case 38:
		return ", 'payload': {'offerPrice': 5, 'status': 'accepted'}";
	default:
		return i % 2 == 0 && i < 40 ? ", 'payload': {'offerPrice': 5,"
					      "'expiresAt': '" LATER "'}"
					    : "";
	}
}

Test(store_upgrade, a_party_keeps_its_newest_eight_pending)
{
	upgraded(many(60, twenty_offers));
	for (int i = 0; i < 36; i += 2) {
		char path[64];

		snprintf(path, sizeof(path), "messages.%d.payload.status", i);
		cr_expect_str_eq(at(up.document, path),
		    i < 20 ? "'expired'" : "'pending'", "%s", path);
	}
	cr_expect_str_eq(
	    at(up.document, "messages.38.payload.status"), "'accepted'");
}

Test(store_upgrade, thousands_of_messages_are_deduplicated_in_no_time)
{
	char *fields = strdup(many(2000, nothing));
	char *twice = malloc(2 * strlen(fields) + 16);
	const char *list = strchr(fields, '[') + 1;

	sprintf(twice, "%.*s, %s", (int)strlen(fields) - 1, fields, list);
	upgraded(twice);
	cr_expect_eq(up.repeated, 2000);
	cr_expect_str_eq(at(up.document, "seq"), "2000");
	free(twice);
	free(fields);
}

Test(store_upgrade, a_place_that_is_taken_costs_the_key_then_the_id)
{
	bson_t *without, *own;

	upgraded(PARTIES "'id': 'c1'");
	without = upgrade_without_key(up.document);
	own = upgrade_with_own_id(up.document);
	cr_expect_str_eq(at(up.document, "id"), "'c1'");
	cr_expect_str_eq(at(without, "key"), "absent");
	cr_expect_str_eq(at(without, "ids"), "[ 'c1' ]");
	cr_expect_str_eq(at(own, "key"), "absent");
	cr_expect_str_eq(at(own, "id"), "'" OID "'");
	cr_expect_str_eq(at(own, "ids"), "[ '" OID "' ]");
	cr_expect_str_eq(at(own, "vehicleId"), "7");
	bson_destroy(without);
	bson_destroy(own);
}
