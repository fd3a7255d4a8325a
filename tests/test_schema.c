/*
 * What clients may send: each rule of the tables, and the flaw that names it.
 *
 * A case is a shape, a JSON text and the reason that it is refused with, or
 * NULL.  Texts are written with ' for ".
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "cgi/schema.h"
#include "ws/scan.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define NOW 1795507200000 /* 2026-11-24T08:00:00Z */

static struct put_request put;
static struct patch_request patch;
static struct thread_request thread;
static struct message message;
static const char *deleted;
static struct json_object *body; /* lends the strings until the next take */
static struct flaw flaw;

static bool
take_message(void)
{
	return message_take(&message, body, "message", NOW, &flaw);
}

static bool
take_put(void)
{
	return put_request_take(&put, body, NOW, &flaw);
}

static bool
take_patch(void)
{
	patch_request_release(&patch);
	return patch_request_take(&patch, body, &flaw);
}

static bool
take_thread(void)
{
	return thread_request_take(&thread, body, &flaw);
}

static bool
take_delete(void)
{
	return delete_request_take(&deleted, body, &flaw);
}

static bool
take(bool (*shape)(void), const char *quoted)
{
	static char text[64 * 1024];
	struct scan_flaw scanned;

	cr_assert_lt(strlen(quoted), sizeof(text));
	(void)strcpy(text, quoted);
	for (char *s = text; *s; s++)
		*s = *s == '\'' ? '"' : *s;
	cr_assert(scan_check(text, strlen(text), &scanned), "%s: %s", text,
	    scanned.reason);
	json_object_put(body);
	body = json_tokener_parse(text);
	flaw = (struct flaw){.reason = ""};
	return shape();
}

struct shape_case {
	const char *text;
	const char *reason; /* NULL: it passes */
};

/* The field of a flaw is what its reason begins with. */
static void
expect_cases(bool (*shape)(void), const struct shape_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *text = cases[i].text, *reason = cases[i].reason;

		cr_expect_eq(
		    take(shape, text), !reason, "%s: %s", text, flaw.reason);
		if (!reason)
			continue;
		cr_expect_str_eq(
		    flaw.reason, reason, "%s: %s", text, flaw.reason);
		cr_expect_eq(flaw.status, 400);
		cr_expect_eq(strncmp(reason, flaw.field, strlen(flaw.field)), 0,
		    "%s: %s", text, flaw.field);
	}
}

/* --- messages --- */

#define ID_RULE                                                                \
	" must be an integer or a string of 1 to 64 printable ASCII "          \
	"characters without blanks"
#define SIXTEEN "0123456789abcdef"
#define SIXTY4 SIXTEEN SIXTEEN SIXTEEN SIXTEEN

Test(schema, messages_are_taken_or_refused_by_field)
{
	/* clang-format off */
	static const struct shape_case cases[] = {
		{"{'text':'hi'}", NULL},
		{"{'id':7,'text':'hi','sender':'user','type':'text',"
			"'isRead':'whatever','_id':{},'extra':[]}", NULL},
		{"{'id':null,'text':'hi','payload':null,'sender':null}", NULL},
		{"[]", "message must be an object"},
		{"{'id':1.5,'text':'a'}", "message.id" ID_RULE},
		{"{'id':true,'text':'a'}", "message.id" ID_RULE},
		{"{'id':{},'text':'a'}", "message.id" ID_RULE},
		{"{'id':['a'],'text':'a'}", "message.id" ID_RULE},
		{"{'id':'','text':'a'}", "message.id" ID_RULE},
		{"{'id':'a b','text':'a'}", "message.id" ID_RULE},
		{"{'id':'\\u00e9','text':'a'}", "message.id" ID_RULE},
		{"{'id':'" SIXTY4 "','text':'a'}", NULL},
		{"{'id':'" SIXTY4 "0','text':'a'}", "message.id" ID_RULE},
		{"{'id':'parley-1','text':'a'}",
			"message.id must not begin with parley-"},
		{"{'id':'Parley-1','text':'a'}", NULL},
		{"{'id':'$where','text':'$ne'}", NULL},
		{"{'sender':'customer','text':'a'}",
			"message.sender must be user, seller or system"},
		{"{'sender':1,'text':'a'}", "message.sender must be a string"},
		{"{}", "message.text must be 1 to 4000 characters"},
		{"{'text':''}", "message.text must be 1 to 4000 characters"},
		{"{'text':null}", "message.text must be 1 to 4000 characters"},
		{"{'text':'','type':'text'}",
			"message.text must be 1 to 4000 characters"},
		{"{'text':' \\n\\t '}", "message.text must not be only blanks"},
		{"{'text':' \\n\\u0001x '}", NULL},
		{"{'text':7}", "message.text must be a string"},
		{"{'text':{'$gt':''}}", "message.text must be a string"},
		{"{'text':['a']}", "message.text must be a string"},
		{"{'text':'a','type':'system'}", "message.type must be text, "
			"offer, test_drive_request, image or voice"},
		{"{'text':'a','type':''}", "message.type must be text, "
			"offer, test_drive_request, image or voice"},
		{"{'text':'a','type':2}", "message.type must be a string"},
		{"{'text':'a','timestamp':17}", NULL},
		{"{'text':'a','timestamp':{}}", NULL},
		{"{'text':'a','payload':'x'}",
			"message.payload must be an object"},
		{"{'text':'a','payload':[]}",
			"message.payload must be an object"},
		{"{'text':'a','payload':{'status':7,'counterPrice':'x'}}",
			NULL},
	};
	/* clang-format on */

	expect_cases(take_message, cases, COUNT(cases));
}

