/*
 * Stored messages read into a struct.  Declared in store_shape.h.
 */
#include <string.h>

#include "cgi/bson_read.h"
#include "cgi/store_shape.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void
read_sender(void *at, const bson_iter_t *it)
{
	enum side *sender = at;
	const char *name = "";

	read_text(&name, it);
	for (*sender = SIDE_CUSTOMER; *sender < SIDE_NONE; ++*sender)
		if (strcmp(name, sender_names[*sender]) == 0)
			return;
}

static void
read_type(void *at, const bson_iter_t *it)
{
	enum message_type *type = at;
	const char *name = "";

	read_text(&name, it);
	*type = TYPE_TEXT; /* also where the name is none */
	for (int i = TYPE_TEXT; i <= TYPE_SYSTEM; i++) {
		if (strcmp(name, message_type_names[i]) != 0)
			continue;
		*type = (enum message_type)i;
		return;
	}
}

static void
read_message_text(void *at, const bson_iter_t *it)
{
	struct stored_message *m = at;

	if (BSON_ITER_HOLDS_UTF8(it))
		m->text = bson_iter_utf8(it, &m->text_len);
}

static void
read_payload(void *at, const bson_iter_t *it)
{
	static const struct bson_field fields[] = {
	    {"offerPrice", read_double,
		offsetof(struct stored_message, offer_price)},
	    {"status", read_text, offsetof(struct stored_message, status)},
	    {"expiresAt", read_text,
		offsetof(struct stored_message, expires_at)},
	};
	struct stored_message *m = at;
	bson_iter_t child;

	if (!BSON_ITER_HOLDS_DOCUMENT(it) || !bson_iter_recurse(it, &child))
		return;
	m->has_payload = true;
	m->payload = *it;
	(void)bson_read(m, &child, fields, COUNT(fields));
}

static void
read_answer(void *at, const bson_iter_t *it)
{
	struct stored_message *m = at;

	m->has_answer = BSON_ITER_HOLDS_DOCUMENT(it);
	m->answer = *it;
}

/* clang-format off */
#define FIELD(name, read, member)                                              \
	{name, read, offsetof(struct stored_message, member)}

static const struct bson_field message_fields[] = {
	FIELD("id", read_scalar, id),
	FIELD("sender", read_sender, sender),
	{"text", read_message_text, 0},
	FIELD("timestamp", read_text, timestamp),
	FIELD("receivedAt", read_text, received_at),
	FIELD("type", read_type, type),
	{"payload", read_payload, 0},
	FIELD("seq", read_int, seq),
	FIELD("rev", read_int, rev),
	FIELD("n", read_int, n),
	{"answer", read_answer, 0},
	FIELD("original", read_bool, original),
};
/* clang-format on */

bool
stored_message_read(struct stored_message *m, const bson_iter_t *from)
{
	bson_iter_t it;

	*m = (struct stored_message){
	    .sender = SIDE_NONE,
	    .text = "",
	    .timestamp = "",
	    .received_at = "",
	    .type = TYPE_TEXT,
	    .status = "",
	    .expires_at = "",
	};
	return BSON_ITER_HOLDS_DOCUMENT(from) && bson_iter_recurse(from, &it) &&
	       bson_read(m, &it, message_fields, COUNT(message_fields)) &&
	       m->id.raw;
}

bool
stored_message_is_pending(const struct stored_message *m, const char *now_iso)
{
	return strcmp(m->status, "pending") == 0 &&
	       (!*m->expires_at || strcmp(m->expires_at, now_iso) > 0);
}
