/*
 * conversations_read.h: the two answers of GET /api/conversations.
 */
#ifndef CGI_CONVERSATIONS_READ_H
#define CGI_CONVERSATIONS_READ_H

#include "cgi/etag.h"
#include "cgi/reply.h"
#include "cgi/request.h"

/*
 * ?conversationId=: one conversation with its newest messages, or those
 * before= or after= a seq, or those changed since= a rev (with "next").
 */
int conversations_one(
    struct request *req, struct reply *out, const struct etag *etag);

/*
 * ?customerId= sellerId= vehicleId= filter= q= limit= cursor= since=
 * messages=: {"data":[...],"next":...,"unread":n,"sync":"...","epoch":...}.
 * An answer ends at LIST_BYTES_MAX even below its limit.
 */
#define LIST_BYTES_MAX (4 * 1024 * 1024)
int conversations_list(
    struct request *req, struct reply *out, const struct etag *etag);

#endif
