/*
 * list_filter.h: the filters of lists and syncs, one branch for each role.
 */
#ifndef CGI_LIST_FILTER_H
#define CGI_LIST_FILTER_H

#include "cgi/store_list.h"

/* One role in which conversations are looked for. */
struct branch {
	enum side side; /* SIDE_NONE: an admin looks at others' */
	const char *customer, *seller; /* equals, or NULL */
};

#define BRANCHES_MAX 2

/* The branches of a query; an own identity makes it one of that role. */
size_t list_branches(const struct list_query *q, const struct caller *caller,
    struct branch branches[BRANCHES_MAX]);

/* All branches of a list, newest lastMessageAt first. */
void list_filter(
    bson_t *filter, const struct list_query *q, const struct caller *caller);

/* One branch of a sync, by the changed of sync_side(). */
enum side sync_side(const struct list_query *q, const struct branch *branch);
void sync_filter(bson_t *filter, const struct list_query *q,
    const struct caller *caller, const struct branch *branch);

/* What filter= asks of one side. */
void match_filter(bson_t *filter, enum side side, enum list_filter which);

#endif
