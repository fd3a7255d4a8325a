/*
 * revoked.h: the sessions that were ended before their expiry.
 *
 * A set in memory, by session digest, that forgets what has expired.  The
 * store loads it at start and, where other hosts write too, every 2 s.
 */
#ifndef CGI_REVOKED_H
#define CGI_REVOKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cgi/identity.h"

struct ended {
	char session[SESSION_DIGEST_BYTES]; /* "" = free */
	int64_t expires_at;
};

/* True where it is new, or ended for longer than was known. */
bool revoked_add(const char *session, int64_t expires_at);
bool revoked_has(const char *session, int64_t now);

/* All that have not expired: an array, yours to free. */
struct ended *revoked_copy(int64_t now, size_t *count);

#endif
