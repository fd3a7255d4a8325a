/*
 * upgrade_thread.h: the messages of one conversation of the original
 * application, once each, numbered.  For the upgrade*.c files alone.
 */
#ifndef CGI_UPGRADE_THREAD_H
#define CGI_UPGRADE_THREAD_H

#include <bson/bson.h>
#include <stddef.h>
#include <stdint.h>

#include "cgi/upgrade_message.h"

struct thread {
	struct upgrade_message *message; /* seq i + 1 at place i */
	size_t count;
	size_t repeated;
	int64_t sent[SIDE_NONE + 1];
};

/* messages lends what is read; NULL: there are none. */
void thread_read(
    struct thread *thread, const bson_iter_t *messages, int64_t now_ms);
void thread_release(struct thread *thread);

/* How far side has read, by the isRead of the other's messages. */
struct mark thread_mark(const struct thread *thread, enum side side);

/* The messages [from, to) into the array field "messages" of *out. */
void thread_write(bson_t *out, const struct thread *thread, size_t from,
    size_t to, int64_t at_ms);

/* Likewise the window: what is pending before archived, then all after. */
void thread_write_window(bson_t *out, const struct thread *thread,
    size_t archived, int64_t at_ms, int64_t now_ms);

#endif
