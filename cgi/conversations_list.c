/*
 * The list of an account's conversations (see conversations_read.h).
 */
#include <inttypes.h>
#include <string.h>

#include "cgi/clock.h"
#include "cgi/conversations_read.h"
#include "cgi/durable.h"
#include "cgi/json_out.h"
#include "cgi/list_cursor.h"
#include "cgi/log.h"
#include "cgi/metrics.h"
#include "cgi/next_json.h"
#include "cgi/store_list.h"
#include "cgi/thread_json.h"

#define LIST_MESSAGES 30     /* of each, where not asked otherwise */
#define LIST_MESSAGES_MAX 32 /* a window always holds them */
#define SEARCH_MAX 200       /* code points of q= */

/* Everything that a list can be asked. */
struct list_request {
	struct list_query query;
	char identity[2][IDENTITY_BYTES];
	struct listing_id vehicle;
	int64_t messages;
};

static bool
take_identity(const struct request *req, const char *name,
    char out[IDENTITY_BYTES], const char **given, struct flaw *flaw)
{
	const char *text = request_arg(req, name);

	*given = NULL;
	if (!text)
		return true;
	if (text_identity(out, text, strlen(text)) == 0)
		return flaw_set(flaw, BAD_FIELD, name,
		    "%s must be an identity of 1 to %d characters", name,
		    IDENTITY_MAX);
	*given = out;
	return true;
}

static bool
take_filter(
    const struct request *req, enum list_filter *filter, struct flaw *flaw)
{
	static const char *const words[] = {
	    [FILTER_UNREAD] = "unread",
	    [FILTER_ARCHIVED] = "archived",
	    [FILTER_FLAGGED] = "flagged",
	};
	const char *text = request_arg(req, "filter");

	*filter = FILTER_NONE;
	if (!text)
		return true;
	for (int i = FILTER_UNREAD; i <= FILTER_FLAGGED; i++)
		if (strcmp(text, words[i]) == 0)
			*filter = (enum list_filter)i;
	if (*filter == FILTER_NONE)
		return flaw_set(flaw, BAD_FIELD, "filter",
		    "filter must be unread, archived or flagged");
	return true;
}

static bool
take_search(
    const struct request *req, struct list_request *r, struct flaw *flaw)
{
	const char *vehicle = request_arg(req, "vehicleId");
	const char *text = request_arg(req, "q");

	if (text && text_points(text, strlen(text)) > SEARCH_MAX)
		return flaw_set(flaw, BAD_FIELD, "q",
		    "q must be at most %d characters", SEARCH_MAX);
	if (text && text[0])
		r->query.text = text;
	if (!vehicle)
		return true;
	if (!vehicle[0] ||
	    text_points(vehicle, strlen(vehicle)) > LISTING_ID_MAX)
		return flaw_set(flaw, BAD_FIELD, "vehicleId",
		    "vehicleId must be 1 to %d characters", LISTING_ID_MAX);
	listing_id_from_text(&r->vehicle, vehicle);
	r->query.vehicle = &r->vehicle;
	return true;
}

static bool
take_place(const struct request *req, struct list_query *q, struct flaw *flaw)
{
	const char *cursor = request_arg(req, "cursor");

	q->since = -1;
	if (!request_arg_int(req, "since", 0, INT64_MAX, &q->since, flaw))
		return false;
	if (q->since >= 0 && (q->filter != FILTER_NONE || q->text))
		return flaw_set(flaw, BAD_FIELD, "since",
		    "since takes neither filter nor q");
	if (cursor && !list_cursor_read(cursor, &q->after))
		return flaw_set(flaw, BAD_FIELD, "cursor",
		    "cursor must be the next of an earlier answer");
	return true;
}

static bool
take_request(
    const struct request *req, struct list_request *r, struct flaw *flaw)
{
	struct list_query *q = &r->query;

	memset(r, 0, sizeof(*r));
	r->messages = LIST_MESSAGES;
	q->limit = LIST_MAX;
	return take_identity(
		   req, "customerId", r->identity[0], &q->customer, flaw) &&
	       take_identity(
		   req, "sellerId", r->identity[1], &q->seller, flaw) &&
	       request_arg_int(req, "limit", 1, LIST_MAX, &q->limit, flaw) &&
	       thread_messages(req, LIST_MESSAGES_MAX, &r->messages, flaw) &&
	       take_filter(req, &q->filter, flaw) &&
	       take_search(req, r, flaw) && take_place(req, q, flaw);
}

/* The rows of an answer being written. */
struct rows {
	struct request *req;
	struct buffer *b;
	int64_t messages, count;
	int64_t unread[2], unread_total; /* by role, of these rows; of all */
	struct page page;
};

static void
removed_json(struct buffer *b, const struct conversation *c)
{
	buffer_puts(b, "{\"id\":");
	json_puts(b, c->id);
	buffer_puts(b, ",\"removed\":true}");
}

