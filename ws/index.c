/*
 * index.c: see index.h.
 */
#include "ws/index.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

/* In no order that means anything: by length, then by bytes. */
static int
compare(const void *a, const void *b)
{
	const struct span *one = a, *other = b;

	if (one->len != other->len)
		return one->len < other->len ? -1 : 1;
	return memcmp(one->at, other->at, one->len);
}

void *
index_find(const struct index *index, struct span name)
{
	void *node = tfind(&name, &index->root, compare);

	return node ? *(void **)node : NULL;
}

void
index_add(struct index *index, void *thing)
{
	if (!tsearch(thing, &index->root, compare))
		abort(); /* out of memory */
}

void
index_remove(struct index *index, void *thing)
{
	(void)tdelete(thing, &index->root, compare); /* it is there */
}
