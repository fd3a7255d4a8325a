/*
 * Stored documents read, written and compared.
 */
#include "tests/documents.h"

#include "cgi/store_shape.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define NOW "2026-11-24T08:00:00.000Z"

static struct conversation c;

TestSuite(store_shape, .fini = documents_release);

static void
read_it(const bson_t *doc)
{
	cr_assert(conversation_read(&c, doc));
}

Test(store_shape, every_field_of_a_conversation_is_read)
{
	read_it(document(
	    "{'_id': {'$oid': '0123456789abcdef01234567'}, 'v': 1,"
	    "'id': 'c1', 'ids': ['c1', 'c2'], 'key': 'k',"
	    "'customerId': 'asha', 'customerName': 'Asha',"
	    "'sellerId': 'ravi', 'sellerName': 'Ravi',"
	    "'vehicleId': 7, 'vehicleName': 'Car', 'vehiclePrice': 5.5,"
	    "'messages': [], 'lastMessageAt': '" NOW "',"
	    "'seq': 9, 'rev': 12, 'archivedSeq': 3,"
	    "'sent': {'customer': 5, 'seller': 4},"
	    "'marks': {'customer': {'seq': 8, 'n': 3},"
	    "          'seller': {'seq': 2, 'n': 1}},"
	    "'delivered': {'customer': 9, 'seller': 6},"
	    "'cleared': {'customer': {'seq': 1, 'n': 0},"
	    "            'seller': {'seq': 4, 'n': 2}},"
	    "'hidden': {'customer': false, 'seller': true},"
	    "'archived': {'customer': true, 'seller': false},"
	    "'markedUnread': {'customer': false, 'seller': true},"
	    "'isReadByCustomer': true, 'isReadBySeller': false,"
	    "'isFlagged': true, 'flags': {'seller': {'reason': 'rude',"
	    "    'at': {'$date': {'$numberLong': '77'}}}},"
	    "'changed': {'customer': 100, 'seller': 200},"
	    "'createdAt': {'$date': {'$numberLong': '1000'}},"
	    "'updatedAt': {'$date': {'$numberLong': '2000'}}}"));
	cr_expect_eq(c.oid.bytes[1], 0x23);
	cr_expect(c.upgraded && !c.purged);
	cr_expect_str_eq(c.id, "c1");
	cr_expect(c.has_ids && c.has_messages && c.has_vehicle_id);
	cr_expect_str_eq(c.party[SIDE_CUSTOMER], "asha");
	cr_expect_str_eq(c.party[SIDE_SELLER], "ravi");
	cr_expect_str_eq(c.name[SIDE_CUSTOMER], "Asha");
	cr_expect_str_eq(c.name[SIDE_SELLER], "Ravi");
	cr_expect_eq(bson_iter_int32(&c.vehicle_id), 7);
	cr_expect_str_eq(c.vehicle_name, "Car");
	cr_expect(c.has_price && c.price == 5.5);
	cr_expect_str_eq(c.last_message_at, NOW);
	cr_expect(c.seq == 9 && c.rev == 12 && c.archived_seq == 3);
	cr_expect(c.sent[SIDE_CUSTOMER] == 5 && c.sent[SIDE_SELLER] == 4);
	cr_expect(c.mark[SIDE_CUSTOMER].seq == 8);
	cr_expect(c.mark[SIDE_CUSTOMER].n == 3);
	cr_expect(c.mark[SIDE_SELLER].seq == 2);
	cr_expect(c.mark[SIDE_SELLER].n == 1);
	cr_expect(c.delivered[SIDE_CUSTOMER] == 9);
	cr_expect(c.delivered[SIDE_SELLER] == 6);
	cr_expect(c.cleared[SIDE_CUSTOMER].seq == 1);
	cr_expect(c.cleared[SIDE_SELLER].n == 2);
	cr_expect(!c.hidden[SIDE_CUSTOMER] && c.hidden[SIDE_SELLER]);
	cr_expect(c.archived[SIDE_CUSTOMER] && !c.archived[SIDE_SELLER]);
	cr_expect(c.marked_unread[SIDE_SELLER]);
	cr_expect(c.is_read[SIDE_CUSTOMER] && !c.is_read[SIDE_SELLER]);
	cr_expect(c.is_flagged && c.flagged[SIDE_SELLER]);
	cr_expect(!c.flagged[SIDE_CUSTOMER]);
	cr_expect_str_eq(c.flag_reason[SIDE_SELLER], "rude");
	cr_expect_eq(c.flagged_at[SIDE_SELLER], 77);
	cr_expect_str_eq(c.flag_any_reason, "rude");
	cr_expect(c.changed[SIDE_CUSTOMER] == 100);
	cr_expect(c.changed[SIDE_SELLER] == 200);
	cr_expect(c.created_at == 1000 && c.updated_at == 2000);
}

