/*
 * idempotency.h: the id of what came without one: the header Idempotency-Key
 * (1..64 printable ASCII), else nginx's request id, which is the same when
 * nginx repeats the request.
 */
#ifndef CGI_IDEMPOTENCY_H
#define CGI_IDEMPOTENCY_H

#include <stdbool.h>

#include "cgi/request.h"
#include "cgi/schema.h"

/* Complete *id; an id that was given stays.  False: the header is none. */
bool idempotency_id(
    struct message_id *id, const struct request *req, struct flaw *flaw);

#endif
