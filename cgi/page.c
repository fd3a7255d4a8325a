/*
 * Pages of messages (see page.h).
 */
#include "cgi/page.h"

#include <assert.h>

#include "cgi/auto.h"
#include "cgi/store_private.h"
#include "cgi/window.h"

void
page_init(struct page *page)
{
	page->count = 0;
	page->buckets = 0;
}

void
page_release(struct page *page)
{
	for (size_t i = 0; i < page->buckets; i++)
		bson_destroy(&page->bucket[i]);
	page_init(page);
}

int64_t
page_floor(const struct conversation *c, enum side side)
{
	return side == SIDE_NONE ? 0 : c->cleared[side].seq;
}

/* Put it into its place unless a better copy is there. */
static void
place(struct page *page, const struct stored_message *m, size_t *missing)
{
	int64_t at = m->seq - page->first;

	if (at < 0 || at >= (int64_t)page->count || page->message[at].seq)
		return;
	page->message[at] = *m;
	(*missing)--;
}

/* Take the bucket over and place its messages. */
static void
take_bucket(struct page *page, const bson_t *doc, size_t *missing)
{
	struct stored_message m;
	bson_t *bucket;
	bson_iter_t it;

	assert(page->buckets < sizeof(page->bucket) / sizeof(*page->bucket));
	bucket = &page->bucket[page->buckets++];
	bson_copy_to(doc, bucket);
	for (bucket_begin(bucket, &it); window_next(&it, &m);)
		place(page, &m, missing);
}

static enum store_result
read_buckets(struct store *store, const struct conversation *c, int64_t last,
    struct page *page, size_t *missing)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_CURSOR mongoc_cursor_t *cursor = NULL;
	const bson_t *doc;

	BCON_APPEND(&filter, "_id", "{", "$gte", "{", "c", BCON_OID(&c->oid),
	    "k", BCON_INT64((page->first - 1) / BUCKET_MESSAGES), "}", "$lte",
	    "{", "c", BCON_OID(&c->oid), "k",
	    BCON_INT64((last - 1) / BUCKET_MESSAGES), "}", "}");
	cursor = store_find(store, store->archive, &filter, NULL);
	while (mongoc_cursor_next(cursor, &doc))
		take_bucket(page, doc, missing);
	return store_cursor_end(cursor);
}

enum store_result
page_load(struct store *store, const struct conversation *c, int64_t first,
    int64_t last, struct page *page)
{
	struct stored_message m;
	size_t missing;
	enum store_result result;
	bson_iter_t it;

	page_release(page);
	page->first = first;
	if (last < first)
		return STORE_OK;
	assert(last - first < PAGE_MAX);
	page->count = missing = (size_t)(last - first + 1);
	for (size_t i = 0; i < page->count; i++)
		page->message[i].seq = 0;
	if (last == c->seq)
		window_begin_last(c, page->count, &it);
	else
		window_begin(c, &it);
	while (window_next(&it, &m))
		place(page, &m, &missing);
	if (missing && first <= c->archived_seq) {
		if (last > c->archived_seq)
			last = c->archived_seq;
		result = read_buckets(store, c, last, page, &missing);
		if (result != STORE_OK)
			return result;
	}
	return missing ? STORE_AGAIN : STORE_OK;
}

enum store_result
page_newest(struct store *store, const struct conversation *c, enum side side,
    int64_t n, struct page *page)
{
	int64_t floor = page_floor(c, side);

	if (floor < c->seq - n)
		floor = c->seq - n;
	return page_load(store, c, floor + 1, c->seq, page);
}
