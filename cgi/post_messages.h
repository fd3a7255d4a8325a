/*
 * post_messages.h: the messages in the body of a POST: which of them are the
 * caller's, and which of those are new.
 */
#ifndef CGI_POST_MESSAGES_H
#define CGI_POST_MESSAGES_H

#include <json-c/json.h>

#include "cgi/schema.h"

#define POST_MESSAGES_MAX 5000 /* in one body */

struct post_messages {
	struct json_object **own; /* those of his role, lent by the body */
	size_t *place;            /* their index in the body */
	struct message_id *ids;
	size_t own_count;
	struct message *unknown; /* those with unknown ids, checked */
	size_t count;            /* of unknown */
};

/* Pick the caller's, with their ids.  list may be NULL; side SIDE_NONE: he has
 * none.  To be released whatever the outcome. */
bool post_messages_take(struct post_messages *p, struct json_object *list,
    enum side side, struct flaw *flaw);

/* Check those whose ids are not among known (then they are); each once. */
bool post_messages_check(
    struct post_messages *p, struct lh_table *known, struct flaw *flaw);

/* New ones that would wait for an answer. */
size_t post_messages_waiting(const struct post_messages *p);

void post_messages_release(struct post_messages *p);

#endif
