/*
 * upgrade_message.h: one message of the original application.
 *
 * For the upgrade*.c files alone.  What was read is lent by the document.
 */
#ifndef CGI_UPGRADE_MESSAGE_H
#define CGI_UPGRADE_MESSAGE_H

#include <bson/bson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cgi/store_shape.h"
#include "cgi/upgrade_value.h"

struct upgrade_message {
	struct stored_message m; /* but for its id and times */
	struct message_id id;    /* text "": none that a client may send */
	bool is_renamed;         /* its id is taken by another text */
	bool is_read;
	struct moment at;
	struct moment expires; /* payload.expiresAt */
};

/* False where from is no document. */
bool upgrade_message_read(
    struct upgrade_message *message, const bson_iter_t *from);

/* The same sender and id; a repeat has the same text too. */
bool upgrade_message_is_namesake(
    const struct upgrade_message *a, const struct upgrade_message *b);
bool upgrade_message_is_repeat(
    const struct upgrade_message *a, const struct upgrade_message *b);

/* What a copy knows beyond the first: an answer, an offer, a reading. */
void upgrade_message_merge(
    struct upgrade_message *first, const struct upgrade_message *copy);

/* Once nothing is merged any more: an offer or a request waits for a party. */
void upgrade_message_settle(struct upgrade_message *message);
bool upgrade_message_is_pending(
    const struct upgrade_message *message, int64_t now_ms);

/* Append it to an array; at_ms serves where it has no time. */
void upgrade_message_write(bson_t *array, uint32_t index,
    const struct upgrade_message *message, int64_t at_ms);

#endif