Test(store_shape, the_order_of_fields_does_not_matter)
{
	read_it(document("{'updatedAt': {'$date': {'$numberLong': '2'}},"
			 "'other': 1, 'rev': 3, 'seq': 2, 'more': 'x',"
			 "'id': 'c1'}"));
	cr_expect_str_eq(c.id, "c1");
	cr_expect(c.seq == 2 && c.rev == 3 && c.updated_at == 2);
}

Test(store_shape, fields_of_a_wrong_type_count_as_absent)
{
	static const char *const names[] = {"_id", "id", "ids", "customerId",
	    "sellerName", "vehicleId", "vehiclePrice", "messages",
	    "lastMessageAt", "seq", "sent", "marks", "delivered", "cleared",
	    "hidden", "isReadBySeller", "isFlagged", "flags", "changed",
	    "createdAt"};
	static const char *const values[] = {"null", "{'$minKey': 1}",
	    "{'customer': {'seq': [], 'reason': 1}, 'seller': []}", "[[]]",
	    "{'$numberDouble': 'NaN'}", "1e300"};

	for (size_t i = 0; i < COUNT(names); i++)
		for (size_t j = 0; j < COUNT(values); j++) {
			read_it(document("{'%s': %s}", names[i], values[j]));
			cr_expect_str_eq(c.id, "");
			cr_expect_str_eq(c.party[SIDE_CUSTOMER], "");
			cr_expect_str_eq(c.last_message_at, "");
			cr_expect(c.seq == 0 && c.sent[0] == 0);
			cr_expect(!c.is_flagged && !c.is_read[SIDE_SELLER]);
			cr_expect_eq(c.created_at, 0);
		}
}

Test(store_shape, an_id_with_a_nul_is_none)
{
	read_it(document("{'id': 'c1\\u0000x'}"));
	cr_expect_str_eq(c.id, "");
}

Test(store_shape, bytes_that_are_no_bson_are_refused)
{
	bson_t *doc = document("{'id': 'c1', 'seq': 1}");

	((uint8_t *)bson_get_data(doc))[4] = 0x77;
	cr_expect_not(conversation_read(&c, doc));
}

Test(store_shape, a_tombstone_says_so)
{
	read_it(document("{'v': 1, 'id': 'c1',"
			 "'purged': {'$date': {'$numberLong': '1'}}}"));
	cr_expect(c.purged);
}

Test(store_shape, unread_is_what_the_other_sent_beyond_mark_and_clear)
{
	static const struct {
		int64_t sent, mark, cleared, unread;
	} cases[] = {
	    {5, 0, 0, 5}, {5, 3, 0, 2}, {5, 3, 4, 1}, {5, 5, 0, 0},
	    {0, 0, 0, 0}, {3, 4, 0, 0}, /* never negative */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		c = (struct conversation){
		    .sent = {cases[i].sent, 99},
		    .mark[SIDE_SELLER].n = cases[i].mark,
		    .cleared[SIDE_SELLER].n = cases[i].cleared,
		};
		cr_expect_eq(conversation_unread(&c, SIDE_SELLER),
		    cases[i].unread, "case %zu", i);
	}
}

Test(store_shape, the_customers_side_wins_and_an_empty_party_is_nobody)
{
	struct caller caller = {
	    .ids = {"asha", "asha@example.com"}, .id_count = 2};

	read_it(document("{'customerId': 'asha@example.com',"
			 "'sellerId': 'asha'}"));
	cr_expect_eq(conversation_side(&c, &caller), SIDE_CUSTOMER);
	read_it(document("{'customerId': 'eve', 'sellerId': 'asha'}"));
	cr_expect_eq(conversation_side(&c, &caller), SIDE_SELLER);
	read_it(document("{'customerId': '', 'sellerId': 'ravi'}"));
	caller.ids[0][0] = '\0';
	cr_expect_eq(conversation_side(&c, &caller), SIDE_NONE);
}

Test(store_shape, a_key_tells_listing_and_parties_apart)
{
	char a[KEY_BYTES], b[KEY_BYTES];

	conversation_key(a, "7", "1 asha", "ravi");
	conversation_key(b, "7 1", "asha", "ravi");
	cr_expect_str_neq(a, b);
	conversation_key(b, "7", "ravi", "1 asha");
	cr_expect_str_neq(a, b);
}

static struct stored_message m;
static bson_t *held;

static bool
read_message(const char *json)
{
	bson_iter_t it;

	held = document("{'m': %s}", json);
	cr_assert(bson_iter_init_find(&it, held, "m"));
	return stored_message_read(&m, &it);
}

