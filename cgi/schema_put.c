/*
 * schema_put.c: PUT /api/conversations: a message, or the answer to one.
 */
#include "cgi/schema.h"

#include <string.h>

#include "cgi/schema_table.h"

static const char *const offer_words[] = {
    "accepted", "rejected", "countered", "withdrawn", NULL};
static const char *const test_drive_words[] = {"confirmed", "rejected", NULL};

/* clang-format off */
#define AT(field) offsetof(struct offer_response, field)
static const struct field offer_fields[] = {
	{"offerMessageId", take_reference, .at = AT(offer_id),
		.required = true},
	{"response", take_choice, .at = AT(response), .required = true,
		.detail = offer_words},
	{"id", take_message_id, .at = AT(id)},
	{"responseMessage", take_text, .at = AT(text), .max = MESSAGE_TEXT_MAX},
};
static const struct table offer_table = TABLE(offer_fields);

/* Of a counter alone; elsewhere it says nothing. */
static const struct field counter_fields[] = {
	{"counterPrice", take_price, .at = AT(counter_price), .required = true},
};
static const struct table counter_table = TABLE(counter_fields);
#undef AT

#define AT(field) offsetof(struct test_drive_response, field)
static const struct field test_drive_fields[] = {
	{"messageId", take_reference, .at = AT(message_id), .required = true},
	{"response", take_choice, .at = AT(response), .required = true,
		.detail = test_drive_words},
	{"id", take_message_id, .at = AT(id)},
	{"responseMessage", take_text, .at = AT(text), .max = MESSAGE_TEXT_MAX},
};
static const struct table test_drive_table = TABLE(test_drive_fields);
#undef AT

#define AT(field) offsetof(struct put_request, field)
static const struct field put_fields[] = {
	{"conversationId", take_conversation_id, .at = AT(conversation_id),
		.required = true},
	{"userEmail", take_user_email, .at = AT(claims)},
	{"userRole", take_user_role, .at = AT(claims)},
	{"readSeq", take_seq, .at = AT(read_seq)},
	{"message", .take = take_nothing},
	{"offerResponse", .take = take_nothing},
	{"testDriveResponse", .take = take_nothing},
};
static const struct table put_table = TABLE(put_fields);
#undef AT
/* clang-format on */

/* No text and an empty text are the same: no reply line. */
static size_t
drop_empty(const char **text)
{
	if (*text && !**text)
		*text = NULL;
	return *text ? strlen(*text) : 0;
}

static bool
take_message(struct put_request *r, struct json_object *part, const char *path,
    int64_t now_ms, struct flaw *flaw)
{
	return message_take(&r->message, part, path, now_ms, flaw);
}

static bool
take_offer_response(struct put_request *r, struct json_object *part,
    const char *path, int64_t now_ms, struct flaw *flaw)
{
	struct offer_response *offer = &r->offer;

	(void)now_ms;
	if (!table_take(&offer_table, path, part, offer, flaw))
		return false;
	if (strcmp(offer->response, "countered") == 0 &&
	    !table_take(&counter_table, path, part, offer, flaw))
		return false;
	offer->text_bytes = drop_empty(&offer->text);
	return true;
}

static bool
take_test_drive_response(struct put_request *r, struct json_object *part,
    const char *path, int64_t now_ms, struct flaw *flaw)
{
	struct test_drive_response *drive = &r->test_drive;

	(void)now_ms;
	if (!table_take(&test_drive_table, path, part, drive, flaw))
		return false;
	drive->text_bytes = drop_empty(&drive->text);
	return true;
}

/* One of them in each request. */
static const struct part {
	const char *name;
	bool (*take)(struct put_request *r, struct json_object *part,
	    const char *path, int64_t now_ms, struct flaw *flaw);
} parts[] = {
    [PUT_MESSAGE] = {"message", take_message},
    [PUT_OFFER_RESPONSE] = {"offerResponse", take_offer_response},
    [PUT_TEST_DRIVE_RESPONSE] = {"testDriveResponse", take_test_drive_response},
};

static bool
find_part(struct put_request *r, struct json_object *body,
    struct json_object **part, struct flaw *flaw)
{
	struct json_object *value;

	*part = NULL;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		json_object_object_get_ex(body, parts[i].name, &value);
		if (!value)
			continue;
		if (*part)
			return field_wrong(flaw, "", parts[i].name,
			    "must not come with another change");
		r->kind = (enum put_kind)i;
		*part = value;
	}
	return *part ||
	       field_wrong(flaw, "", "message",
		   "(or offerResponse, or testDriveResponse) is required");
}

bool
put_request_take(struct put_request *r, struct json_object *body,
    int64_t now_ms, struct flaw *flaw)
{
	struct json_object *part;

	*r = (struct put_request){.claims.side = SIDE_NONE, .read_seq = -1};
	if (!table_refuse_others(&put_table, body, flaw) ||
	    !table_take(&put_table, "", body, r, flaw) ||
	    !find_part(r, body, &part, flaw))
		return false;
	if (r->read_seq >= 0 && r->kind != PUT_MESSAGE)
		return field_wrong(
		    flaw, "", "readSeq", "must come with a message only");
	return parts[r->kind].take(r, part, parts[r->kind].name, now_ms, flaw);
}
