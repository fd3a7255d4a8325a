/*
 * window.h: looking through the messages that a conversation's document holds.
 */
#ifndef CGI_WINDOW_H
#define CGI_WINDOW_H

#include "cgi/store_shape.h"

/*
 *	bson_iter_t it;
 *	struct stored_message m;
 *	for (window_begin(c, &it); window_next(&it, &m);)
 */
void window_begin(const struct conversation *c, bson_iter_t *it);
bool window_next(bson_iter_t *it, struct stored_message *m);

/* The same loop over the last n messages alone: the others cost nothing. */
void window_begin_last(const struct conversation *c, size_t n, bson_iter_t *it);

/* The message of this sender and id; false where it is not in the window. */
bool window_find(const struct conversation *c, enum side sender,
    const struct message_id *id, struct stored_message *m);

/* Messages of this sender that wait for an answer. */
size_t window_pending(
    const struct conversation *c, enum side sender, const char *now_iso);

size_t window_count(const struct conversation *c);

/*
 * The ordinal of side's last message up to seq, where seq is not older than
 * the window (seq >= archived_seq).
 */
int64_t window_ordinal(
    const struct conversation *c, enum side side, int64_t seq);

/* The same loop over the messages of a bucket. */
void bucket_begin(const bson_t *bucket, bson_iter_t *it);

#endif
