/*
 * session.h: GET and DELETE /api/session, POST /api/demo/login, and the
 * sessions that were ended.
 *
 * GET answers {"success":true,"data":{"ids","role","name","expiresAt"}}.  For
 * a relay it binds its connection (publish.h) first, or answers 503.
 * DELETE revokes the session until its expiry (durable before it answers)
 * and clears the cookie.  Revoked sessions are refused from memory, which is
 * filled from the collection "revocations" at start.
 */
#ifndef CGI_SESSION_H
#define CGI_SESSION_H

#include <stdbool.h>

#include "cgi/reply.h"
#include "cgi/request.h"

int session_get(struct request *req, struct reply *out);
int session_delete(struct request *req, struct reply *out);
int session_demo_login(struct request *req, struct reply *out);

#endif
