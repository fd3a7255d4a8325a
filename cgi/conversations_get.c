/*
 * GET /api/conversations: which answer is asked for, and its parameters.
 * One conversation is in conversations_one.c, lists in conversations_list.c.
 */
#include "cgi/conversations.h"

#include "cgi/conversations_read.h"

int
conversations_get(struct request *req, struct reply *out)
{
	struct etag etag;
	int status;

	if (etag_begin(&etag, req, out, NULL, &status))
		return status;
	return request_arg(req, "conversationId")
		   ? conversations_one(req, out, &etag)
		   : conversations_list(req, out, &etag);
}
