/*
 * versions.h: one number per account that changes whenever a commit touches
 * what the account sees: the cheapest source of an ETag.
 *
 * The ETag of a GET is a digest of a boot number, the versions of all the
 * caller's identities, and the query.  It is taken before the read; a version
 * is bumped after the commit.  So an ETag may be too new an excuse to send
 * again, never an excuse to keep something old.  A fixed table; a forgotten
 * account gets a fresh number.  Only for a single writer (store_is_single()),
 * never while the store is in doubt.
 */
#ifndef CGI_VERSIONS_H
#define CGI_VERSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ETAG_BYTES 36 /* quotes, 32 hex, NUL */

/* The current number of an identity (normalised). */
uint64_t versions_get(const char *identity);

/*
 * How many unread conversations an account has may be kept beside its number:
 * it holds as long as that number, taken before they were counted, does.
 */
void versions_keep_unread(
    const char *identity, uint64_t version, int64_t unread);
bool versions_unread(const char *identity, uint64_t version, int64_t *unread);

/* Of everything, for admins: changes with every bump. */
uint64_t versions_all(void);

void versions_bump(const char *identity);

/* Forget all: every ETag given so far is void (start and end of doubt). */
void versions_reset(void);

/*
 * Compare an If-None-Match header with an ETag, weakly (RFC 9110, 13.1.2):
 * lists, W/ prefixes, and *.
 */
int etag_matches(const char *if_none_match, const char *etag);

#endif
