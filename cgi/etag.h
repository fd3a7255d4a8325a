/*
 * etag.h: validators of GET answers, and when a 304 may be given.
 *
 * Where this process is the only writer, an ETag is a digest of a boot
 * number, the versions of all the caller's identities, and the query: known
 * before the database is asked (versions.h).  On a replica set it is a digest
 * of the body.  No 304 while in doubt or while the database fails.
 */
#ifndef CGI_ETAG_H
#define CGI_ETAG_H

#include "cgi/reply.h"
#include "cgi/request.h"
#include "cgi/versions.h"

struct etag {
	char text[ETAG_BYTES]; /* "" where only the body can tell */
};

/*
 * Before the read.  also: a further name whose version counts, or NULL; with
 * one a guest's copies are his own too.  True if the client's copy is still
 * good: then *status is the 304 that was replied.
 */
bool etag_begin(struct etag *etag, struct request *req, struct reply *out,
    const char *also, int *status);

/* After the body is complete: the header, or a late 304. */
int etag_end(const struct etag *etag, struct request *req, struct reply *out);

#endif
