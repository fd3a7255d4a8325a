/*
 * conversations.h: the handlers of /api/conversations, one verb a file.
 */
#ifndef CGI_CONVERSATIONS_H
#define CGI_CONVERSATIONS_H

#include "cgi/reply.h"
#include "cgi/request.h"

int conversations_get(struct request *req, struct reply *out);
int conversations_post(struct request *req, struct reply *out);
int conversations_put(struct request *req, struct reply *out);
int conversations_patch(struct request *req, struct reply *out);
int conversations_delete(struct request *req, struct reply *out);
int conversations_export(struct request *req, struct reply *out);

#endif
