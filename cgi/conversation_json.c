/*
 * The hot read: BSON to JSON field by field, in the contract's order.
 */
#include "cgi/conversation_json.h"

#include <string.h>

#include "cgi/bson_json.h"
#include "cgi/bson_read.h"
#include "cgi/clock.h"
#include "cgi/json_out.h"

/*
 * The name of a member with all that stands around it, and its length: one
 * copy instead of three.  No object here is empty before one of these.
 */
#define KEY(name) ",\"" name "\":", sizeof(",\"" name "\":") - 1

static void
text_field(struct buffer *b, const char *key, size_t len, const char *text)
{
	buffer_put(b, key, len);
	json_puts(b, text);
}

static void
int_field(struct buffer *b, const char *key, size_t len, int64_t n)
{
	buffer_put(b, key, len);
	json_int(b, n);
}

static void
bool_field(struct buffer *b, const char *key, size_t len, bool yes)
{
	buffer_put(b, key, len);
	json_boolean(b, yes);
}

static void
time_field(struct buffer *b, const char *key, size_t len, int64_t wall_ms)
{
	char iso[ISO_BYTES];

	iso_write(iso, wall_ms);
	text_field(b, key, len, iso);
}

static void
sides_field(struct buffer *b, const char *key, size_t len, int64_t customer,
    int64_t seller)
{
	buffer_put(b, key, len);
	buffer_puts(b, "{\"customer\":");
	json_int(b, customer);
	buffer_puts(b, ",\"seller\":");
	json_int(b, seller);
	buffer_char(b, '}');
}

/* What of a payload is shown, in this order. */
struct payload_fields {
	bson_iter_t offer_price, counter_price, status, expires_at, date, time;
	bson_iter_t image_url, audio_url, duration_seconds, original_message_id;
};

/* clang-format off */
#define FIELD(name, member)                                                    \
	{name, read_scalar, offsetof(struct payload_fields, member)}

static const struct bson_field payload_fields[] = {
	FIELD("offerPrice", offer_price),
	FIELD("counterPrice", counter_price),
	FIELD("status", status),
	FIELD("expiresAt", expires_at),
	FIELD("date", date),
	FIELD("time", time),
	FIELD("imageUrl", image_url),
	FIELD("audioUrl", audio_url),
	FIELD("durationSeconds", duration_seconds),
	FIELD("originalMessageId", original_message_id),
};
/* clang-format on */

#define PAYLOAD_FIELDS (sizeof(payload_fields) / sizeof(payload_fields[0]))

static void
payload_json(
    struct buffer *b, const struct stored_message *m, const char *now_iso)
{
	struct payload_fields found = {0};
	const char *separator = "\"";
	bson_iter_t it;

	if (bson_iter_recurse(&m->payload, &it))
		(void)bson_read(&found, &it, payload_fields, PAYLOAD_FIELDS);
	buffer_char(b, '{');
	for (size_t i = 0; i < PAYLOAD_FIELDS; i++) {
		const struct bson_field *field = &payload_fields[i];
		const bson_iter_t *value =
		    (void *)((char *)&found + field->offset);

		if (!value->raw)
			continue;
		buffer_puts(b, separator);
		buffer_puts(b, field->name);
		buffer_put(b, "\":", 2);
		if (value == &found.status && strcmp(m->status, "pending") == 0)
			json_puts(b, stored_message_is_pending(m, now_iso)
					 ? "pending"
					 : "expired");
		else
			bson_scalar_json(b, value);
		separator = ",\"";
	}
	buffer_char(b, '}');
}

/* Nobody's receipt is due for a line of the system. */
static bool
is_read(const struct conversation *c, const struct stored_message *m)
{
	switch (m->sender) {
	case SIDE_CUSTOMER:
		return m->seq <= c->mark[SIDE_SELLER].seq;
	case SIDE_SELLER:
		return m->seq <= c->mark[SIDE_CUSTOMER].seq;
	default:
		return true;
	}
}

void
message_id_json(struct buffer *b, const struct stored_message *m)
{
	bson_scalar_json(b, &m->id);
}