static bool
write_row(void *arg, const struct conversation *c, enum side side)
{
	struct rows *rows = arg;

	if (rows->count++ > 0)
		buffer_char(rows->b, ',');
	if (c->purged || (side != SIDE_NONE && c->hidden[side])) {
		removed_json(rows->b, c);
		return rows->b->len < LIST_BYTES_MAX;
	}
	if (side != SIDE_NONE && !c->is_read[side] && !c->archived[side])
		rows->unread[side]++;
	/* The window has them all; a damaged one shows none. */
	(void)page_newest(
	    rows->req->store, c, side, rows->messages, &rows->page);
	thread_json(rows->b, c, side, &rows->page);
	return rows->b->len < LIST_BYTES_MAX;
}

/* Did this page hold all that the caller has in this role? */
static bool
held_all(const struct list_query *q, const struct list_place *next,
    const struct caller *caller, enum side side)
{
	const char *given = side == SIDE_CUSTOMER ? q->customer : q->seller;
	const char *other = side == SIDE_CUSTOMER ? q->seller : q->customer;

	if (next->set || q->after.set || q->since >= 0 || q->vehicle ||
	    q->text || q->filter != FILTER_NONE || other)
		return false;
	if (given)
		return caller->id_count == 1 && caller_is(caller, given);
	return caller->role != ROLE_ADMIN;
}

/* May what is in memory be believed? */
static bool
knows_versions(const struct request *req)
{
	return store_is_single(req->store) && req->caller.id_count == 1 &&
	       !durable_in_doubt();
}

/* What neither the rows have shown nor memory keeps is counted. */
static enum store_result
count_unread(struct rows *rows, const struct list_query *q,
    const struct list_place *next, uint64_t version)
{
	const struct caller *caller = &rows->req->caller;
	bool known = knows_versions(rows->req);
	enum store_result result = STORE_OK;

	if (known &&
	    versions_unread(caller->ids[0], version, &rows->unread_total))
		return STORE_OK;
	rows->unread_total = 0;
	for (enum side side = SIDE_CUSTOMER; side <= SIDE_SELLER; side++) {
		if (held_all(q, next, caller, side))
			rows->unread_total += rows->unread[side];
		else if (result == STORE_OK)
			result = store_count_unread(rows->req->store, caller,
			    side, &rows->unread_total);
	}
	if (known && result == STORE_OK)
		versions_keep_unread(
		    caller->ids[0], version, rows->unread_total);
	return result;
}

static enum store_result
write_list(struct request *req, struct reply *out, struct list_request *r)
{
	struct list_query *q = &r->query;
	struct rows rows = {
	    .req = req, .b = &out->body, .messages = r->messages};
	struct list_place next;
	uint64_t version = versions_get(req->caller.ids[0]);
	char cursor[LIST_CURSOR_BYTES];
	enum store_result result;

	if (!q->after.set)
		q->after.sync = clock_wall_ms() - SYNC_OVERLAP_MS;
	page_init(&rows.page);
	buffer_puts(&out->body, "{\"success\":true,\"data\":[");
	result =
	    store_list(req->store, &req->caller, q, write_row, &rows, &next);
	page_release(&rows.page);
	if (result == STORE_OK)
		result = count_unread(&rows, q, &next, version);
	if (result == STORE_OK)
		result = store_settle(req->store);
	if (result != STORE_OK)
		return result;
	if (next.set)
		list_cursor_write(cursor, &next);
	buffer_puts(&out->body, "]");
	next_json(req, out, next.set ? cursor : NULL);
	buffer_printf(&out->body,
	    ",\"unread\":%" PRId64 ",\"sync\":\"%" PRId64 "\"",
	    rows.unread_total, q->after.sync);
	epoch_json(&out->body, req->store);
	if (req->caller.role == ROLE_ADMIN) {
		metrics_count(METRIC_ADMIN_READS, 1);
		log_info("admin %s listed %" PRId64 " conversations",
		    req->caller.ids[0], rows.count);
	}
	return STORE_OK;
}

int
conversations_list(
    struct request *req, struct reply *out, const struct etag *etag)
{
	struct list_request r;
	struct flaw flaw;
	enum store_result result;

	if (!take_request(req, &r, &flaw))
		return reply_flaw(out, &flaw);
	if (r.query.since >= 0 && !list_is_allowed(&r.query, &req->caller) &&
	    req->caller.role == ROLE_ADMIN)
		return reply_error(out, 400, BAD_FIELD,
		    "since needs customerId or sellerId for an admin");
	if (!list_is_allowed(&r.query, &req->caller))
		return reply_error(out, 403, FORBIDDEN,
		    "customerId or sellerId must be your own");
	result = write_list(req, out, &r);
	if (result != STORE_OK)
		return reply_store(out, result);
	return etag_end(etag, req, out);
}
