/*
 * schema_message.c: a message as a client sends it.
 */
#include "cgi/schema.h"

#include <string.h>

#include "cgi/schema_table.h"

#define AHEAD_MAX_MS 60000
#define DURATION_MAX_S 86400

const char *const message_type_names[] = {
    [TYPE_NONE] = "",
    [TYPE_TEXT] = "text",
    [TYPE_OFFER] = "offer",
    [TYPE_TEST_DRIVE] = "test_drive_request",
    [TYPE_IMAGE] = "image",
    [TYPE_VOICE] = "voice",
    [TYPE_SYSTEM] = "system",
};

const char *const side_names[] = {
    [SIDE_CUSTOMER] = "customer",
    [SIDE_SELLER] = "seller",
    [SIDE_NONE] = "",
};

const char *const sender_names[] = {
    [SIDE_CUSTOMER] = "user",
    [SIDE_SELLER] = "seller",
    [SIDE_NONE] = "system",
    NULL,
};

/* --- kinds that only messages have --- */

static bool
take_sender(const struct given *given, void *out)
{
	struct message *m = out;
	int i = given_choice(given, sender_names);

	if (i < 0)
		return false;
	m->claim = (enum side)i;
	m->claims_system = m->claim == SIDE_NONE;
	return true;
}

static bool
take_type(const struct given *given, void *out)
{
	static const char *const words[] = {
	    "text", "offer", "test_drive_request", "image", "voice", NULL};
	int i = given_choice(given, words);

	if (i < 0)
		return false;
	*(enum message_type *)out = (enum message_type)(TYPE_TEXT + i);
	return true;
}

/* Whatever is no time, is not refused: the server's time stands instead. */
static bool
take_timestamp(const struct given *given, void *out)
{
	const char *s = json_object_get_string(given->value);
	int64_t wall_ms;

	if (json_object_is_type(given->value, json_type_string) &&
	    iso_read(s, strlen(s), &wall_ms))
		iso_write(out, wall_ms);
	return true;
}

static bool
take_time(const struct given *given, void *out)
{
	const char *s = given_string(given);
	int64_t wall_ms;

	if (!s)
		return false;
	if (!iso_read(s, strlen(s), &wall_ms))
		return given_wrong(given, "must be a time as ISO 8601 has it");
	iso_write(out, wall_ms);
	return true;
}

static bool
take_date(const struct given *given, void *out)
{
	const char *s = given_string(given);

	if (!s)
		return false;
	if (!date_is_valid(s, strlen(s)))
		return given_wrong(given, "must be a date as YYYY-MM-DD");
	*(const char **)out = s;
	return true;
}

static bool
take_hour(const struct given *given, void *out)
{
	const char *s = given_string(given);

	if (!s)
		return false;
	if (!time_is_valid(s, strlen(s)))
		return given_wrong(given, "must be a time of day as HH:MM");
	*(const char **)out = s;
	return true;
}

/* --- the tables --- */

/* clang-format off */
#define AT(field) offsetof(struct payload, field)
static const struct field payload_fields[] = {
	{"offerPrice", take_price, .at = AT(offer_price)},
	{"expiresAt", take_time, .at = AT(expires_at)},
	{"date", take_date, .at = AT(date)},
	{"time", take_hour, .at = AT(time)},
	{"imageUrl", take_url, .at = AT(image_url), .max = URL_MAX},
	{"audioUrl", take_url, .at = AT(audio_url), .max = URL_MAX},
	{"durationSeconds", take_number, .at = AT(duration_seconds),
		.max = DURATION_MAX_S},
	{"originalMessageId", take_reference, .at = AT(original_message_id)},
};
#undef AT
static const struct table payload_table = TABLE(payload_fields);

#define AT(field) offsetof(struct message, field)
static const struct field message_fields[] = {
	{"id", take_message_id, .at = AT(id)},
	{"sender", .take = take_sender},
	{"text", take_text, .at = AT(text), .max = MESSAGE_TEXT_MAX},
	{"timestamp", take_timestamp, .at = AT(timestamp)},
	{"type", take_type, .at = AT(type)},
	{"payload", take_object, .at = AT(payload), .detail = &payload_table},
};
#undef AT
static const struct table message_table = TABLE(message_fields);
/* clang-format on */

/* --- rules between fields --- */

/* The field of its payload without which a message of this type is none. */
static const char *
missing_part(const struct message *m)
{
	const struct payload *p = &m->payload;

	switch (m->type) {
	case TYPE_OFFER:
		return p->offer_price > 0 ? NULL : "payload.offerPrice";
	case TYPE_TEST_DRIVE:
		return !p->date   ? "payload.date"
		       : !p->time ? "payload.time"
				  : NULL;
	case TYPE_IMAGE:
		return p->image_url ? NULL : "payload.imageUrl";
	case TYPE_VOICE:
		return p->audio_url ? NULL : "payload.audioUrl";
	default:
		return NULL;
	}
}

static void
drop_time_ahead(struct message *m, int64_t now_ms)
{
	int64_t sent_ms;

	if (iso_read(m->timestamp, strlen(m->timestamp), &sent_ms) &&
	    sent_ms > now_ms + AHEAD_MAX_MS)
		m->timestamp[0] = '\0';
}

bool
message_take(struct message *m, struct json_object *from, const char *path,
    int64_t now_ms, struct flaw *flaw)
{
	const char *missing;

	*m = (struct message){
	    .claim = SIDE_NONE,
	    .text = "",
	    .payload.duration_seconds = -1,
	};
	if (!table_take(&message_table, path, from, m, flaw))
		return false;
	if (m->payload.offer_price > 0)
		m->type = TYPE_OFFER;
	missing = missing_part(m);
	if (missing)
		return field_wrong(flaw, path, missing, "is required");
	if (m->type <= TYPE_TEXT && !*m->text)
		return field_wrong(
		    flaw, path, "text", "must be 1 to 4000 characters");
	m->text_bytes = strlen(m->text);
	drop_time_ahead(m, now_ms);
	return true;
}
