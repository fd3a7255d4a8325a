/*
 * Stored sessions and lines of the support chat, read into structs.
 */
#include "cgi/chat_shape.h"

#include <string.h>

#include "cgi/bson_read.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

const char *const chat_sender_names[] = {"user", "bot", "admin"};
const char *const chat_status_names[] = {"active", "closed", "archived"};

/* The place of a word among names; -1 where it is none of them. */
static int
word_of(const bson_iter_t *it, const char *const *names, int count)
{
	const char *word = "";

	read_text(&word, it);
	for (int i = 0; i < count; i++)
		if (strcmp(word, names[i]) == 0)
			return i;
	return -1;
}

static void
read_sender(void *at, const bson_iter_t *it)
{
	int sender = word_of(it, chat_sender_names, COUNT(chat_sender_names));

	if (sender >= 0)
		*(enum chat_sender *)at = (enum chat_sender)sender;
}

/* The original application knows further words; none of them is active. */
static void
read_status(void *at, const bson_iter_t *it)
{
	int status = word_of(it, chat_status_names, COUNT(chat_status_names));

	*(enum chat_status *)at =
	    status >= 0 ? (enum chat_status)status : CHAT_CLOSED;
}

static void
read_oid(void *at, const bson_iter_t *it)
{
	if (BSON_ITER_HOLDS_OID(it))
		*(bson_oid_t *)at = *bson_iter_oid(it);
}

/* When the document was made: for those of the original without a time. */
static int64_t
made_at(const bson_oid_t *oid)
{
	return (int64_t)bson_oid_get_time_t(oid) * 1000;
}

/* Fills both that struct chat_session says of seen; at is the whole of it. */
static void
read_seen(void *at, const bson_iter_t *it)
{
	static const struct bson_field fields[] = {
	    {"visitor", read_int, offsetof(struct chat_session, seen_visitor)},
	    {"support", read_int, offsetof(struct chat_session, seen_support)},
	};
	bson_iter_t child;

	if (BSON_ITER_HOLDS_DOCUMENT(it) && bson_iter_recurse(it, &child))
		(void)bson_read(at, &child, fields, COUNT(fields));
}

/* clang-format off */
#define FIELD(name, read, member)                                              \
	{name, read, offsetof(struct chat_session, member)}

static const struct bson_field session_fields[] = {
	FIELD("_id", read_oid, oid),
	FIELD("sessionId", read_text, id),
	FIELD("owner", read_text, owner),
	FIELD("userId", read_text, user_id),
	FIELD("userName", read_text, user_name),
	FIELD("status", read_status, status),
	FIELD("last", read_int, last),
	FIELD("rev", read_int, rev),
	FIELD("lastText", read_text, last_text),
	FIELD("lastSender", read_sender, last_sender),
	FIELD("lastAt", read_ms, last_at),
	{"seen", read_seen, 0},
	FIELD("waiting", read_bool, waiting),
	FIELD("agent", read_text, agent),
	FIELD("claimedUntil", read_ms, claimed_until),
	FIELD("answered", read_bool, answered),
	FIELD("startedAt", read_ms, created_at), /* the original's */
	FIELD("createdAt", read_ms, created_at),
};
#undef FIELD
/* clang-format on */

bool
chat_session_read(struct chat_session *s, const bson_t *doc)
{
	bson_iter_t it;

	*s = (struct chat_session){
	    .id = "",
	    .owner = "",
	    .user_id = "",
	    .user_name = "",
	    .last_text = "",
	    .agent = "",
	};
	if (!bson_iter_init(&it, doc) ||
	    !bson_read(s, &it, session_fields, COUNT(session_fields)))
		return false;
	if (s->created_at == 0)
		s->created_at = made_at(&s->oid);
	return true;
}

bool
chat_is_claimed(const struct chat_session *s, int64_t now_ms)
{
	return *s->agent && s->claimed_until > now_ms;
}

/* A line's text, whatever it holds: it was checked where it came in. */
static void
read_line_text(void *at, const bson_iter_t *it)
{
	struct chat_line *line = at;

	if (BSON_ITER_HOLDS_UTF8(it))
		line->text = bson_iter_utf8(it, &line->text_len);
}

/* The original's other name for it. */
static void
read_line_message(void *at, const bson_iter_t *it)
{
	struct chat_line *line = at;

	if (line->text_len == 0)
		read_line_text(line, it);
}

/* clang-format off */
#define FIELD(name, read, member)                                              \
	{name, read, offsetof(struct chat_line, member)}

static const struct bson_field line_fields[] = {
	FIELD("_id", read_oid, oid),
	FIELD("n", read_int, n),
	FIELD("id", read_scalar, id),
	FIELD("sender", read_sender, sender),
	{"message", read_line_message, 0},
	{"text", read_line_text, 0},
	FIELD("timestamp", read_ms, at),
	FIELD("isRead", read_bool, was_read),
};
#undef FIELD
/* clang-format on */

bool
chat_line_read(struct chat_line *line, const bson_t *doc)
{
	bson_iter_t it;

	*line = (struct chat_line){.text = ""};
	if (!bson_iter_init(&it, doc) ||
	    !bson_read(line, &it, line_fields, COUNT(line_fields)))
		return false;
	if (line->at == 0)
		line->at = made_at(&line->oid);
	return line->id.raw;
}
