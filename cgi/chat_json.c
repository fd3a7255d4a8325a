/*
 * chat_json.c: see chat_json.h.
 */
#include "cgi/chat_json.h"

#include "cgi/bson_json.h"
#include "cgi/clock.h"
#include "cgi/json_out.h"

static void
text_field(struct buffer *b, const char *key, const char *text)
{
	buffer_puts(b, key);
	json_puts(b, text);
}

static void
int_field(struct buffer *b, const char *key, int64_t n)
{
	buffer_puts(b, key);
	json_int(b, n);
}

static void
bool_field(struct buffer *b, const char *key, bool yes)
{
	buffer_puts(b, key);
	json_boolean(b, yes);
}

static void
time_field(struct buffer *b, const char *key, int64_t wall_ms)
{
	char iso[ISO_BYTES];

	iso_write(iso, wall_ms);
	text_field(b, key, iso);
}

static bool
is_read(const struct chat_session *s, const struct chat_line *line)
{
	int64_t seen =
	    line->sender == CHAT_USER ? s->seen_support : s->seen_visitor;

	return line->was_read || line->n <= seen;
}

void
chat_line_json(struct buffer *b, const struct chat_session *s,
    const struct chat_line *line)
{
	buffer_puts(b, "{\"id\":");
	bson_scalar_json(b, &line->id);
	int_field(b, ",\"seq\":", line->n);
	buffer_puts(b, ",\"text\":");
	json_string(b, line->text, line->text_len);
	text_field(b, ",\"sender\":", chat_sender_names[line->sender]);
	time_field(b, ",\"timestamp\":", line->at);
	bool_field(b, ",\"isRead\":", is_read(s, line));
	buffer_char(b, '}');
}

static void
last_json(struct buffer *b, const struct chat_session *s)
{
	if (s->last_at == 0) {
		buffer_puts(b, ",\"lastMessage\":null,\"lastMessageAt\":null");
		return;
	}
	text_field(b, ",\"lastMessage\":{\"text\":", s->last_text);
	text_field(b, ",\"sender\":", chat_sender_names[s->last_sender]);
	time_field(b, ",\"timestamp\":", s->last_at);
	time_field(b, "},\"lastMessageAt\":", s->last_at);
}

static void
claim_json(struct buffer *b, const struct chat_session *s, int64_t now_ms)
{
	if (!chat_is_claimed(s, now_ms)) {
		buffer_puts(b, ",\"agent\":null,\"claimedUntil\":null");
		return;
	}
	text_field(b, ",\"agent\":", s->agent);
	time_field(b, ",\"claimedUntil\":", s->claimed_until);
}

void
chat_session_json(
    struct buffer *b, const struct chat_session *s, int64_t now_ms)
{
	int64_t unread = s->last - s->seen_support;

	text_field(b, "{\"sessionId\":", s->id);
	text_field(b, ",\"userId\":", s->user_id);
	text_field(b, ",\"userName\":", s->user_name);
	text_field(b, ",\"status\":", chat_status_names[s->status]);
	last_json(b, s);
	int_field(b, ",\"messageCount\":", s->last);
	int_field(b, ",\"unread\":", unread > 0 ? unread : 0);
	bool_field(b, ",\"waiting\":", s->waiting);
	claim_json(b, s, now_ms);
	time_field(b, ",\"createdAt\":", s->created_at);
	buffer_char(b, '}');
}
