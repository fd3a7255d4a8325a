/*
 * store_list.h: an account's conversations, newest first or as a sync.
 *
 * One indexed query a page: {customerId, lastMessageAt} or its seller's twin,
 * both merged where both roles are asked for.  A sync walks one role after
 * the other by {changed.<role>}.  Rows are handed out one by one as they
 * arrive; store_settle() comes after the last.
 */
#ifndef CGI_STORE_LIST_H
#define CGI_STORE_LIST_H

#include "cgi/store_look.h"

#define LIST_MAX 200
#define SYNC_OVERLAP_MS 60000 /* a sync may repeat, never miss */

enum list_filter {
	FILTER_NONE,
	FILTER_UNREAD,
	FILTER_ARCHIVED,
	FILTER_FLAGGED,
};

/* Where a walk goes on: after this row. */
struct list_place {
	bool set;
	int phase;          /* of a sync: which role */
	char at[ISO_BYTES]; /* of a list: lastMessageAt of the row */
	int64_t changed;    /* of a sync: its changed */
	bson_oid_t oid;
	int64_t sync; /* of the walk's first page */
};

struct list_query {
	const char *customer, *seller; /* normalised, NULL: not asked for */
	enum list_filter filter;
	const struct listing_id *vehicle; /* NULL: any */
	const char *text;                 /* q=, NULL: any */
	int64_t limit;
	int64_t since; /* -1: a list */
	struct list_place after;
};

/*
 * May the caller ask this?  One of customer and seller must be his own, where
 * any is given; an admin may ask anything, but a sync needs a party.
 */
bool list_is_allowed(const struct list_query *q, const struct caller *caller);

/*
 * Call row for each conversation, at most limit; hidden and purged ones only
 * in a sync.  row returns false to end the page there (that row is taken).
 * *next is set where more may follow.  STORE_OK or STORE_DOWN.
 */
enum store_result store_list(struct store *store, const struct caller *caller,
    const struct list_query *q,
    bool (*row)(void *arg, const struct conversation *c, enum side side),
    void *arg, struct list_place *next);

/* Add the unread conversations of one role, neither archived nor hidden. */
enum store_result store_count_unread(struct store *store,
    const struct caller *caller, enum side side, int64_t *count);

#endif
