/*
 * GET /api/conversations/export: all that the caller may see, as NDJSON.
 *
 * The first line is the conversation without messages, then one line per
 * message, then {"end":true,"messages":n}: without it the export was cut.
 * Streamed page by page, so memory stays bounded by a page.  A reader who
 * stalls holds a worker, so exports get only a share of them.
 */
#include "cgi/conversations.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

#include "cgi/clock.h"
#include "cgi/conversation_json.h"
#include "cgi/log.h"
#include "cgi/metrics.h"
#include "cgi/thread_json.h"

#define EXPORT_PAGE (4 * BUCKET_MESSAGES)
#define EXPORT_SHARE 4 /* one worker in four */
#define EXPORT_RETRY_S 5

static atomic_long running;

static void
page_lines(
    struct buffer *b, const struct conversation *c, const struct page *page)
{
	char now_iso[ISO_BYTES];

	iso_write(now_iso, clock_wall_ms());
	for (size_t i = 0; i < page->count; i++) {
		message_json(b, c, &page->message[i], now_iso);
		buffer_char(b, '\n');
	}
}

/*
 * Pages of the conversation as it was when the export began; each is settled
 * before it leaves.  A failure cuts the stream: no end line.
 */
static bool
stream_pages(struct request *req, struct reply *out, const struct found *found,
    int64_t first, struct page *page)
{
	const struct conversation *c = &found->c;

	while (first <= c->seq) {
		int64_t last =
		    (first - 1) / EXPORT_PAGE * EXPORT_PAGE + EXPORT_PAGE;

		if (last > c->seq)
			last = c->seq;
		store_deadline(req->store,
		    clock_steady_ms() + req->service->settings->handler_ms);
		if (page_load(req->store, c, first, last, page) != STORE_OK)
			return false;
		page_lines(&out->body, c, page);
		if (!reply_stream(out, req->fcgi))
			return false;
		first = last + 1;
	}
	return true;
}

static int
stream(struct request *req, struct reply *out, const struct found *found)
{
	const struct conversation *c = &found->c;
	int64_t floor = page_floor(c, found->side);
	struct page page;
	bool whole;

	if (!reply_stream_begin(out, req->fcgi, req, "application/x-ndjson"))
		return 200;
	conversation_json_open(&out->body, c, found->side);
	epoch_json(&out->body, req->store);
	buffer_char(&out->body, '\n');
	page_init(&page);
	whole = stream_pages(req, out, found, floor + 1, &page);
	page_release(&page);
	if (!whole)
		return reply_store(out, STORE_DOWN); /* cuts the stream */
	buffer_printf(&out->body, "{\"end\":true,\"messages\":%" PRId64 "}\n",
	    c->seq - floor);
	(void)reply_stream(out, req->fcgi); /* gone: nobody to tell */
	return 200;
}

/* Stream it, unless as many as may are under way already. */
static int
stream_in_turn(
    struct request *req, struct reply *out, const struct found *found)
{
	long share = req->service->settings->workers / EXPORT_SHARE;
	int status;

	if (atomic_fetch_add(&running, 1) < (share > 0 ? share : 1)) {
		status = stream(req, out, found);
	} else {
		status = reply_error(out, 503, UNAVAILABLE,
		    "too many exports are under way, try again");
		reply_header(out, "Retry-After", "%d", EXPORT_RETRY_S);
	}
	atomic_fetch_sub(&running, 1);
	return status;
}

int
conversations_export(struct request *req, struct reply *out)
{
	const char *id = request_arg(req, "conversationId");
	struct found found;
	struct flaw flaw;
	enum store_result result;
	int status;

	if (!id)
		return reply_error(
		    out, 400, BAD_FIELD, "conversationId is required");
	if (!conversation_id_check(id, strlen(id), "conversationId", &flaw))
		return reply_flaw(out, &flaw);
	found_init(&found);
	result = store_look_settled(req->store, &req->caller, id, &found);
	if (result == STORE_OK && found.side != SIDE_NONE &&
	    found.c.hidden[found.side])
		result = store_refuse(req->store, STORE_ABSENT);
	if (result == STORE_OK)
		result = store_settle(req->store);
	if (result == STORE_OK && found.side == SIDE_NONE) {
		metrics_count(METRIC_ADMIN_READS, 1);
		log_info("admin %s exported conversation %s",
		    req->caller.ids[0], found.c.id);
	}
	status = result == STORE_OK ? stream_in_turn(req, out, &found)
				    : reply_store(out, result);
	found_release(&found);
	return status;
}