#define NO_PRICE "message.payload.offerPrice must be above 0 and at most 1e+15"
#define NO_URL                                                                 \
	"message.payload.imageUrl must be an address that begins with "        \
	"https://"
#define NO_DATE "message.payload.date must be a date as YYYY-MM-DD"
#define NO_HOUR "message.payload.time must be a time of day as HH:MM"
#define NO_EXPIRY "message.payload.expiresAt must be a time as ISO 8601 has it"
#define NO_SECONDS                                                             \
	"message.payload.durationSeconds must be a number from 0 to 86400"

Test(schema, payloads_must_fit_their_types)
{
	/* clang-format off */
	static const struct shape_case cases[] = {
		{"{'type':'offer','payload':{'offerPrice':12500.5}}", NULL},
		{"{'payload':{'offerPrice':1e15}}", NULL},
		{"{'type':'offer','text':'Offer: 5'}",
			"message.payload.offerPrice is required"},
		{"{'type':'offer','payload':{'offerPrice':null}}",
			"message.payload.offerPrice is required"},
		{"{'payload':{'offerPrice':0}}", NO_PRICE},
		{"{'payload':{'offerPrice':-1}}", NO_PRICE},
		{"{'payload':{'offerPrice':1.1e15}}", NO_PRICE},
		{"{'payload':{'offerPrice':'5'}}",
			"message.payload.offerPrice must be a number"},
		{"{'payload':{'offerPrice':true}}",
			"message.payload.offerPrice must be a number"},
		{"{'payload':{'offerPrice':{'$gt':0}}}",
			"message.payload.offerPrice must be a number"},
		{"{'payload':{'offerPrice':5,'expiresAt':'soon'}}", NO_EXPIRY},
		{"{'payload':{'offerPrice':5,'expiresAt':1795507200000}}",
			"message.payload.expiresAt must be a string"},
		{"{'type':'offer','text':' ','payload':{'offerPrice':5}}",
			"message.text must not be only blanks"},
		{"{'type':'test_drive_request','payload':"
			"{'date':'2026-12-01','time':'09:30'}}", NULL},
		{"{'type':'test_drive_request','payload':{'time':'09:30'}}",
			"message.payload.date is required"},
		{"{'type':'test_drive_request','payload':"
			"{'date':'2026-12-01'}}",
			"message.payload.time is required"},
		{"{'type':'test_drive_request'}",
			"message.payload.date is required"},
		{"{'type':'test_drive_request','payload':"
			"{'date':'2026-02-30','time':'09:30'}}", NO_DATE},
		{"{'type':'test_drive_request','payload':"
			"{'date':'2026-12-01','time':'9:30'}}", NO_HOUR},
		{"{'text':'a','payload':{'date':20261201}}",
			"message.payload.date must be a string"},
		{"{'type':'image','payload':{'imageUrl':'https://a/b.png'}}",
			NULL},
		{"{'type':'image','text':'look'}",
			"message.payload.imageUrl is required"},
		{"{'type':'image','payload':{'imageUrl':'http://a/b'}}",
			NO_URL},
		{"{'type':'image','payload':{'imageUrl':'https://'}}", NO_URL},
		{"{'type':'image','payload':{'imageUrl':'HTTPS://a'}}",
			NO_URL},
		{"{'type':'image','payload':{'imageUrl':"
			"'javascript:alert(1)//https://'}}", NO_URL},
		{"{'type':'image','payload':{'imageUrl':'https://a b'}}",
			NO_URL},
		{"{'type':'image','payload':{'imageUrl':'https://a\\n'}}",
			"message.payload.imageUrl must not hold control "
			"characters"},
		{"{'type':'voice','payload':{'audioUrl':'https://a/b.ogg',"
			"'durationSeconds':12.5}}", NULL},
		{"{'type':'voice','payload':{'imageUrl':'https://a/b.ogg'}}",
			"message.payload.audioUrl is required"},
		{"{'text':'a','payload':{'durationSeconds':-1}}", NO_SECONDS},
		{"{'text':'a','payload':{'durationSeconds':86401}}",
			NO_SECONDS},
		{"{'text':'a','payload':{'originalMessageId':'parley-1'}}",
			NULL},
		{"{'text':'a','payload':{'originalMessageId':{}}}",
			"message.payload.originalMessageId" ID_RULE},
	};
	/* clang-format on */

	expect_cases(take_message, cases, COUNT(cases));
}

