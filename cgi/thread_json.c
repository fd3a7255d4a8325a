/*
 * Conversations with their messages, as answers (see thread_json.h).
 */
#include "cgi/thread_json.h"

#include "cgi/clock.h"
#include "cgi/conversation_json.h"
#include "cgi/json_out.h"
#include "cgi/window.h"

static void
messages_json(struct buffer *b, const struct conversation *c,
    const struct page *page, const char *now_iso)
{
	buffer_puts(b, ",\"messages\":[");
	for (size_t i = 0; i < page->count; i++) {
		if (i > 0)
			buffer_char(b, ',');
		message_json(b, c, &page->message[i], now_iso);
	}
	buffer_char(b, ']');
}

static void
pending_json(struct buffer *b, const struct conversation *c, int64_t floor,
    int64_t first, const char *now_iso)
{
	const char *comma = "";
	struct stored_message m;
	bson_iter_t it;

	buffer_puts(b, ",\"pending\":[");
	for (window_begin(c, &it); window_next(&it, &m) && m.seq < first;) {
		if (m.seq <= floor || !stored_message_is_pending(&m, now_iso))
			continue;
		buffer_puts(b, comma);
		message_json(b, c, &m, now_iso);
		comma = ",";
	}
	buffer_char(b, ']');
}

void
thread_json(struct buffer *b, const struct conversation *c, enum side viewer,
    const struct page *page)
{
	char now_iso[ISO_BYTES];

	iso_write(now_iso, clock_wall_ms());
	conversation_json_open(b, c, viewer);
	messages_json(b, c, page, now_iso);
	pending_json(b, c, page_floor(c, viewer), page->first, now_iso);
	buffer_char(b, '}');
}

bool
thread_messages(
    const struct request *req, int64_t max, int64_t *n, struct flaw *flaw)
{
	return request_arg_int(req, "messages", 0, max, n, flaw);
}

void
epoch_json(struct buffer *b, const struct store *store)
{
	buffer_puts(b, ",\"epoch\":");
	json_puts(b, store_epoch(store));
	buffer_char(b, '}');
}

/* The data of an answer; false where the archive could not be read. */
static enum store_result
data_json(struct request *req, struct buffer *b, const struct found *found,
    int64_t messages)
{
	struct page page;
	enum store_result result;

	page_init(&page);
	result =
	    page_newest(req->store, &found->c, found->side, messages, &page);
	if (result == STORE_OK)
		thread_json(b, &found->c, found->side, &page);
	page_release(&page);
	/* Purged under our hands: as if it had been a moment earlier. */
	return result == STORE_AGAIN ? STORE_ABSENT : result;
}

int
reply_thread(
    struct request *req, struct reply *out, const struct thread_answer *answer)
{
	struct buffer *b = &out->body;
	enum store_result result;
	char now_iso[ISO_BYTES];

	buffer_puts(b, "{\"success\":true,\"data\":");
	result = data_json(req, b, answer->found, answer->messages);
	if (result != STORE_OK)
		return reply_store(out, answer->wrote ? STORE_UNKNOWN : result);
	if (answer->message) {
		iso_write(now_iso, clock_wall_ms());
		buffer_puts(b, ",\"message\":");
		message_json(b, &answer->found->c, answer->message, now_iso);
	}
	if (answer->tells_duplicate)
		buffer_puts(b, answer->duplicate ? ",\"duplicate\":true"
						 : ",\"duplicate\":false");
	epoch_json(b, req->store);
	return reply_json(out, answer->status);
}

int
reply_refused_thread(struct request *req, struct reply *out,
    enum store_result result, const struct found *found, int64_t messages)
{
	struct buffer *b = &out->body;
	int status = reply_store(out, result);

	b->len--; /* its closing brace: data comes before it */
	buffer_puts(b, ",\"data\":");
	result = data_json(req, b, found, messages);
	if (result != STORE_OK)
		return reply_store(out, result);
	buffer_char(b, '}');
	return reply_json(out, status);
}
