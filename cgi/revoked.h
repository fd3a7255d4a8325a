/*
 * revoked.h: the sessions that were ended before their expiry.
 *
 * A set in memory, by session digest, that forgets what has expired.  The
 * store loads it at start and, where other hosts write too, every 2 s.
 */
#ifndef CGI_REVOKED_H
#define CGI_REVOKED_H

#include <stdbool.h>
#include <stdint.h>

void revoked_add(const char *session, int64_t expires_at);
bool revoked_has(const char *session, int64_t now);

#endif
