/*
 * One function for each event (see publish_json.h).
 */
#include "cgi/publish_json.h"

#include "cgi/clock.h"
#include "cgi/conversation_json.h"
#include "cgi/json_out.h"
#include "cgi/window.h"

static void
open_json(struct buffer *b, const struct news *news)
{
	buffer_puts(b, "{\"conversationId\":");
	json_puts(b, news->c->id);
}

static void
conversation_json(
    struct buffer *b, const struct conversation *c, enum side viewer)
{
	buffer_puts(b, ",\"conversation\":");
	conversation_json_open(b, c, viewer);
	buffer_puts(b, "}}");
}

static void
new_message_json(struct buffer *b, const struct news *news, enum side viewer)
{
	char now_iso[ISO_BYTES];

	iso_write(now_iso, clock_wall_ms());
	open_json(b, news);
	buffer_puts(b, ",\"message\":");
	message_json(b, news->c, news->message, now_iso);
	conversation_json(b, news->c, viewer);
}

static void
updated_json(struct buffer *b, const struct news *news, enum side viewer)
{
	open_json(b, news);
	buffer_puts(b, ",\"rev\":");
	json_int(b, news->c->rev);
	conversation_json(b, news->c, viewer);
}

static void
end_with_seq(struct buffer *b, int64_t seq)
{
	buffer_puts(b, ",\"seq\":");
	json_int(b, seq);
	buffer_char(b, '}');
}

/* The other's messages that turned, as far as the window goes. */
static void
read_json(struct buffer *b, const struct news *news, enum side viewer)
{
	const char *comma = "";
	struct stored_message m;
	bson_iter_t it;

	(void)viewer; /* both see the same */
	open_json(b, news);
	buffer_puts(b, ",\"messageIds\":[");
	for (window_begin(news->c, &it); window_next(&it, &m);) {
		if (m.sender == news->by || m.sender == SIDE_NONE ||
		    m.seq <= news->from || m.seq > news->to)
			continue;
		buffer_puts(b, comma);
		message_id_json(b, &m);
		comma = ",";
	}
	buffer_puts(b, "],\"readBy\":");
	json_puts(b, news->c->party[news->by]);
	end_with_seq(b, news->to);
}

static void
delivered_json(struct buffer *b, const struct news *news, enum side viewer)
{
	(void)viewer; /* for the other party alone */
	open_json(b, news);
	end_with_seq(b, news->to);
}

static void
status_json(struct buffer *b, const struct news *news, enum side viewer)
{
	(void)viewer; /* for the author alone */
	open_json(b, news);
	buffer_puts(b, ",\"messageId\":");
	message_id_json(b, news->message);
	buffer_puts(b, ",\"status\":");
	json_puts(b, news->status);
	end_with_seq(b, news->message->seq);
}

static void
deleted_json(struct buffer *b, const struct news *news, enum side viewer)
{
	(void)viewer;
	open_json(b, news);
	buffer_char(b, '}');
}

static void
resync_json(struct buffer *b, const struct news *news, enum side viewer)
{
	(void)news;
	(void)viewer;
	buffer_puts(b, "{}");
}

static const struct {
	const char *name;
	void (*json)(struct buffer *, const struct news *, enum side viewer);
} events[] = {
    [EVENT_NEW_MESSAGE] = {"conversation:new-message", new_message_json},
    [EVENT_UPDATED] = {"conversation:updated", updated_json},
    [EVENT_READ] = {"conversation:read", read_json},
    [EVENT_DELIVERED] = {"conversation:delivered", delivered_json},
    [EVENT_STATUS] = {"message:status", status_json},
    [EVENT_DELETED] = {"conversations:deleted", deleted_json},
    [EVENT_RESYNC] = {"resync", resync_json},
};

const char *
event_name(enum event event)
{
	return events[event].name;
}

void
event_json(struct buffer *b, enum event event, const struct news *news,
    enum side viewer)
{
	events[event].json(b, news, viewer);
}
