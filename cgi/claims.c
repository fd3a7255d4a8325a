/*
 * Claims against the credential (see claims.h).
 */
#include "cgi/claims.h"

#include <string.h>

static bool
is_own(const char *claimed, const struct caller *caller)
{
	char identity[IDENTITY_BYTES];

	return !claimed ||
	       (text_identity(identity, claimed, strlen(claimed)) > 0 &&
		   caller_is(caller, identity));
}

bool
claims_are_own(const struct claims *claims, const struct caller *caller)
{
	return !claims->conflicting && is_own(claims->user_email, caller) &&
	       is_own(claims->read_by, caller);
}

bool
claims_hold(
    const struct claims *claims, const struct caller *caller, enum side side)
{
	return claims_are_own(claims, caller) &&
	       (claims->side == SIDE_NONE || claims->side == side);
}
