/*
 * See upgrade_thread.h.
 */
#include "cgi/upgrade_thread.h"

#include <string.h>

#include "cgi/bson_put.h"
#include "cgi/text.h"

/*
 * Messages by sender and id: open addressing, at most half full, because a
 * document of 16 MB holds 100,000 messages.  Places hold index + 1; 0 is free.
 */
struct table {
	size_t *place;
	size_t mask;
};

static struct table
table_new(size_t messages)
{
	size_t places = 2;

	while (places < 2 * messages)
		places *= 2;
	return (struct table){
	    .place = bson_malloc0(places * sizeof(size_t)),
	    .mask = places - 1,
	};
}

/*
 * Enter the message behind the last one.  False where it repeats one, which
 * learns from it.
 */
static bool
enter(struct thread *thread, struct table *table)
{
	struct upgrade_message *message = &thread->message[thread->count];
	const char *id = message->id.text;
	uint64_t at = text_hash(id, strlen(id), message->m.sender);

	for (; table->place[at & table->mask]; at++) {
		struct upgrade_message *other =
		    &thread->message[table->place[at & table->mask] - 1];

		if (upgrade_message_is_repeat(other, message)) {
			upgrade_message_merge(other, message);
			return false;
		}
		if (upgrade_message_is_namesake(other, message))
			message->is_renamed = true;
	}
	table->place[at & table->mask] = thread->count + 1;
	return true;
}

static size_t
count_children(const bson_iter_t *array)
{
	bson_iter_t it;
	size_t count = 0;

	if (bson_iter_recurse(array, &it))
		while (bson_iter_next(&it))
			count++;
	return count;
}

static void
collect(struct thread *thread, const bson_iter_t *messages)
{
	size_t count = count_children(messages);
	struct table table = table_new(count);
	bson_iter_t it;

	thread->message = bson_aligned_alloc(_Alignof(struct upgrade_message),
	    (count + 1) * sizeof(*thread->message));
	(void)bson_iter_recurse(messages, &it); /* as it was just counted */
	while (count-- && bson_iter_next(&it)) {
		if (!upgrade_message_read(&thread->message[thread->count], &it))
			continue;
		if (!*thread->message[thread->count].id.text ||
		    enter(thread, &table))
			thread->count++;
		else
			thread->repeated++;
	}
	bson_free(table.place);
}

static void
number(struct thread *thread)
{
	for (size_t i = 0; i < thread->count; i++) {
		struct stored_message *m = &thread->message[i].m;

		upgrade_message_settle(&thread->message[i]);
		m->seq = m->rev = (int64_t)i + 1;
		m->n = ++thread->sent[m->sender];
	}
}

/* A party has at most PENDING_MAX; the newest stay. */
static void
expire(struct thread *thread, int64_t now_ms)
{
	size_t pending[SIDE_NONE + 1] = {0};

	for (size_t i = thread->count; i-- > 0;) {
		struct stored_message *m = &thread->message[i].m;

		if (upgrade_message_is_pending(&thread->message[i], now_ms) &&
		    ++pending[m->sender] > PENDING_MAX)
			m->status = "expired";
	}
}

void
thread_read(struct thread *thread, const bson_iter_t *messages, int64_t now_ms)
{
	*thread = (struct thread){.count = 0};
	if (!messages)
		return;
	collect(thread, messages);
	number(thread);
	expire(thread, now_ms);
}

void
thread_release(struct thread *thread)
{
	bson_free(thread->message);
}

struct mark
thread_mark(const struct thread *thread, enum side side)
{
	enum side other = side == SIDE_CUSTOMER ? SIDE_SELLER : SIDE_CUSTOMER;

	for (size_t i = thread->count; i-- > 0;) {
		const struct upgrade_message *message = &thread->message[i];

		if (message->m.sender == other && message->is_read)
			return (struct mark){
			    .seq = message->m.seq, .n = message->m.n};
	}
	return (struct mark){.seq = 0};
}

void
thread_write(bson_t *out, const struct thread *thread, size_t from, size_t to,
    int64_t at_ms)
{
	bson_t array;

	put_array_begin(out, "messages", &array);
	for (size_t i = from; i < to; i++)
		upgrade_message_write(
		    &array, (uint32_t)(i - from), &thread->message[i], at_ms);
	put_array_end(out, &array);
}

void
thread_write_window(bson_t *out, const struct thread *thread, size_t archived,
    int64_t at_ms, int64_t now_ms)
{
	uint32_t index = 0;
	bson_t array;

	put_array_begin(out, "messages", &array);
	for (size_t i = 0; i < thread->count; i++) {
		const struct upgrade_message *message = &thread->message[i];

		if (i >= archived ||
		    upgrade_message_is_pending(message, now_ms))
			upgrade_message_write(&array, index++, message, at_ms);
	}
	put_array_end(out, &array);
}
