/*
 * The window of a conversation, read in place (see window.h).
 */
#include "cgi/window.h"

#include <string.h>

static void
recurse(const bson_iter_t *array, bson_iter_t *it)
{
	if (!bson_iter_recurse(array, it))
		memset(it, 0, sizeof(*it)); /* window_next() sees the end */
}

void
window_begin(const struct conversation *c, bson_iter_t *it)
{
	memset(it, 0, sizeof(*it));
	if (c->has_messages)
		recurse(&c->messages, it);
}

void
window_begin_last(const struct conversation *c, size_t n, bson_iter_t *it)
{
	bson_iter_t counted;
	size_t count = 0;

	window_begin(c, it);
	counted = *it;
	while (counted.raw && bson_iter_next(&counted))
		count++;
	for (; count > n; count--)
		(void)bson_iter_next(it); /* it was there a moment ago */
}

void
bucket_begin(const bson_t *bucket, bson_iter_t *it)
{
	bson_iter_t array;

	memset(it, 0, sizeof(*it));
	if (bson_iter_init_find(&array, bucket, "messages"))
		recurse(&array, it);
}

bool
window_next(bson_iter_t *it, struct stored_message *m)
{
	while (it->raw && bson_iter_next(it))
		if (stored_message_read(m, it))
			return true;
	return false;
}

bool
window_find(const struct conversation *c, enum side sender,
    const struct message_id *id, struct stored_message *m)
{
	bson_iter_t it;

	for (window_begin(c, &it); window_next(&it, m);)
		if (m->sender == sender && message_id_equals(id, &m->id))
			return true;
	return false;
}

size_t
window_pending(
    const struct conversation *c, enum side sender, const char *now_iso)
{
	struct stored_message m;
	size_t pending = 0;
	bson_iter_t it;

	for (window_begin(c, &it); window_next(&it, &m);)
		if (m.sender == sender &&
		    stored_message_is_pending(&m, now_iso))
			pending++;
	return pending;
}

size_t
window_count(const struct conversation *c)
{
	struct stored_message m;
	size_t count = 0;
	bson_iter_t it;

	for (window_begin(c, &it); window_next(&it, &m);)
		count++;
	return count;
}

int64_t
window_ordinal(const struct conversation *c, enum side side, int64_t seq)
{
	int64_t ordinal = c->sent[side];
	struct stored_message m;
	bson_iter_t it;

	for (window_begin(c, &it); window_next(&it, &m);)
		if (m.sender == side && m.seq > seq)
			ordinal--;
	return ordinal;
}
