/*
 * claims.h: identities that a request names beside its credential.
 *
 * First clients send userEmail, userRole or readBy with their changes.  The
 * credential alone decides who is asking; a claim that does not agree is 403.
 */
#ifndef CGI_CLAIMS_H
#define CGI_CLAIMS_H

#include "cgi/identity.h"
#include "cgi/schema.h"

/* userEmail and readBy are the caller's, and no two roles are claimed. */
bool claims_are_own(const struct claims *claims, const struct caller *caller);

/* And the role is the one that the caller has here (SIDE_NONE: none). */
bool claims_hold(
    const struct claims *claims, const struct caller *caller, enum side side);

#endif
