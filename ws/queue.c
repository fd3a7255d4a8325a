/*
 * queue.c: see queue.h.
 *
 * Straight, not a ring: a line must lie in one piece.  What waits moves to the
 * front when the end is reached, which an empty queue does for nothing.
 */
#include "ws/queue.h"

#include <assert.h>
#include <string.h>

void
queue_init(struct queue *q, char *bytes, size_t cap)
{
	*q = (struct queue){.bytes = bytes, .cap = cap};
}

size_t
queue_length(const struct queue *q)
{
	return q->begun - q->head;
}

void
queue_begin(struct queue *q)
{
	q->tail = q->begun;
	q->overflow = false;
}

static void
move_to_front(struct queue *q)
{
	memmove(q->bytes, q->bytes + q->head, q->tail - q->head);
	q->tail -= q->head;
	q->begun -= q->head;
	q->head = 0;
}

void
queue_put(struct queue *q, const char *bytes, size_t len)
{
	if (q->overflow || len == 0)
		return;
	if (len > q->cap - q->tail)
		move_to_front(q);
	if (len > q->cap - q->tail) {
		q->overflow = true;
		return;
	}
	memcpy(q->bytes + q->tail, bytes, len);
	q->tail += len;
}

void
queue_puts(struct queue *q, const char *text)
{
	queue_put(q, text, strlen(text));
}

void
queue_span(struct queue *q, struct span span)
{
	queue_put(q, span.at, span.len);
}

bool
queue_commit(struct queue *q)
{
	if (q->overflow) {
		queue_begin(q);
		q->lost++;
		return false;
	}
	q->begun = q->tail;
	if (queue_length(q) > q->most)
		q->most = queue_length(q);
	return true;
}

struct span
queue_head(const struct queue *q)
{
	return (struct span){q->bytes + q->head, queue_length(q)};
}

void
queue_consume(struct queue *q, size_t n)
{
	assert(n <= queue_length(q));
	q->head += n;
	if (q->head == q->tail)
		q->head = q->begun = q->tail = 0;
}