Test(schema, texts_have_4000_characters_of_any_size)
{
	static char text[32 * 1024];
	size_t len = (size_t)snprintf(text, sizeof(text), "{'text':'");

	for (int i = 0; i < MESSAGE_TEXT_MAX; i++, len += 4)
		memcpy(text + len, "\xf0\x9f\x98\x80", 4);
	(void)strcpy(text + len, "'}");
	cr_expect(take(take_message, text), "%s", flaw.reason);
	cr_expect_eq(message.text_bytes, (size_t)MESSAGE_TEXT_MAX * 4);
	(void)strcpy(text + len, "a'}");
	cr_expect_not(take(take_message, text));
	cr_expect_str_eq(
	    flaw.reason, "message.text must be at most 4000 characters");
}

Test(schema, message_ids_are_one_whether_number_or_string)
{
	/* clang-format off */
	static const struct {
		const char *json, *text;
		int64_t number;
		bool was_number, also_number;
	} cases[] = {
		{"7", "7", 7, true, false},
		{"'7'", "7", 7, false, true},
		{"0", "0", 0, true, false},
		{"-0", "0", 0, true, false},
		{"'-0'", "-0", 0, false, false},
		{"-7", "-7", -7, true, false},
		{"'-7'", "-7", -7, false, true},
		{"'07'", "07", 0, false, false},
		{"'+7'", "+7", 0, false, false},
		{"'7.0'", "7.0", 0, false, false},
		{"'7a'", "7a", 0, false, false},
		{"1767400000000123", "1767400000000123", 1767400000000123,
			true, false},
		{"9007199254740991", "9007199254740991", 9007199254740991,
			true, false},
		{"'9007199254740991'", "9007199254740991", 9007199254740991,
			false, true},
		{"'9007199254740992'", "9007199254740992", 0, false, false},
		{"'99999999999999999999999999'", "99999999999999999999999999",
			0, false, false},
		{"'msg_1'", "msg_1", 0, false, false},
	};
	/* clang-format on */
	char text[128];

	for (size_t i = 0; i < COUNT(cases); i++) {
		(void)snprintf(
		    text, sizeof(text), "{'text':'a','id':%s}", cases[i].json);
		cr_assert(take(take_message, text), "%s", flaw.reason);
		cr_expect_str_eq(message.id.text, cases[i].text);
		cr_expect_eq(message.id.number, cases[i].number, "%s", text);
		cr_expect_eq(
		    message.id.was_number, cases[i].was_number, "%s", text);
		cr_expect_eq(
		    message.id.also_number, cases[i].also_number, "%s", text);
	}
}

Test(schema, ids_from_headers_follow_the_same_rules)
{
	struct message_id id;

	cr_expect(message_id_from_text(&id, "17", false));
	cr_expect(id.also_number && id.number == 17);
	cr_expect_not(message_id_from_text(&id, "", false));
	cr_expect_not(message_id_from_text(&id, "a b", false));
	cr_expect_not(message_id_from_text(&id, "parley-17", false));
	cr_expect(message_id_from_text(&id, "parley-17", true));
	cr_expect_str_eq(id.text, "parley-17");
}

Test(schema, whatever_has_a_price_is_an_offer)
{
	static const char *const types[] = {
	    "", "'type':'text',", "'type':'offer',", "'type':'image',"};
	char text[128];

	for (size_t i = 0; i < COUNT(types); i++) {
		(void)snprintf(text, sizeof(text),
		    "{%s'payload':{'offerPrice':5}}", types[i]);
		cr_assert(take(take_message, text), "%s", flaw.reason);
		cr_expect_eq(message.type, TYPE_OFFER, "%s", text);
		cr_expect_eq(message.payload.offer_price, 5);
	}
	cr_assert(take(take_message, "{'text':'Offer: 5'}"));
	cr_expect_eq(message.type, TYPE_NONE);
}

Test(schema, absent_fields_have_their_defaults)
{
	cr_assert(take(take_message, "{'text':'a'}"));
	cr_expect_str_eq(message.id.text, "");
	cr_expect_eq(message.claim, SIDE_NONE);
	cr_expect_not(message.claims_system);
	cr_expect_str_eq(message.timestamp, "");
	cr_expect_eq(message.payload.offer_price, 0);
	cr_expect_eq(message.payload.duration_seconds, -1);
	cr_expect_null(message.payload.image_url);
}

Test(schema, senders_are_claims)
{
	cr_assert(take(take_message, "{'text':'a','sender':'user'}"));
	cr_expect_eq(message.claim, SIDE_CUSTOMER);
	cr_assert(take(take_message, "{'text':'a','sender':'seller'}"));
	cr_expect_eq(message.claim, SIDE_SELLER);
	cr_expect_not(message.claims_system);
	cr_assert(take(take_message, "{'text':'a','sender':'system'}"));
	cr_expect(message.claims_system);
}

