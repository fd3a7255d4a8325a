/*
 * refuse.h: what a request is refused for before its handler sees it.
 *
 * One small check after another, in the order of route.h.
 */
#ifndef CGI_REFUSE_H
#define CGI_REFUSE_H

#include <stdbool.h>

#include "cgi/reply.h"
#include "cgi/request.h"

/*
 * True if the request was refused: *out says why.  Else req has its route,
 * and, where that asks for them, caller and body; and its query.
 */
bool refuse_request(struct request *req, struct reply *out);

#endif
