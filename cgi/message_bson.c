/*
 * Messages as they are written into documents, and compared with those that
 * are there.  Declared in store_shape.h.
 */
#include <string.h>

#include "cgi/auto.h"
#include "cgi/bson_put.h"
#include "cgi/bson_read.h"
#include "cgi/store_shape.h"

/* Where there is one. */
static void
put_some(bson_t *out, const char *field, const char *text)
{
	if (text && *text)
		put_string(out, field, text);
}

void
message_id_append(bson_t *out, const char *field, const struct message_id *id)
{
	if (id->was_number)
		put_int(out, field, id->number);
	else
		put_string(out, field, id->text);
}

void
message_id_match(bson_t *out, const char *field, const struct message_id *id)
{
	bson_t in, both;

	if (!id->was_number && !id->also_number) {
		put_string(out, field, id->text);
		return;
	}
	put_document_begin(out, field, &in);
	put_array_begin(&in, "$in", &both);
	put_int(&both, "0", id->number);
	put_string(&both, "1", id->text);
	put_array_end(&in, &both);
	put_document_end(out, &in);
}

bool
message_id_from_stored(struct message_id *id, const bson_iter_t *stored)
{
	int64_t number;

	if (BSON_ITER_HOLDS_UTF8(stored))
		return message_id_from_text(
		    id, bson_iter_utf8(stored, NULL), true);
	if (!bson_integer(stored, &number))
		return false;
	message_id_from_number(id, number);
	return true;
}

bool
message_id_equals(const struct message_id *id, const bson_iter_t *stored)
{
	int64_t number;

	if (BSON_ITER_HOLDS_UTF8(stored))
		return strcmp(bson_iter_utf8(stored, NULL), id->text) == 0;
	return (id->was_number || id->also_number) &&
	       bson_integer(stored, &number) && number == id->number;
}

static void
put_payload(bson_t *out, const struct payload *p, bool is_pending)
{
	if (p->offer_price > 0)
		put_double(out, "offerPrice", p->offer_price);
	if (p->counter_price > 0)
		put_double(out, "counterPrice", p->counter_price);
	if (is_pending)
		put_string(out, "status", "pending");
	put_some(out, "expiresAt", p->expires_at);
	put_some(out, "date", p->date);
	put_some(out, "time", p->time);
	put_some(out, "imageUrl", p->image_url);
	put_some(out, "audioUrl", p->audio_url);
	if (p->duration_seconds >= 0)
		put_double(out, "durationSeconds", p->duration_seconds);
	if (*p->original_message_id.text)
		message_id_append(
		    out, "originalMessageId", &p->original_message_id);
}

static enum message_type
type_of(const struct message *m)
{
	return m->type == TYPE_NONE ? TYPE_TEXT : m->type;
}

bool
message_waits(const struct message *m)
{
	return m->type == TYPE_OFFER || m->type == TYPE_TEST_DRIVE;
}

void
message_to_bson(
    bson_t *out, const struct message *m, enum side sender, const char *now_iso)
{
	enum message_type type = type_of(m);
	AUTO_BSON bson_t payload = BSON_INITIALIZER;

	message_id_append(out, "id", &m->id);
	put_string(out, "sender", sender_names[sender]);
	put_text(out, "text", m->text, m->text_bytes);
	put_string(out, "timestamp", *m->timestamp ? m->timestamp : now_iso);
	put_string(out, "receivedAt", now_iso);
	put_string(out, "type", message_type_names[type]);
	put_payload(&payload, &m->payload, message_waits(m));
	if (!bson_empty(&payload))
		put_document(out, "payload", &payload);
}

/* The part of a stored payload that its sender wrote. */
struct sent_payload {
	double offer_price, duration_seconds;
	const char *expires_at, *date, *time, *image_url, *audio_url;
	bson_iter_t original_message_id;
};

static struct sent_payload
sent_payload(const struct stored_message *s)
{
	/* clang-format off */
#define FIELD(name, read, member)                                              \
	{name, read, offsetof(struct sent_payload, member)}
	static const struct bson_field fields[] = {
		FIELD("offerPrice", read_double, offer_price),
		FIELD("expiresAt", read_text, expires_at),
		FIELD("date", read_text, date),
		FIELD("time", read_text, time),
		FIELD("imageUrl", read_text, image_url),
		FIELD("audioUrl", read_text, audio_url),
		FIELD("durationSeconds", read_double, duration_seconds),
		FIELD("originalMessageId", read_scalar, original_message_id),
	};
	/* clang-format on */
	struct sent_payload sent = {.duration_seconds = -1};
	bson_iter_t it;

	if (s->has_payload && bson_iter_recurse(&s->payload, &it))
		(void)bson_read(
		    &sent, &it, fields, sizeof(fields) / sizeof(fields[0]));
	return sent;
}

/* Absent is NULL on one side and "" on the other. */
static bool
same_string(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool
same_reference(const struct message_id *id, const bson_iter_t *stored)
{
	if (!*id->text || !stored->raw)
		return !*id->text && !stored->raw;
	return message_id_equals(id, stored);
}

static bool
same_payload(const struct payload *p, const struct stored_message *s)
{
	struct sent_payload sent = sent_payload(s);

	return same_reference(
		   &p->original_message_id, &sent.original_message_id) &&
	       p->offer_price == sent.offer_price &&
	       p->duration_seconds == sent.duration_seconds &&
	       same_string(p->expires_at, sent.expires_at) &&
	       same_string(p->date, sent.date) &&
	       same_string(p->time, sent.time) &&
	       same_string(p->image_url, sent.image_url) &&
	       same_string(p->audio_url, sent.audio_url);
}

bool
message_is_same(const struct message *m, const struct stored_message *s)
{
	if (m->text_bytes != s->text_len ||
	    memcmp(m->text, s->text, s->text_len) != 0)
		return false;
	/*
	 * The upgrade derived type and price of the original's offers from
	 * their text, which its clients send again without either.
	 */
	if (s->original && m->type == TYPE_NONE)
		return true;
	return type_of(m) == s->type && same_payload(&m->payload, s);
}
