/*
 * Histories, lists of sessions, and how many there are (see
 * store_chat_list.h).
 */
#include "cgi/store_chat_list.h"

#include "cgi/auto.h"
#include "cgi/bson_put.h"
#include "cgi/clock.h"
#include "cgi/store_chat_one.h"
#include "cgi/store_private.h"

/* What this side has got: the other sees it as read. */
static void
raise_mark(
    struct store *store, struct chat_found *found, int64_t n, bool support)
{
	const char *mark = support ? "seen.support" : "seen.visitor";
	struct chat_change change;

	chat_change_begin(&change, found);
	change.quiet = true;
	BCON_APPEND(&change.filter, mark, "{", "$lt", BCON_INT64(n), "}");
	put_int(&change.set, mark, n);
	/* One that is lost costs nothing: the next fetch raises it. */
	(void)chat_change_run(store, &change, found);
}

/* Numbers from..to have no holes, so they are the page. */
static mongoc_cursor_t *
find_lines(struct store *store, const char *id, int64_t from, int64_t to)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t opts = BSON_INITIALIZER;

	BCON_APPEND(&filter, "sessionId", BCON_UTF8(id), "n", "{", "$gte",
	    BCON_INT64(from), "$lte", BCON_INT64(to), "}");
	BCON_APPEND(&opts, "sort", "{", "n", BCON_INT32(1), "}", "hint", "line",
	    "limit", BCON_INT64(to - from + 1), "batchSize",
	    BCON_INT64(to - from + 2));
	return store_find(store, store->chat_lines, &filter, &opts);
}

enum store_result
store_chat_history(struct store *store, struct chat_found *found,
    int64_t before, int64_t limit, bool support,
    void (*row)(
	void *arg, const struct chat_session *s, const struct chat_line *line),
    void *arg)
{
	const struct chat_session *s = &found->s;
	int64_t to = before > 0 && before <= s->last ? before - 1 : s->last;
	AUTO_CURSOR mongoc_cursor_t *cursor = NULL;
	enum store_result result;
	const bson_t *doc;

	if (to < 1)
		return STORE_OK;
	cursor = find_lines(
	    store, s->id, to - limit + 1 > 1 ? to - limit + 1 : 1, to);
	while (mongoc_cursor_next(cursor, &doc)) {
		struct chat_line line;

		if (chat_line_read(&line, doc))
			row(arg, s, &line);
	}
	result = store_cursor_end(cursor);
	if (result == STORE_OK &&
	    (support ? s->seen_support : s->seen_visitor) < to)
		raise_mark(store, found, to, support);
	return result;
}

/* --- sessions --- */

static const char *
index_of(const struct chat_list_query *q)
{
	if (q->claimed == 1 || q->agent)
		return "claimed";
	if (q->status >= 0)
		return q->waiting == 1 ? "waiting" : "status";
	return "newest";
}

/* Those that have a line, after the place where the page before ended. */
static void
match_older(bson_t *filter, const struct chat_list_query *q)
{
	if (!q->after.set) {
		BCON_APPEND(
		    filter, "lastAt", "{", "$gte", BCON_DATE_TIME(0), "}");
		return;
	}
	BCON_APPEND(filter, "lastAt", "{", "$lte", BCON_DATE_TIME(q->after.at),
	    "}", "$or", "[", "{", "lastAt", "{", "$lt",
	    BCON_DATE_TIME(q->after.at), "}", "}", "{", "_id", "{", "$lt",
	    BCON_OID(&q->after.oid), "}", "}", "]");
}

static void
match_claimed(bson_t *filter, const struct chat_list_query *q)
{
	int64_t now_ms = clock_wall_ms();

	if (q->agent)
		put_string(filter, "agent", q->agent);
	else if (q->claimed == 1)
		BCON_APPEND(
		    filter, "agent", "{", "$exists", BCON_BOOL(true), "}");
	if (q->agent || q->claimed == 1)
		BCON_APPEND(filter, "claimedUntil", "{", "$gt",
		    BCON_DATE_TIME(now_ms), "}");
	else if (q->claimed == 0)
		BCON_APPEND(filter, "claimedUntil", "{", "$lte",
		    BCON_DATE_TIME(now_ms), "}");
}

static void
match(bson_t *filter, const struct chat_list_query *q)
{
	if (q->status >= 0)
		put_string(filter, "status", chat_status_names[q->status]);
	if (q->waiting >= 0)
		put_bool(filter, "waiting", q->waiting == 1);
	match_claimed(filter, q);
	match_older(filter, q);
}

enum store_result
store_chat_list(struct store *store, const struct chat_list_query *q,
    void (*row)(void *arg, const struct chat_session *s), void *arg, bool *more)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t opts = BSON_INITIALIZER;
	AUTO_CURSOR mongoc_cursor_t *cursor = NULL;
	int64_t left = q->limit;
	const bson_t *doc;

	match(&filter, q);
	BCON_APPEND(&opts, "sort", "{", "lastAt", BCON_INT32(-1), "_id",
	    BCON_INT32(-1), "}", "hint", BCON_UTF8(index_of(q)), "limit",
	    BCON_INT64(q->limit + 1), "batchSize", BCON_INT64(q->limit + 1));
	*more = false;
	store_begin_read(store);
	cursor = store_find(store, store->chat_sessions, &filter, &opts);
	while (!*more && mongoc_cursor_next(cursor, &doc)) {
		struct chat_session s;

		*more = left-- == 0;
		if (*more || !chat_session_read(&s, doc))
			continue;
		store_saw_id(store, s.id);
		row(arg, &s);
	}
	return store_cursor_end(cursor);
}

static enum store_result
count(struct store *store, const struct chat_list_query *q, int64_t *n)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;

	*n = 0;
	match(&filter, q);
	return store_count(store, store->chat_sessions, &filter, index_of(q),
	    CHAT_COUNT_MAX, n);
}

enum store_result
store_chat_counts(struct store *store, struct chat_counts *counts)
{
	struct chat_list_query q = {
	    .status = CHAT_ACTIVE, .waiting = -1, .claimed = -1};
	enum store_result result = count(store, &q, &counts->active);

	q.waiting = 1;
	if (result == STORE_OK)
		result = count(store, &q, &counts->waiting);
	q.claimed = 0;
	if (result == STORE_OK)
		result = count(store, &q, &counts->unclaimed);
	return result;
}
