/*
 * publish_json.h: the data of events, as a party (viewer) sees it.
 *
 *	conversation:new-message {conversationId, message, conversation}
 *	conversation:updated {conversationId, rev, conversation}
 *	conversation:read {conversationId, messageIds, readBy, seq}
 *	conversation:delivered {conversationId, seq}
 *	message:status {conversationId, messageId, status, seq}
 *	conversations:deleted {conversationId}
 *	resync {}
 * "conversation" has all fields but messages and pending.
 */
#ifndef CGI_PUBLISH_JSON_H
#define CGI_PUBLISH_JSON_H

#include "cgi/buffer.h"
#include "cgi/store_shape.h"

/* What is told; each event uses what it needs. */
struct news {
	const struct conversation *c;
	const struct stored_message *message; /* new, or newest reached */
	enum side by;                         /* whose mark rose ... */
	int64_t from, to;                     /* ... from here to there */
	const char *status;                   /* "read", "delivered" */
};

enum event {
	EVENT_NEW_MESSAGE,
	EVENT_UPDATED,
	EVENT_READ,
	EVENT_DELIVERED,
	EVENT_STATUS,
	EVENT_DELETED,
	EVENT_RESYNC,
};

const char *event_name(enum event event);

/* Append the data of an event. */
void event_json(struct buffer *b, enum event event, const struct news *news,
    enum side viewer);

#endif
