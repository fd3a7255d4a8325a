/*
 * queue.h: a bounded queue of bytes, in memory that its owner lends.
 *
 * Our own because neither the kernel's socket buffers nor stdio can be asked
 * "does this whole line still fit", and half a line must never be sent.
 * Lines are put between queue_begin() and queue_commit(): all of it or none.
 */
#ifndef WS_QUEUE_H
#define WS_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "ws/span.h"

struct queue {
	char *bytes;
	size_t cap;
	size_t head, tail; /* what waits is between them */
	size_t begun;      /* the tail of what is committed */
	bool overflow;     /* of the line that is being put */
	size_t most;       /* high-water mark, bytes */
	size_t lost;       /* lines that did not fit */
};

void queue_init(struct queue *q, char *bytes, size_t cap);

/* Bytes that are committed and wait. */
size_t queue_length(const struct queue *q);

void queue_begin(struct queue *q);
void queue_put(struct queue *q, const char *bytes, size_t len);
void queue_puts(struct queue *q, const char *text);
void queue_span(struct queue *q, struct span span);

/* False where it did not fit: then nothing of it is in the queue. */
bool queue_commit(struct queue *q);

/* What is committed, from its head, lent until the next put; and that n bytes
 * of it are gone. */
struct span queue_head(const struct queue *q);
void queue_consume(struct queue *q, size_t n);

#endif
