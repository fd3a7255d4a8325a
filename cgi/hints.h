/*
 * hints.h: what was last known of a conversation, to guess a statement right
 * the first time: which party an account is, and how far the archive reaches.
 *
 * Only hints: every statement checks them in its filter, so a wrong or
 * forgotten one costs a read, never a message.  A fixed table in memory.
 */
#ifndef CGI_HINTS_H
#define CGI_HINTS_H

#include <bson/bson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cgi/identity.h"
#include "cgi/schema.h"

struct hint {
	enum side side;
	int64_t archived_seq;
	bson_oid_t oid; /* meaningful where archived_seq > 0 */
};

/* The hint, or the guess from the caller's role and "no archive". */
struct hint hints_get(const char *conversation_id, const struct caller *caller);
void hints_put(const char *conversation_id, const struct caller *caller,
    const struct hint *hint);

#endif
