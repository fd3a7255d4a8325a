/*
 * One conversation with a page of its messages (see conversations_read.h).
 */
#include <inttypes.h>
#include <string.h>

#include "cgi/conversations_read.h"
#include "cgi/log.h"
#include "cgi/metrics.h"
#include "cgi/next_json.h"
#include "cgi/publish.h"
#include "cgi/store_since.h"
#include "cgi/thread_json.h"

#define PAGE_DEFAULT 50

/* Which messages: before, after, since (-1: not given), or the newest. */
struct one_request {
	const char *id;
	int64_t messages, limit;
	int64_t before, after, since, cursor;
};

static bool
take_request(
    const struct request *req, struct one_request *r, struct flaw *flaw)
{
	*r = (struct one_request){
	    .id = request_arg(req, "conversationId"),
	    .messages = PAGE_DEFAULT,
	    .limit = PAGE_DEFAULT,
	    .before = -1,
	    .after = -1,
	    .since = -1,
	    .cursor = 0,
	};
	if (!conversation_id_check(
		r->id, strlen(r->id), "conversationId", flaw) ||
	    !thread_messages(req, PAGE_MAX, &r->messages, flaw) ||
	    !request_arg_int(req, "limit", 1, PAGE_MAX, &r->limit, flaw) ||
	    !request_arg_int(req, "before", 1, INT64_MAX, &r->before, flaw) ||
	    !request_arg_int(
		req, "after", 0, INT64_MAX - PAGE_MAX, &r->after, flaw) ||
	    !request_arg_int(req, "since", 0, INT64_MAX, &r->since, flaw) ||
	    !request_arg_int(req, "cursor", 0, INT64_MAX, &r->cursor, flaw))
		return false;
	if ((r->before >= 0) + (r->after >= 0) + (r->since >= 0) > 1)
		return flaw_set(flaw, BAD_FIELD, "before",
		    "before, after and since exclude each other");
	return true;
}

static int64_t
max(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t
min(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static enum store_result
load(struct store *store, const struct found *found,
    const struct one_request *r, struct page *page, int64_t *next)
{
	const struct conversation *c = &found->c;
	int64_t floor = page_floor(c, found->side);

	if (r->since >= 0)
		return store_since(store, c, found->side, r->since, r->cursor,
		    r->limit, page, next);
	if (r->before >= 0)
		return page_load(store, c,
		    max(floor, min(r->before, c->seq + 1) - 1 - r->limit) + 1,
		    min(r->before, c->seq + 1) - 1, page);
	if (r->after >= 0)
		return page_load(store, c, max(floor, r->after) + 1,
		    min(c->seq, max(floor, r->after) + r->limit), page);
	return page_newest(store, c, found->side, r->messages, page);
}

/*
 * Found, and not hidden by the caller himself.  Only parties join: to an admin
 * who asks by a socket it is absent.
 */
static enum store_result
look(struct request *req, const char *id, struct found *found)
{
	enum store_result result =
	    store_look_settled(req->store, &req->caller, id, found);

	if (result != STORE_OK)
		return result;
	if (found->side == SIDE_NONE)
		return publish_connection(req) ? STORE_ABSENT : STORE_OK;
	return found->c.hidden[found->side] ? STORE_ABSENT : STORE_OK;
}

static enum store_result
write_one(struct request *req, struct reply *out, const struct one_request *r,
    struct found *found, struct page *page)
{
	char cursor[24];
	int64_t next = -1;
	enum store_result result;

	result = load(req->store, found, r, page, &next);
	if (result == STORE_OK)
		result = store_settle(req->store);
	if (result != STORE_OK)
		return result == STORE_AGAIN ? STORE_ABSENT : result;
	buffer_puts(&out->body, "{\"success\":true,\"data\":");
	thread_json(&out->body, &found->c, found->side, page);
	if (r->since >= 0) {
		snprintf(cursor, sizeof(cursor), "%" PRId64, next);
		next_json(req, out, next >= 0 ? cursor : NULL);
	}
	epoch_json(&out->body, req->store);
	return STORE_OK;
}

static void
note_admin(const struct request *req, const struct found *found)
{
	if (found->side != SIDE_NONE)
		return;
	metrics_count(METRIC_ADMIN_READS, 1);
	log_info(
	    "admin %s read conversation %s", req->caller.ids[0], found->c.id);
}

int
conversations_one(
    struct request *req, struct reply *out, const struct etag *etag)
{
	struct one_request r;
	struct found found;
	struct page page;
	struct flaw flaw;
	enum store_result result;
	bool joined = true;

	if (!take_request(req, &r, &flaw))
		return reply_flaw(out, &flaw);
	found_init(&found);
	page_init(&page);
	result = look(req, r.id, &found);
	if (result == STORE_OK)
		result = write_one(req, out, &r, &found, &page);
	if (result == STORE_OK) {
		note_admin(req, &found);
		joined = publish_join(req, &found, r.id);
	}
	page_release(&page);
	found_release(&found);
	if (result != STORE_OK)
		return reply_store(out, result);
	if (!joined)
		return reply_unavailable(out, HUB_AWAY);
	return etag_end(etag, req, out);
}