Test(schema, timestamps_count_unless_they_are_far_ahead)
{
	/* clang-format off */
	static const struct {
		const char *sent, *taken;
	} cases[] = {
		{"2026-11-24T07:00:00Z", "2026-11-24T07:00:00.000Z"},
		{"2026-11-24T09:00:00.5+02:00", "2026-11-24T07:00:00.500Z"},
		{"1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"},
		{"2026-11-24T08:01:00.000Z", "2026-11-24T08:01:00.000Z"},
		{"2026-11-24T08:01:00.001Z", ""},
		{"2126-11-24T08:00:00Z", ""},
		{"yesterday", ""},
		{"", ""},
	};
	/* clang-format on */
	char text[128];

	for (size_t i = 0; i < COUNT(cases); i++) {
		(void)snprintf(text, sizeof(text),
		    "{'text':'a','timestamp':'%s'}", cases[i].sent);
		cr_assert(take(take_message, text), "%s", flaw.reason);
		cr_expect_str_eq(message.timestamp, cases[i].taken, "%s", text);
	}
}

/* --- PUT --- */

#define C "'conversationId':'c'"
#define NO_STRING "conversationId must be a string"
#define NO_TOKEN                                                               \
	"conversationId must be 1 to 128 printable ASCII characters without "  \
	"blanks"
#define NO_ROLE " must be customer, user or seller"
#define NO_SEQ " must be an integer from 0 to 9007199254740991"
#define OTHER_CHANGE " must not come with another change"

Test(schema, puts_are_one_message_or_one_answer)
{
	/* clang-format off */
	static const struct shape_case cases[] = {
		{"{" C ",'message':{'text':'a'}}", NULL},
		{"{" C ",'message':{'text':'a','unknown':1},'readSeq':0,"
			"'userEmail':'a@b','userRole':'user'}", NULL},
		{"{'message':{'text':'a'}}", "conversationId is required"},
		{"{'conversationId':null,'message':{'text':'a'}}",
			"conversationId is required"},
		{"{'conversationId':{'$ne':null},'message':{'text':'a'}}",
			NO_STRING},
		{"{'conversationId':['c'],'message':{'text':'a'}}",
			NO_STRING},
		{"{'conversationId':7,'message':{'text':'a'}}", NO_STRING},
		{"{'conversationId':'','message':{'text':'a'}}", NO_TOKEN},
		{"{'conversationId':'a b','message':{'text':'a'}}", NO_TOKEN},
		{"{'conversationId':'" SIXTY4 SIXTY4 "',"
			"'message':{'text':'a'}}", NULL},
		{"{'conversationId':'" SIXTY4 SIXTY4 "x',"
			"'message':{'text':'a'}}", NO_TOKEN},
		{"{" C "}", "message (or offerResponse, or testDriveResponse) "
			"is required"},
		{"{" C ",'message':null}", "message (or offerResponse, or "
			"testDriveResponse) is required"},
		{"{" C ",'message':'hi'}", "message must be an object"},
		{"{" C ",'message':[]}", "message must be an object"},
		{"{" C ",'message':{'text':''}}",
			"message.text must be 1 to 4000 characters"},
		{"{" C ",'message':{'text':'a'},'offerResponse':{}}",
			"offerResponse" OTHER_CHANGE},
		{"{" C ",'message':{'text':'a'},'readSeq':-1}",
			"readSeq" NO_SEQ},
		{"{" C ",'message':{'text':'a'},'readSeq':1.5}",
			"readSeq" NO_SEQ},
		{"{" C ",'message':{'text':'a'},'readSeq':'3'}",
			"readSeq" NO_SEQ},
		{"{" C ",'offerResponse':{'offerMessageId':1,"
			"'response':'accepted'},'readSeq':3}",
			"readSeq must come with a message only"},
		{"{" C ",'message':{'text':'a'},'userEmail':7}",
			"userEmail must be a string"},
		{"{" C ",'message':{'text':'a'},'userEmail':'a\\u0001'}",
			"userEmail must not hold control characters"},
		{"{" C ",'message':{'text':'a'},'userRole':'admin'}",
			"userRole" NO_ROLE},
		{"{" C ",'message':{'text':'a'},'userRole':['user']}",
			"userRole must be a string"},
	};
	/* clang-format on */

	expect_cases(take_put, cases, COUNT(cases));
}

Test(schema, unknown_fields_at_the_top_of_put_and_patch_are_refused)
{
	/* clang-format off */
	static const struct {
		bool (*shape)(void);
		const char *text, *field;
	} cases[] = {
		{take_put, "{" C ",'message':{'text':'a'},'$set':{}}", "$set"},
		{take_put, "{" C ",'message':{'text':'a'},'messages':[]}",
			"messages"},
		{take_put, "{" C ",'message':{'text':'a'},'readBy':'user'}",
			"readBy"},
		{take_put, "{'id':'c','message':{'text':'a'}}", "id"},
		{take_put, "{" C ",'x':null}", "x"},
		{take_patch, "{" C ",'archive':true,'message':{}}", "message"},
		{take_patch, "{" C ",'archive':true,'':1}", ""},
		{take_patch, "{" C ",'archive':true,'a\\nb':1}",
			"a name with control characters"},
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT(cases); i++) {
		cr_expect_not(take(cases[i].shape, cases[i].text));
		cr_expect_eq(flaw.code, UNKNOWN_FIELD, "%s", cases[i].text);
		cr_expect_str_eq(flaw.field, cases[i].field, "%s: %s",
		    cases[i].text, flaw.field);
	}
}