Test(store_shape, every_field_of_a_message_is_read)
{
	cr_assert(read_message("{'id': 1767400000000123, 'sender': 'seller',"
			       "'text': 'a\\u0000b', 'timestamp': '" NOW "',"
			       "'receivedAt': 'r', 'type': 'offer',"
			       "'payload': {'offerPrice': 12,"
			       "'status': 'pending', 'expiresAt': '" NOW "'},"
			       "'seq': 4, 'rev': 6, 'n': 2,"
			       "'answer': {'by': 'user'}, 'original': true}"));
	cr_expect_eq(bson_iter_int64(&m.id), 1767400000000123);
	cr_expect_eq(m.sender, SIDE_SELLER);
	cr_expect(m.text_len == 3 && memcmp(m.text, "a\0b", 3) == 0);
	cr_expect_str_eq(m.timestamp, NOW);
	cr_expect_str_eq(m.received_at, "r");
	cr_expect_eq(m.type, TYPE_OFFER);
	cr_expect(m.has_payload && m.offer_price == 12);
	cr_expect_str_eq(m.status, "pending");
	cr_expect_str_eq(m.expires_at, NOW);
	cr_expect(m.seq == 4 && m.rev == 6 && m.n == 2);
	cr_expect(m.has_answer && m.original);
}

Test(store_shape, a_message_without_id_or_that_is_none_is_refused)
{
	cr_expect_not(read_message("{'text': 'x'}"));
	cr_expect_not(read_message("7"));
	cr_expect(read_message("{'id': 'a', 'sender': 5, 'text': [],"
			       "'type': 'unheard', 'payload': 'p'}"));
	cr_expect_eq(m.sender, SIDE_NONE);
	cr_expect_str_eq(m.text, "");
	cr_expect_eq(m.type, TYPE_TEXT);
	cr_expect_not(m.has_payload);
}

Test(store_shape, pending_ends_with_an_answer_or_at_its_time)
{
	static const struct {
		const char *payload;
		bool pending;
	} cases[] = {
	    {"{'status': 'pending'}", true},
	    {"{'status': 'pending', 'expiresAt': '2026-11-24T08:00:00.001Z'}",
		true},
	    {"{'status': 'pending', 'expiresAt': '" NOW "'}", false},
	    {"{'status': 'accepted'}", false},
	    {"{}", false},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char json[200];

		snprintf(json, sizeof(json), "{'id': 1, 'payload': %s}",
		    cases[i].payload);
		cr_assert(read_message(json));
		cr_expect_eq(stored_message_is_pending(&m, NOW),
		    cases[i].pending, "%s", cases[i].payload);
	}
}

static const struct message_id seven = {
    .text = "7", .number = 7, .was_number = true};
static const struct message_id seven_text = {
    .text = "7", .number = 7, .also_number = true};
static const struct message_id word = {.text = "$m-7"};

Test(store_shape, seven_and_its_text_are_one_id)
{
	static const struct {
		const struct message_id *id;
		const char *stored;
		bool equal;
	} cases[] = {
	    {&seven, "7", true},
	    {&seven, "'7'", true},
	    {&seven, "7.0", true},
	    {&seven, "7.5", false},
	    {&seven, "{'$numberLong': '7'}", true},
	    {&seven, "8", false},
	    {&seven_text, "7", true},
	    {&seven_text, "'7'", true},
	    {&seven_text, "'07'", false},
	    {&word, "'$m-7'", true},
	    {&word, "0", false},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char json[100];

		snprintf(json, sizeof(json), "{'id': %s}", cases[i].stored);
		cr_assert(read_message(json));
		cr_expect_eq(message_id_equals(cases[i].id, &m.id),
		    cases[i].equal, "case %zu", i);
	}
}

Test(store_shape, an_id_is_stored_as_given_and_sought_in_both_forms)
{
	bson_t *out = documents_keep(bson_new());

	message_id_append(out, "a", &seven);
	message_id_append(out, "b", &seven_text);
	message_id_match(out, "c", &seven);
	message_id_match(out, "d", &seven_text);
	message_id_match(out, "e", &word);
	cr_expect_str_eq(at(out, "a"), "7");
	cr_expect_str_eq(at(out, "b"), "'7'");
	cr_expect_str_eq(at(out, "c"), "{ '$in' : [ 7, '7' ] }");
	cr_expect_str_eq(at(out, "d"), "{ '$in' : [ 7, '7' ] }");
	cr_expect_str_eq(at(out, "e"), "'$m-7'");
}

