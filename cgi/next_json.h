/*
 * next_json.h: where a list goes on, as every list says it.
 */
#ifndef CGI_NEXT_JSON_H
#define CGI_NEXT_JSON_H

#include "cgi/reply.h"
#include "cgi/request.h"

/*
 * Append ,"next": and the cursor or (NULL) null; with a cursor also the header
 * Link, which is this request's URL with that cursor.
 */
void next_json(
    const struct request *req, struct reply *out, const char *cursor);

#endif