#define OFFER(rest) "{" C ",'offerResponse':{'offerMessageId':1" rest "}}"
#define DRIVE(rest) "{" C ",'testDriveResponse':{'messageId':1" rest "}}"
#define NO_COUNTER                                                             \
	"offerResponse.counterPrice must be above 0 and at most 1e+15"

Test(schema, answers_to_offers_and_test_drives)
{
	/* clang-format off */
	static const struct shape_case cases[] = {
		{OFFER(",'response':'accepted'"), NULL},
		{OFFER(",'response':'rejected','responseMessage':''"), NULL},
		{OFFER(",'response':'withdrawn','counterPrice':'x'"), NULL},
		{OFFER(",'response':'countered','counterPrice':7,'id':'r',"
			"'responseMessage':'ok\\n'"), NULL},
		{OFFER(""), "offerResponse.response is required"},
		{OFFER(",'response':'maybe'"), "offerResponse.response must be "
			"accepted, rejected, countered or withdrawn"},
		{OFFER(",'response':true"),
			"offerResponse.response must be a string"},
		{OFFER(",'response':'countered'"),
			"offerResponse.counterPrice is required"},
		{OFFER(",'response':'countered','counterPrice':0"),
			NO_COUNTER},
		{OFFER(",'response':'countered','counterPrice':'7'"),
			"offerResponse.counterPrice must be a number"},
		{OFFER(",'response':'accepted','id':'parley-1'"),
			"offerResponse.id must not begin with parley-"},
		{OFFER(",'response':'accepted','responseMessage':' '"),
			"offerResponse.responseMessage must not be only "
			"blanks"},
		{OFFER(",'response':'accepted','responseMessage':{}"),
			"offerResponse.responseMessage must be a string"},
		{"{" C ",'offerResponse':{'response':'accepted'}}",
			"offerResponse.offerMessageId is required"},
		{"{" C ",'offerResponse':{'response':'accepted',"
			"'offerMessageId':'parley-1'}}", NULL},
		{"{" C ",'offerResponse':{'response':'accepted',"
			"'offerMessageId':{'$gt':0}}}",
			"offerResponse.offerMessageId" ID_RULE},
		{"{" C ",'offerResponse':'accepted'}",
			"offerResponse must be an object"},
		{DRIVE(",'response':'confirmed'"), NULL},
		{DRIVE(",'response':'rejected','responseMessage':'no'"), NULL},
		{DRIVE(",'response':'accepted'"), "testDriveResponse.response "
			"must be confirmed or rejected"},
		{DRIVE(""), "testDriveResponse.response is required"},
		{"{" C ",'testDriveResponse':{'response':'confirmed'}}",
			"testDriveResponse.messageId is required"},
	};
	/* clang-format on */

	expect_cases(take_put, cases, COUNT(cases));
}

Test(schema, puts_arrive_whole)
{
	cr_assert(
	    take(take_put, "{" C ",'message':{'id':7,'text':'a'},'readSeq':3,"
			   "'userEmail':'A@b','userRole':'seller'}"));
	cr_expect_str_eq(put.conversation_id, "c");
	cr_expect_eq(put.kind, PUT_MESSAGE);
	cr_expect_eq(put.message.id.number, 7);
	cr_expect_eq(put.read_seq, 3);
	cr_expect_str_eq(put.claims.user_email, "A@b");
	cr_expect_eq(put.claims.side, SIDE_SELLER);

	cr_assert(take(
	    take_put, OFFER(",'response':'countered','counterPrice':7.5,'id':9,"
			    "'responseMessage':'seven'")));
	cr_expect_eq(put.kind, PUT_OFFER_RESPONSE);
	cr_expect_eq(put.read_seq, -1);
	cr_expect_null(put.claims.user_email);
	cr_expect_eq(put.claims.side, SIDE_NONE);
	cr_expect_str_eq(put.offer.offer_id.text, "1");
	cr_expect_str_eq(put.offer.response, "countered");
	cr_expect_eq(put.offer.counter_price, 7.5);
	cr_expect_str_eq(put.offer.id.text, "9");
	cr_expect_str_eq(put.offer.text, "seven");
	cr_expect_eq(put.offer.text_bytes, 5);

	cr_assert(take(
	    take_put, DRIVE(",'response':'confirmed','responseMessage':''")));
	cr_expect_eq(put.kind, PUT_TEST_DRIVE_RESPONSE);
	cr_expect_str_eq(put.test_drive.message_id.text, "1");
	cr_expect_str_eq(put.test_drive.response, "confirmed");
	cr_expect_null(put.test_drive.text);
	cr_expect_eq(put.test_drive.text_bytes, 0);
}

