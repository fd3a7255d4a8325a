/*
 * page.h: a run of messages of one conversation, from window and archive.
 *
 * Messages first..last, each exactly once: what the document holds outranks
 * what the buckets hold.  Buckets are found by number, never by offset, so a
 * page costs the same wherever it lies.
 */
#ifndef CGI_PAGE_H
#define CGI_PAGE_H

#include "cgi/store.h"
#include "cgi/store_shape.h"

#define PAGE_MAX 200

struct page {
	int64_t first; /* seq of message[0] */
	size_t count;
	struct stored_message message[PAGE_MAX];
	bson_t bucket[PAGE_MAX / BUCKET_MESSAGES + 2]; /* lend messages */
	size_t buckets;
};

void page_init(struct page *page);
void page_release(struct page *page);

/*
 * Load first..last (at most PAGE_MAX; last < first: none).  STORE_OK,
 * STORE_DOWN, or STORE_AGAIN: a bucket is missing, for the conversation was
 * purged since it was read.
 */
enum store_result page_load(struct store *store, const struct conversation *c,
    int64_t first, int64_t last, struct page *page);

/* The newest n that side may see. */
enum store_result page_newest(struct store *store, const struct conversation *c,
    enum side side, int64_t n, struct page *page);

/* How far side has cleared; 0 for an admin. */
int64_t page_floor(const struct conversation *c, enum side side);

#endif
