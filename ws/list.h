/*
 * list.h: circular lists through a member of their items, by insque(3).
 *
 * <sys/queue.h> would be the obvious choice, but musl has none.  A list is a
 * head that is linked to itself; so is an item that is in no list.
 */
#ifndef WS_LIST_H
#define WS_LIST_H

#include <search.h>
#include <stdbool.h>
#include <stddef.h>

/* As insque(3) wants it: next and previous come first. */
struct list {
	struct list *next, *prev;
};

/* The struct of which *item is that member. */
#define LIST_ITEM(item, type, member)                                          \
	((type *)(void *)((char *)(item)-offsetof(type, member)))

/* For each, also where the body removes the present one. */
#define LIST_EACH(at, head)                                                    \
	for (struct list *at = (head)->next, *at##_next = at->next;            \
	     at != (head); at = at##_next, at##_next = at->next)

static inline void
list_init(struct list *list)
{
	list->next = list->prev = list;
}

static inline bool
list_is_empty(const struct list *list)
{
	return list->next == list;
}

/* To the end; the item must be in no list. */
static inline void
list_add(struct list *list, struct list *item)
{
	insque(item, list->prev);
}

/* From whichever it is in, if any. */
static inline void
list_remove(struct list *item)
{
	remque(item);
	list_init(item);
}

#endif
