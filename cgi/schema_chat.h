/*
 * schema_chat.h: the bodies of /api/chat, as schema.h has the others.
 *
 * First widgets send many fields more with a line: unknown ones are ignored
 * but in PATCH, and a userId says nothing: the credential does.
 */
#ifndef CGI_SCHEMA_CHAT_H
#define CGI_SCHEMA_CHAT_H

#include "cgi/chat_shape.h"
#include "cgi/schema.h"

/* POST: {message, messageId?, userName?, sessionId?}. */
struct chat_request {
	const char *text;       /* 1..CHAT_TEXT_MAX, not only blanks */
	struct message_id id;   /* "" = absent */
	const char *user_name;  /* "" = absent; up to PERSON_NAME_MAX */
	const char *session_id; /* NULL = absent */
};
bool chat_request_take(
    struct chat_request *r, struct json_object *body, struct flaw *flaw);

/* PATCH: sessionId and one of status and claim. */
struct chat_patch {
	const char *session_id;
	bool claim;
	enum chat_status status; /* where it is no claim */
};
bool chat_patch_take(
    struct chat_patch *r, struct json_object *body, struct flaw *flaw);

/* POST of a relay: what its client said in init. */
struct chat_init {
	bool as_agent;          /* role: any other word says nothing */
	const char *user_name;  /* "" = absent; up to PERSON_NAME_MAX */
	const char *session_id; /* NULL = absent */
};
bool chat_init_take(
    struct chat_init *r, struct json_object *body, struct flaw *flaw);

#endif