void
message_json(struct buffer *b, const struct conversation *c,
    const struct stored_message *m, const char *now_iso)
{
	buffer_puts(b, "{\"id\":");
	bson_scalar_json(b, &m->id);
	int_field(b, KEY("seq"), m->seq);
	int_field(b, KEY("rev"), m->rev);
	text_field(b, KEY("sender"), sender_names[m->sender]);
	buffer_put(b, KEY("text"));
	json_string(b, m->text, m->text_len);
	text_field(b, KEY("timestamp"), m->timestamp);
	text_field(b, KEY("receivedAt"), m->received_at);
	bool_field(b, KEY("isRead"), is_read(c, m));
	text_field(b, KEY("type"), message_type_names[m->type]);
	if (m->has_payload) {
		buffer_put(b, KEY("payload"));
		payload_json(b, m, now_iso);
	}
	buffer_char(b, '}');
}

static void
listing_json(struct buffer *b, const struct conversation *c)
{
	buffer_put(b, KEY("vehicleId"));
	if (c->has_vehicle_id)
		bson_scalar_json(b, &c->vehicle_id);
	else
		buffer_puts(b, "null");
	text_field(b, KEY("vehicleName"), c->vehicle_name);
	buffer_put(b, KEY("vehiclePrice"));
	if (c->has_price)
		json_double(b, c->price);
	else
		buffer_puts(b, "null");
}

static void
reading_json(struct buffer *b, const struct conversation *c)
{
	bool_field(b, KEY("isReadBySeller"), c->is_read[SIDE_SELLER]);
	bool_field(b, KEY("isReadByCustomer"), c->is_read[SIDE_CUSTOMER]);
	int_field(
	    b, KEY("unreadBySeller"), conversation_unread(c, SIDE_SELLER));
	int_field(
	    b, KEY("unreadByCustomer"), conversation_unread(c, SIDE_CUSTOMER));
	sides_field(b, KEY("readSeq"), c->mark[SIDE_CUSTOMER].seq,
	    c->mark[SIDE_SELLER].seq);
	sides_field(b, KEY("deliveredSeq"),
	    conversation_delivered(c, SIDE_CUSTOMER),
	    conversation_delivered(c, SIDE_SELLER));
}

/* The reporter sees his own flag, an admin any, the reported party none. */
static void
flag_json(struct buffer *b, const struct conversation *c, enum side viewer)
{
	bool is_admin = viewer == SIDE_NONE;
	bool flagged = is_admin ? c->is_flagged : c->flagged[viewer];

	bool_field(b, KEY("isFlagged"), flagged);
	if (!flagged)
		return;
	text_field(b, KEY("flagReason"),
	    is_admin ? c->flag_any_reason : c->flag_reason[viewer]);
	time_field(b, KEY("flaggedAt"),
	    is_admin ? c->flag_any_at : c->flagged_at[viewer]);
}

void
conversation_json_open(
    struct buffer *b, const struct conversation *c, enum side viewer)
{
	bool is_admin = viewer == SIDE_NONE;

	buffer_puts(b, "{\"id\":");
	json_puts(b, c->id);
	text_field(b, KEY("customerId"), c->party[SIDE_CUSTOMER]);
	text_field(b, KEY("customerName"), c->name[SIDE_CUSTOMER]);
	text_field(b, KEY("sellerId"), c->party[SIDE_SELLER]);
	text_field(b, KEY("sellerName"), c->name[SIDE_SELLER]);
	listing_json(b, c);
	text_field(b, KEY("lastMessageAt"), c->last_message_at);
	reading_json(b, c);
	flag_json(b, c, viewer);
	bool_field(b, KEY("archived"), !is_admin && c->archived[viewer]);
	int_field(b, KEY("clearedSeq"), is_admin ? 0 : c->cleared[viewer].seq);
	int_field(b, KEY("seq"), c->seq);
	int_field(b, KEY("rev"), c->rev);
	time_field(b, KEY("createdAt"), c->created_at);
	time_field(b, KEY("updatedAt"), c->updated_at);
}