/* --- PATCH --- */

Test(schema, patches_are_one_kind_of_change)
{
	/* clang-format off */
	static const struct shape_case cases[] = {
		{"{" C ",'markReadMessageIds':[]}", NULL},
		{"{" C ",'markReadMessageIds':[1,'a','parley-2'],"
			"'readBy':'seller','userRole':'seller',"
			"'userEmail':'a@b'}", NULL},
		{"{" C ",'readSeq':0}", NULL},
		{"{" C ",'deliveredSeq':9007199254740991}", NULL},
		{"{" C ",'readSeq':1,'deliveredSeq':2}", NULL},
		{"{" C ",'threadReadBy':'user','threadReadState':false}", NULL},
		{"{" C ",'archive':false}", NULL},
		{"{" C ",'clearMessages':true}", NULL},
		{"{" C ",'flag':{'reason':'rude\\nvery','x':1}}", NULL},
		{"{" C ",'resolveFlag':true}", NULL},
		{"{" C "}", "the body must ask for a change"},
		{"{" C ",'archive':null}", "the body must ask for a change"},
		{"{'archive':true}", "conversationId is required"},
		{"{'conversationId':[],'archive':true}", NO_STRING},
		{"{" C ",'markReadMessageIds':7}",
			"markReadMessageIds must be an array"},
		{"{" C ",'markReadMessageIds':{'0':7}}",
			"markReadMessageIds must be an array"},
		{"{" C ",'markReadMessageIds':[1,{'$gt':0}]}",
			"markReadMessageIds[1]" ID_RULE},
		{"{" C ",'markReadMessageIds':[null]}",
			"markReadMessageIds[0]" ID_RULE},
		{"{" C ",'readSeq':-1}", "readSeq" NO_SEQ},
		{"{" C ",'deliveredSeq':'1'}", "deliveredSeq" NO_SEQ},
		{"{" C ",'deliveredSeq':1e3}", "deliveredSeq" NO_SEQ},
		{"{" C ",'threadReadBy':'user'}",
			"threadReadState is required"},
		{"{" C ",'threadReadState':true}", "threadReadBy is required"},
		{"{" C ",'threadReadBy':'me','threadReadState':true}",
			"threadReadBy" NO_ROLE},
		{"{" C ",'threadReadBy':'user','threadReadState':1}",
			"threadReadState must be true or false"},
		{"{" C ",'archive':'true'}", "archive must be true or false"},
		{"{" C ",'archive':1}", "archive must be true or false"},
		{"{" C ",'clearMessages':false}", "clearMessages must be true"},
		{"{" C ",'clearMessages':1}", "clearMessages must be true"},
		{"{" C ",'resolveFlag':false}", "resolveFlag must be true"},
		{"{" C ",'flag':true}", "flag must be an object"},
		{"{" C ",'flag':{}}", "flag.reason is required"},
		{"{" C ",'flag':{'reason':''}}",
			"flag.reason must be 1 to 1000 characters"},
		{"{" C ",'flag':{'reason':'  '}}",
			"flag.reason must not be only blanks"},
		{"{" C ",'flag':{'reason':7}}",
			"flag.reason must be a string"},
		{"{" C ",'archive':true,'clearMessages':true}",
			"clearMessages" OTHER_CHANGE},
		{"{" C ",'readSeq':1,'archive':true}", "archive" OTHER_CHANGE},
		{"{" C ",'markReadMessageIds':[],'readSeq':1}",
			"readSeq" OTHER_CHANGE},
		{"{" C ",'archive':true,'readBy':['a']}",
			"readBy must be a string"},
	};
	/* clang-format on */

	expect_cases(take_patch, cases, COUNT(cases));
	patch_request_release(&patch);
}

Test(schema, at_most_500_messages_are_marked_at_once)
{
	static char text[8192];
	size_t len = (size_t)snprintf(
	    text, sizeof(text), "{" C ",'markReadMessageIds':[0");

	for (int i = 1; i < MARK_IDS_MAX; i++)
		len +=
		    (size_t)snprintf(text + len, sizeof(text) - len, ",%d", i);
	(void)strcpy(text + len, "]}");
	cr_assert(take(take_patch, text), "%s", flaw.reason);
	cr_expect_eq(patch.kind, PATCH_MARK_IDS);
	cr_expect_eq(patch.mark_count, MARK_IDS_MAX);
	cr_expect_eq(patch.mark_ids[MARK_IDS_MAX - 1].number, MARK_IDS_MAX - 1);
	(void)strcpy(text + len, ",-1]}");
	cr_expect_not(take(take_patch, text));
	cr_expect_str_eq(
	    flaw.reason, "markReadMessageIds must hold at most 500 ids");
	patch_request_release(&patch);
}

