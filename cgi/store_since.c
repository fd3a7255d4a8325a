/*
 * Changed messages (see store_since.h): few buckets hold any, found by the
 * index on their highest rev; what the window holds outranks them.
 */
#include "cgi/store_since.h"

#include "cgi/auto.h"
#include "cgi/store_private.h"
#include "cgi/window.h"

struct since {
	const struct conversation *c;
	int64_t since, after, limit;
	int64_t last; /* seq up to which buckets were looked through */
	struct page *page;
	bool full;
};

static bool
is_wanted(const struct since *s, const struct stored_message *m)
{
	return m->rev > s->since && m->seq > s->after && m->seq <= s->last;
}

/* Insert by seq, in place of a copy that is there; the highest gives way. */
static void
add(struct since *s, const struct stored_message *m)
{
	struct stored_message *list = s->page->message;
	size_t count = s->page->count, at = count;

	while (at > 0 && list[at - 1].seq > m->seq)
		at--;
	if (at > 0 && list[at - 1].seq == m->seq) {
		list[at - 1] = *m;
		return;
	}
	if (count == (size_t)s->limit) {
		s->full = true;
		if (at == count)
			return;
		count--;
	}
	for (size_t i = count; i > at; i--)
		list[i] = list[i - 1];
	list[at] = *m;
	s->page->count = count + 1;
}

static void
add_all(struct since *s, bson_iter_t *it)
{
	struct stored_message m;

	while (window_next(it, &m))
		if (is_wanted(s, &m))
			add(s, &m);
}

static void
add_bucket(struct since *s, const bson_t *doc)
{
	bson_t *bucket = &s->page->bucket[s->page->buckets];
	size_t had = s->page->count;
	bson_iter_t it;

	bson_copy_to(doc, bucket);
	bucket_begin(bucket, &it);
	add_all(s, &it);
	if (s->page->count > had || s->full)
		s->page->buckets++; /* it lends messages */
	else
		bson_destroy(bucket);
}

/* Buckets in order, until the page is full of messages or of buckets. */
static enum store_result
add_buckets(struct store *store, struct since *s)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t opts = BSON_INITIALIZER;
	AUTO_CURSOR mongoc_cursor_t *cursor = NULL;
	struct page *page = s->page;
	const bson_t *doc;

	BCON_APPEND(&filter, "_id", "{", "$gte", "{", "c", BCON_OID(&s->c->oid),
	    "k", BCON_INT64(s->after / BUCKET_MESSAGES), "}", "$lte", "{", "c",
	    BCON_OID(&s->c->oid), "k",
	    BCON_INT64((s->c->archived_seq - 1) / BUCKET_MESSAGES), "}", "}",
	    "_id.c", BCON_OID(&s->c->oid), "rev", "{", "$gt",
	    BCON_INT64(s->since), "}");
	BCON_APPEND(&opts, "sort", "{", "_id", BCON_INT32(1), "}");
	cursor = store_find(store, store->archive, &filter, &opts);
	while (!s->full && mongoc_cursor_next(cursor, &doc)) {
		add_bucket(s, doc);
		if (page->buckets == PAGE_MAX / BUCKET_MESSAGES + 2)
			s->full = true;
	}
	if (s->full)
		s->last = page->message[page->count - 1].seq;
	return store_cursor_end(cursor);
}

enum store_result
store_since(struct store *store, const struct conversation *c, enum side side,
    int64_t since, int64_t after, int64_t limit, struct page *page,
    int64_t *next_after)
{
	int64_t floor = page_floor(c, side);
	struct since s = {
	    .c = c,
	    .since = since,
	    .after = after > floor ? after : floor,
	    .limit = limit,
	    .last = INT64_MAX,
	    .page = page,
	};
	enum store_result result = STORE_OK;
	bson_iter_t it;

	page_release(page);
	page->first = s.after + 1;
	if (s.after < c->archived_seq)
		result = add_buckets(store, &s);
	window_begin(c, &it);
	add_all(&s, &it);
	*next_after =
	    s.full && page->count > 0 ? page->message[page->count - 1].seq : -1;
	return result;
}
