/*
 * store_since.h: the messages of one conversation that have changed.
 */
#ifndef CGI_STORE_SINCE_H
#define CGI_STORE_SINCE_H

#include "cgi/page.h"

/*
 * Messages with a rev above since and a seq above after, in order of seq, at
 * most limit (<= PAGE_MAX): their seqs are not contiguous.  *next_after is
 * the seq to go on from, or -1.  Changes during a walk have higher revs, so
 * that the rev of the walk's first page never misses.
 */
enum store_result store_since(struct store *store, const struct conversation *c,
    enum side side, int64_t since, int64_t after, int64_t limit,
    struct page *page, int64_t *next_after);

#endif
