/*
 * Frames of the bus, and who gets what (see publish.h).
 */
#include "cgi/publish.h"

#include <inttypes.h>

#include "cgi/hub.h"
#include "cgi/publish_json.h"
#include "cgi/publish_order.h"
#include "cgi/window.h"

#define SIDE(side) (1u << (side))

/* One event to these sides; who caused it may need no copy. */
static void
tell(struct request *req, enum event event, const struct news *news,
    unsigned sides, bool except)
{
	const char *connection = except ? publish_connection(req) : NULL;
	struct buffer *b = &req->live;
	size_t head;

	buffer_reset(b);
	buffer_printf(b, "publish\t%s\t%" PRId64 "\t%s\n", event_name(event),
	    req->began_us, connection ? connection : "-");
	head = b->len;
	for (enum side side = SIDE_CUSTOMER; side < SIDE_NONE; side++) {
		if (!(sides & SIDE(side)) ||
		    publish_is_nobody(news->c->party[side]))
			continue;
		buffer_puts(b, news->c->party[side]);
		buffer_char(b, '\t');
		event_json(b, event, news, side);
		buffer_char(b, '\n');
	}
	if (b->len > head && !hub_send(b->data, b->len))
		hub_lost();
}

/* --- in its turn --- */

static size_t
keys_of(const struct conversation *c, uint64_t keys[ALIASES_MAX + 2])
{
	bson_iter_t ids;
	size_t count = 0;

	keys[count++] = order_key(c->id);
	if (!c->has_ids || !bson_iter_recurse(&c->ids, &ids))
		return count;
	while (count < ALIASES_MAX + 2 && bson_iter_next(&ids))
		if (BSON_ITER_HOLDS_UTF8(&ids))
			keys[count++] = order_key(bson_iter_utf8(&ids, NULL));
	return count;
}

/* True where the caller may tell now, and then must call end(). */
static bool
begin(struct request *req, const struct found *found)
{
	const struct news news = {.c = &found->c};
	uint64_t keys[ALIASES_MAX + 2];

	if (!hub_is_used())
		return false;
	if (order_await(
		req->store->turn, keys, keys_of(&found->c, keys), found->c.rev))
		return true;
	tell(req, EVENT_RESYNC, &news, BOTH_SIDES, false);
	order_end(req->store->turn);
	return false;
}

static void
end(struct request *req)
{
	order_end(req->store->turn);
}

/* --- what is told --- */

static void
tell_new(struct request *req, const struct found *found, size_t count)
{
	struct stored_message m;
	struct news news = {.c = &found->c, .message = &m};
	bson_iter_t it;

	for (window_begin_last(&found->c, count, &it); window_next(&it, &m);)
		tell(req, EVENT_NEW_MESSAGE, &news, BOTH_SIDES, false);
}

static void
tell_updated(struct request *req, const struct found *found, unsigned sides)
{
	const struct news news = {.c = &found->c};

	tell(req, EVENT_UPDATED, &news, sides, false);
}

/* The newest message of its author that the mark has reached. */
static bool
find_reached(const struct news *news, struct stored_message *reached)
{
	struct stored_message m;
	bson_iter_t it;
	bool any = false;

	for (window_begin(news->c, &it); window_next(&it, &m);) {
		if (m.sender != other_side(news->by) || m.seq <= news->from ||
		    m.seq > news->to)
			continue;
		*reached = m;
		any = true;
	}
	return any;
}

/* Nothing where nothing turned: what left the window is not looked at. */
static void
tell_read(struct request *req, const struct found *found)
{
	enum side by = found->side;
	const struct mark *mark = &found->c.mark[by];
	unsigned author = SIDE(other_side(by));
	struct stored_message m;
	struct news news = {
	    .c = &found->c,
	    .message = &m,
	    .by = by,
	    .from = mark->was,
	    .to = mark->seq,
	    .status = "read",
	};
	bool reached = find_reached(&news, &m);

	if (!reached &&
	    (mark->seq <= mark->was || mark->was >= found->c.archived_seq))
		return;
	tell(req, EVENT_READ, &news, BOTH_SIDES, true);
	if (reached)
		tell(req, EVENT_STATUS, &news, author, false);
}

static void
tell_delivered(struct request *req, const struct found *found, int64_t from)
{
	enum side by = found->side;
	int64_t read = found->c.mark[by].seq;
	unsigned author = SIDE(other_side(by));
	struct stored_message m;
	struct news news = {
	    .c = &found->c,
	    .message = &m,
	    .by = by,
	    .from = from > read ? from : read,
	    .to = found->c.delivered[by],
	    .status = "delivered",
	};

	if (!find_reached(&news, &m))
		return;
	tell(req, EVENT_DELIVERED, &news, author, false);
	tell(req, EVENT_STATUS, &news, author, false);
}

void
publish_sent(struct request *req, const struct found *found, size_t count)
{
	if (!begin(req, found))
		return;
	tell_new(req, found, count);
	tell_read(req, found);
	end(req);
}

/* The answer first: who holds its rev pulls what was answered. */
void
publish_answered(struct request *req, const struct found *found, bool replied)
{
	if (!begin(req, found))
		return;
	tell_updated(req, found, BOTH_SIDES);
	if (replied)
		tell_new(req, found, 1);
	tell_read(req, found);
	end(req);
}

static void
tell_marks(struct request *req, const struct found *found,
    const struct changed *changed)
{
	tell_read(req, found);
	tell_delivered(req, found, changed->delivered);
	if (changed->was_unread)
		tell_updated(req, found, SIDE(found->side));
}

static void
tell_deleted(struct request *req, const struct found *found, unsigned sides)
{
	const struct news news = {.c = &found->c};

	tell(req, EVENT_DELETED, &news, sides, false);
}

void
publish_change(struct request *req, const struct found *found,
    enum change_kind kind, const struct changed *changed)
{
	if (!begin(req, found))
		return;
	switch (kind) {
	case CHANGE_MARK_IDS:
	case CHANGE_MARK_SEQ:
	case CHANGE_READ_ALL:
		tell_marks(req, found, changed);
		break;
	case CHANGE_HIDE:
		tell_deleted(req, found, SIDE(found->side));
		break;
	case CHANGE_RESOLVE:
		tell_updated(req, found, changed->flagged);
		break;
	default:
		tell_updated(req, found, SIDE(found->side));
	}
	end(req);
}

void
publish_updated(struct request *req, const struct found *found, unsigned sides)
{
	if (!begin(req, found))
		return;
	tell_updated(req, found, sides);
	end(req);
}

void
publish_deleted(struct request *req, const struct found *found, unsigned sides)
{
	if (!begin(req, found))
		return;
	tell_deleted(req, found, sides);
	end(req);
}

void
publish_resync(struct request *req, const struct found *found)
{
	const struct news news = {.c = &found->c};

	if (!begin(req, found))
		return;
	tell(req, EVENT_RESYNC, &news, BOTH_SIDES, false);
	end(req);
}
