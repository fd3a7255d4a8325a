/*
 * index.h: things found by name, over tsearch(3).
 *
 * The C library's balanced tree is enough here (13 comparisons among 9,000
 * names); this only gives it types and names that are not ended by NUL.  The
 * first member of every thing is its name (struct span), the bytes its own.
 */
#ifndef WS_INDEX_H
#define WS_INDEX_H

#include "ws/span.h"

struct index {
	void *root;
};

/* The thing of that name, NULL where there is none. */
void *index_find(const struct index *index, struct span name);

/* Add one whose name is not there yet.  Out of memory ends the process. */
void index_add(struct index *index, void *thing);

void index_remove(struct index *index, void *thing);

#endif