Test(schema, patches_arrive_whole)
{
	cr_assert(take(take_patch, "{" C ",'readSeq':5}"));
	cr_expect_eq(patch.kind, PATCH_MARK_SEQ);
	cr_expect_eq(patch.read_seq, 5);
	cr_expect_eq(patch.delivered_seq, -1);
	cr_assert(take(take_patch,
	    "{" C ",'threadReadBy':'seller','threadReadState':true}"));
	cr_expect_eq(patch.kind, PATCH_THREAD_READ);
	cr_expect_eq(patch.thread_side, SIDE_SELLER);
	cr_expect(patch.yes);
	cr_assert(take(take_patch, "{" C ",'archive':false}"));
	cr_expect_eq(patch.kind, PATCH_ARCHIVE);
	cr_expect_not(patch.yes);
	cr_assert(take(take_patch, "{" C ",'clearMessages':true}"));
	cr_expect_eq(patch.kind, PATCH_CLEAR);
	cr_assert(take(take_patch, "{" C ",'flag':{'reason':'x'}}"));
	cr_expect_eq(patch.kind, PATCH_FLAG);
	cr_expect_str_eq(patch.reason, "x");
	cr_assert(take(take_patch, "{" C ",'resolveFlag':true}"));
	cr_expect_eq(patch.kind, PATCH_RESOLVE_FLAG);
}

Test(schema, claims_are_roles_or_identities)
{
	/* clang-format off */
	static const struct {
		const char *text;
		const char *user_email, *read_by;
		enum side side;
		bool conflicting;
	} cases[] = {
		{"'userRole':'customer'", NULL, NULL, SIDE_CUSTOMER, false},
		{"'userRole':'user','readBy':'customer'", NULL, NULL,
			SIDE_CUSTOMER, false},
		{"'userRole':'user','readBy':'seller'", NULL, NULL,
			SIDE_SELLER, true},
		{"'readBy':'a@b','userEmail':'c@d'", "c@d", "a@b", SIDE_NONE,
			false},
		{"'readBy':'','userEmail':' '", NULL, NULL, SIDE_NONE, false},
		{"'readBy':null,'userEmail':null", NULL, NULL, SIDE_NONE,
			false},
	};
	/* clang-format on */
	char text[256];

	for (size_t i = 0; i < COUNT(cases); i++) {
		(void)snprintf(text, sizeof(text), "{" C ",'readSeq':1,%s}",
		    cases[i].text);
		cr_assert(take(take_patch, text), "%s", flaw.reason);
		cr_expect_eq(!patch.claims.user_email, !cases[i].user_email);
		if (cases[i].user_email)
			cr_expect_str_eq(
			    patch.claims.user_email, cases[i].user_email);
		cr_expect_eq(!patch.claims.read_by, !cases[i].read_by);
		if (cases[i].read_by)
			cr_expect_str_eq(
			    patch.claims.read_by, cases[i].read_by);
		cr_expect_eq(patch.claims.side, cases[i].side, "%s", text);
		cr_expect_eq(
		    patch.claims.conflicting, cases[i].conflicting, "%s", text);
	}
}

/* --- POST and DELETE --- */

