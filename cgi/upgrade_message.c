/*
 * See upgrade_message.h.
 */
#include "cgi/upgrade_message.h"

#include <stdio.h>
#include <string.h>

#include "cgi/auto.h"
#include "cgi/bson_put.h"
#include "cgi/bson_read.h"
#include "cgi/upgrade_value.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void
read_id(void *at, const bson_iter_t *it)
{
	(void)value_message_id(at, it); /* else it stays "" */
}

/* What the fields that struct stored_message keeps as text say. */
static void
read_expiry(void *at, const bson_iter_t *it)
{
	bson_iter_t payload;

	if (BSON_ITER_HOLDS_DOCUMENT(it) && bson_iter_recurse(it, &payload) &&
	    bson_iter_find(&payload, "expiresAt"))
		read_moment(at, &payload);
}

bool
upgrade_message_read(struct upgrade_message *message, const bson_iter_t *from)
{
	/* clang-format off */
#define FIELD(name, read, member)                                              \
	{name, read, offsetof(struct upgrade_message, member)}
	static const struct bson_field fields[] = {
		FIELD("id", read_id, id),
		FIELD("timestamp", read_moment, at),
		FIELD("isRead", read_bool, is_read),
		FIELD("payload", read_expiry, expires),
	};
#undef FIELD
	/* clang-format on */
	bson_iter_t it;

	*message = (struct upgrade_message){.is_read = false};
	if (!BSON_ITER_HOLDS_DOCUMENT(from) || !bson_iter_recurse(from, &it))
		return false;
	(void)stored_message_read(&message->m, from); /* false: has no id */
	return bson_read(message, &it, fields, COUNT(fields));
}

bool
upgrade_message_is_namesake(
    const struct upgrade_message *a, const struct upgrade_message *b)
{
	return *a->id.text && a->m.sender == b->m.sender &&
	       strcmp(a->id.text, b->id.text) == 0;
}

bool
upgrade_message_is_repeat(
    const struct upgrade_message *a, const struct upgrade_message *b)
{
	return upgrade_message_is_namesake(a, b) &&
	       a->m.text_len == b->m.text_len &&
	       memcmp(a->m.text, b->m.text, a->m.text_len) == 0;
}

static bool
is_answered(const struct upgrade_message *message)
{
	return *message->m.status && strcmp(message->m.status, "pending") != 0;
}

void
upgrade_message_merge(
    struct upgrade_message *first, const struct upgrade_message *copy)
{
	first->is_read = first->is_read || copy->is_read;
	if (first->m.type == TYPE_TEXT)
		first->m.type = copy->m.type;
	if (!first->m.has_payload) {
		first->m.has_payload = copy->m.has_payload;
		first->m.payload = copy->m.payload;
		first->m.offer_price = copy->m.offer_price;
		first->expires = copy->expires;
	}
	if (!is_answered(first))
		first->m.status = copy->m.status;
}

void
upgrade_message_settle(struct upgrade_message *message)
{
	struct stored_message *m = &message->m;
	bool is_answerable;

	if (m->type == TYPE_TEXT &&
	    (m->offer_price > 0 || value_is_offer(m->text, m->text_len)))
		m->type = TYPE_OFFER;
	if (m->type == TYPE_OFFER && m->offer_price <= 0)
		m->offer_price = value_offer_price(m->text, m->text_len);
	is_answerable = m->sender != SIDE_NONE &&
			(m->type == TYPE_OFFER || m->type == TYPE_TEST_DRIVE);
	if (!is_answerable && !is_answered(message))
		m->status = "";
	else if (is_answerable && !*m->status)
		m->status = "pending";
}

bool
upgrade_message_is_pending(
    const struct upgrade_message *message, int64_t now_ms)
{
	return strcmp(message->m.status, "pending") == 0 &&
	       (!message->expires.known || message->expires.ms > now_ms);
}

struct old_payload {
	double counter_price, duration_seconds;
	struct view date, time, image_url, audio_url;
	struct message_id original_message_id;
};

static struct old_payload
payload_of(const struct stored_message *m)
{
	/* clang-format off */
#define FIELD(name, read, member)                                              \
	{name, read, offsetof(struct old_payload, member)}
	static const struct bson_field fields[] = {
		FIELD("counterPrice", read_double, counter_price),
		FIELD("date", read_view, date),
		FIELD("time", read_view, time),
		FIELD("imageUrl", read_view, image_url),
		FIELD("audioUrl", read_view, audio_url),
		FIELD("durationSeconds", read_double, duration_seconds),
		FIELD("originalMessageId", read_id, original_message_id),
	};
	/* clang-format on */
	struct old_payload old = {.duration_seconds = -1};
	bson_iter_t it;

	if (m->has_payload && bson_iter_recurse(&m->payload, &it))
		(void)bson_read(&old, &it, fields, COUNT(fields));
	return old;
}

static void
put_some(bson_t *out, const char *field, struct view text)
{
	if (text.text)
		value_put_text(out, field, text, URL_MAX);
}

static void
put_time(bson_t *out, const char *field, int64_t wall_ms)
{
	char iso[ISO_BYTES];

	iso_write(iso, wall_ms);
	put_string(out, field, iso);
}

static void
put_payload(bson_t *out, const struct upgrade_message *message)
{
	const struct stored_message *m = &message->m;
	struct old_payload old = payload_of(m);

	if (m->offer_price > 0)
		put_double(out, "offerPrice", m->offer_price);
	if (old.counter_price > 0)
		put_double(out, "counterPrice", old.counter_price);
	if (*m->status)
		put_string(out, "status", m->status);
	if (message->expires.known)
		put_time(out, "expiresAt", message->expires.ms);
	put_some(out, "date", old.date);
	put_some(out, "time", old.time);
	put_some(out, "imageUrl", old.image_url);
	put_some(out, "audioUrl", old.audio_url);
	if (old.duration_seconds >= 0)
		put_double(out, "durationSeconds", old.duration_seconds);
	if (*old.original_message_id.text)
		message_id_append(
		    out, "originalMessageId", &old.original_message_id);
}

static void
put_id(bson_t *out, const struct upgrade_message *message)
{
	char text[MESSAGE_ID_MAX];

	if (*message->id.text && !message->is_renamed) {
		message_id_append(out, "id", &message->id);
		return;
	}
	snprintf(text, sizeof(text), SERVER_ID_PREFIX "o%lld",
	    (long long)message->m.seq);
	put_string(out, "id", text);
}

void
upgrade_message_write(bson_t *array, uint32_t index,
    const struct upgrade_message *message, int64_t at_ms)
{
	AUTO_BSON bson_t payload = BSON_INITIALIZER;
	const struct stored_message *m = &message->m;
	struct view text = {m->text, m->text_len};
	char digits[16];
	const char *position;
	bson_t out;

	if (message->at.known)
		at_ms = message->at.ms;
	bson_uint32_to_string(index, &position, digits, sizeof(digits));
	put_document_begin(array, position, &out);
	put_id(&out, message);
	put_string(&out, "sender", sender_names[m->sender]);
	value_put_text(&out, "text", text, text.len);
	put_time(&out, "timestamp", at_ms);
	put_time(&out, "receivedAt", at_ms);
	put_string(&out, "type", message_type_names[m->type]);
	put_payload(&payload, message);
	if (!bson_empty(&payload))
		put_document(&out, "payload", &payload);
	put_int(&out, "seq", m->seq);
	put_int(&out, "rev", m->rev);
	put_int(&out, "n", m->n);
	put_bool(&out, "original", true);
	put_document_end(array, &out);
}