static const struct message offer = {
    .id = {.text = "7", .number = 7, .was_number = true},
    .text = "two\nlines",
    .text_bytes = 9,
    .type = TYPE_OFFER,
    .payload =
	{
	    .offer_price = 450000.5,
	    .expires_at = NOW,
	    .duration_seconds = -1,
	    .original_message_id = {.text = "m-1"},
	},
};

static void
write_and_read(const struct message *message)
{
	bson_t child;
	bson_iter_t it;

	held = documents_keep(bson_new());
	BSON_APPEND_DOCUMENT_BEGIN(held, "m", &child);
	message_to_bson(&child, message, SIDE_SELLER, NOW);
	bson_append_document_end(held, &child);
	cr_assert(bson_iter_init_find(&it, held, "m"));
	cr_assert(stored_message_read(&m, &it));
}

Test(store_shape, a_sent_message_is_written_with_what_is_known)
{
	write_and_read(&offer);
	cr_expect_str_eq(at(held, "m"),
	    "{ 'id' : 7, 'sender' : 'seller', 'text' : 'two\\nlines', "
	    "'timestamp' : '" NOW "', 'receivedAt' : '" NOW "', "
	    "'type' : 'offer', 'payload' : { 'offerPrice' : 450000.5, "
	    "'status' : 'pending', 'expiresAt' : '" NOW "', "
	    "'originalMessageId' : 'm-1' } }");
}

Test(store_shape, a_plain_text_has_no_payload_and_its_own_time)
{
	struct message text = {
	    .id = {.text = "a"},
	    .text = "hi",
	    .text_bytes = 2,
	    .timestamp = "2026-01-01T00:00:00.000Z",
	    .payload.duration_seconds = -1,
	};

	write_and_read(&text);
	cr_expect_str_eq(at(held, "m.timestamp"), "'2026-01-01T00:00:00.000Z'");
	cr_expect_str_eq(at(held, "m.type"), "'text'");
	cr_expect_str_eq(at(held, "m.payload"), "absent");
}

Test(store_shape, a_message_is_the_same_as_itself_in_every_kind)
{
	struct message kinds[] = {
	    offer,
	    {.type = TYPE_NONE, .payload.duration_seconds = -1},
	    {.type = TYPE_TEST_DRIVE,
		.payload = {.date = "2026-12-01",
		    .time = "10:30",
		    .duration_seconds = -1}},
	    {.type = TYPE_IMAGE,
		.payload = {.image_url = "https://x/y",
		    .duration_seconds = -1}},
	    {.type = TYPE_VOICE,
		.payload = {.audio_url = "https://x/y", .duration_seconds = 0}},
	};

	for (size_t i = 0; i < COUNT(kinds); i++) {
		kinds[i].id = seven;
		if (!kinds[i].text)
			kinds[i].text = "";
		write_and_read(&kinds[i]);
		cr_expect(message_is_same(&kinds[i], &m), "kind %zu", i);
	}
}

Test(store_shape, a_message_with_any_other_content_is_another)
{
	struct message others[9];
	size_t count = 0;

	for (size_t i = 0; i < COUNT(others); i++)
		others[i] = offer;
	others[count++].text = "two lines";
	others[count++].text_bytes = 8;
	others[count++].type = TYPE_TEXT;
	others[count++].payload.offer_price = 450000;
	others[count++].payload.expires_at[0] = '\0';
	others[count++].payload.date = "2026-12-01";
	others[count++].payload.image_url = "https://x";
	others[count++].payload.duration_seconds = 1;
	others[count++].payload.original_message_id = seven;
	cr_assert_eq(count, COUNT(others));
	write_and_read(&offer);
	cr_expect(message_is_same(&offer, &m));
	for (size_t i = 0; i < count; i++)
		cr_expect_not(message_is_same(&others[i], &m), "case %zu", i);
}

Test(store_shape, what_the_server_adds_does_not_make_another_message)
{
	cr_assert(read_message("{'id': 7, 'text': 'two\\nlines',"
			       "'type': 'offer', 'payload': {"
			       "'offerPrice': 450000.5, 'counterPrice': 5,"
			       "'status': 'accepted', 'expiresAt': '" NOW "',"
			       "'originalMessageId': 'm-1'}}"));
	cr_expect(message_is_same(&offer, &m));
}

Test(store_shape, an_originals_derived_offer_is_what_its_client_sends_again)
{
	struct message plain = {.id = seven,
	    .text = "Offer: 5",
	    .text_bytes = 8,
	    .payload.duration_seconds = -1};

	cr_assert(read_message("{'id': 7, 'text': 'Offer: 5', 'type': 'offer',"
			       "'payload': {'offerPrice': 5,"
			       "'status': 'pending'}, 'original': true}"));
	cr_expect(message_is_same(&plain, &m));
	m.original = false;
	cr_expect_not(message_is_same(&plain, &m));
}