Test(schema, conversations_are_taken_or_refused_by_field)
{
	/* clang-format off */
	static const struct shape_case cases[] = {
		{"{'id':'c'}", NULL},
		{"{'id':'c','customerId':'A@b','sellerId':'c@d',"
			"'vehicleId':7,'messages':[{},{'text':7}]}", NULL},
		{"{'id':'c','seq':'x','rev':{},'lastMessageAt':7,"
			"'isReadBySeller':[],'unreadBySeller':-1,"
			"'createdAt':true,'$where':'1','conversationId':{}}",
			NULL},
		{"{'id':'c','messages':null,'vehiclePrice':null,"
			"'customerName':null}", NULL},
		{"[]", "the body must be an object"},
		{"{}", "id is required"},
		{"{'conversationId':'c'}", "id is required"},
		{"{'id':{'$gt':''}}", "id must be a string"},
		{"{'id':['c']}", "id must be a string"},
		{"{'id':7}", "id must be a string"},
		{"{'id':''}", "id must be 1 to 128 printable ASCII characters "
			"without blanks"},
		{"{'id':'c','customerId':7}", "customerId must be a string"},
		{"{'id':'c','sellerId':{'$ne':''}}",
			"sellerId must be a string"},
		{"{'id':'c','sellerId':'a\\nb'}",
			"sellerId must not hold control characters"},
		{"{'id':'c','customerId':'" SIXTY4 SIXTY4 SIXTY4 SIXTY4 SIXTY4
			"'}", NULL},
		{"{'id':'c','customerId':' " SIXTY4 SIXTY4 SIXTY4 SIXTY4 SIXTY4
			"x'}", "customerId must be at most 320 characters"},
		{"{'id':'c','customerName':''}", NULL},
		{"{'id':'c','customerName':7}",
			"customerName must be a string"},
		{"{'id':'c','sellerName':'a\\tb'}",
			"sellerName must not hold control characters"},
		{"{'id':'c','sellerName':'" SIXTY4 SIXTY4 SIXTY4 "123456789'}",
			"sellerName must be at most 200 characters"},
		{"{'id':'c','vehicleName':[]}",
			"vehicleName must be a string"},
		{"{'id':'c','vehicleId':'7'}", NULL},
		{"{'id':'c','vehicleId':''}",
			"vehicleId must be 1 to 128 characters"},
		{"{'id':'c','vehicleId':7.5}",
			"vehicleId must be an integer or a string"},
		{"{'id':'c','vehicleId':{'$gt':0}}",
			"vehicleId must be an integer or a string"},
		{"{'id':'c','vehicleId':true}",
			"vehicleId must be an integer or a string"},
		{"{'id':'c','vehicleId':'a\\u0007'}",
			"vehicleId must not hold control characters"},
		{"{'id':'c','vehiclePrice':0}", NULL},
		{"{'id':'c','vehiclePrice':-0.01}",
			"vehiclePrice must be a number from 0 to 1e+15"},
		{"{'id':'c','vehiclePrice':1e16}",
			"vehiclePrice must be a number from 0 to 1e+15"},
		{"{'id':'c','vehiclePrice':'9'}",
			"vehiclePrice must be a number"},
		{"{'id':'c','messages':{}}", "messages must be an array"},
		{"{'id':'c','messages':'a'}", "messages must be an array"},
		{"{'id':'c','messages':[{},[]]}",
			"messages must hold objects only"},
		{"{'id':'c','messages':[null]}",
			"messages must hold objects only"},
		{"{'id':'c','userRole':'boss'}", "userRole" NO_ROLE},
	};
	/* clang-format on */

	expect_cases(take_thread, cases, COUNT(cases));
}

Test(schema, conversations_arrive_whole)
{
	cr_assert(take(take_thread,
	    "{'id':'c','customerId':' Anna@X.org ','sellerId':'',"
	    "'customerName':'Anna','vehicleId':-7,'vehicleName':'Car',"
	    "'vehiclePrice':9.5,'messages':[{}],'userRole':'user'}"));
	cr_expect_str_eq(thread.id, "c");
	cr_expect_str_eq(thread.customer_id, "anna@x.org");
	cr_expect_str_eq(thread.seller_id, "");
	cr_expect_str_eq(thread.customer_name, "Anna");
	cr_expect_null(thread.seller_name);
	cr_expect_str_eq(thread.vehicle_id.text, "-7");
	cr_expect(
	    thread.vehicle_id.is_number && thread.vehicle_id.number == -7);
	cr_expect_str_eq(thread.vehicle_name, "Car");
	cr_expect_eq(thread.vehicle_price, 9.5);
	cr_expect_eq(json_object_array_length(thread.messages), 1);
	cr_expect_eq(thread.claims.side, SIDE_CUSTOMER);

	cr_assert(take(take_thread, "{'id':'c','vehicleId':'07'}"));
	cr_expect_str_eq(thread.vehicle_id.text, "07");
	cr_expect_not(thread.vehicle_id.is_number);
	cr_expect_eq(thread.vehicle_price, -1);
	cr_expect_null(thread.messages);
	cr_assert(take(take_thread, "{'id':'c'}"));
	cr_expect_null(thread.vehicle_id.text);
}

Test(schema, listings_of_a_query_may_read_as_numbers)
{
	struct listing_id id;

	listing_id_from_text(&id, "7");
	cr_expect(id.is_number && id.number == 7);
	cr_expect_str_eq(id.text, "7");
	listing_id_from_text(&id, "07");
	cr_expect_not(id.is_number);
	listing_id_from_text(&id, "vin-7");
	cr_expect_not(id.is_number);
}

Test(schema, deletes_may_name_a_conversation)
{
	/* clang-format off */
	static const struct shape_case cases[] = {
		{"{}", NULL},
		{"{'conversationId':null,'other':1}", NULL},
		{"{" C "}", NULL},
		{"{'conversationId':{'$ne':''}}", NO_STRING},
		{"{'conversationId':['c']}", NO_STRING},
		{"{'conversationId':'a b'}", NO_TOKEN},
		{"[]", "the body must be an object"},
	};
	/* clang-format on */

	expect_cases(take_delete, cases, COUNT(cases));
	cr_assert(take(take_delete, "{" C "}"));
	cr_expect_str_eq(deleted, "c");
	cr_assert(take(take_delete, "{}"));
	cr_expect_null(deleted);
}

Test(schema, conversation_ids_of_queries_follow_the_same_rules)
{
	cr_expect(conversation_id_check("c", 1, "conversationId", &flaw));
	cr_expect_not(conversation_id_check("", 0, "conversationId", &flaw));
	cr_expect_str_eq(flaw.reason, NO_TOKEN);
	cr_expect_eq(flaw.code, BAD_FIELD);
}
