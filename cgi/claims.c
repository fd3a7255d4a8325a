/*
 * Claims against the credential (see claims.h).
 */
#include "cgi/claims.h"

#include <string.h>

bool
claims_are_own(const struct claims *claims, const struct caller *caller)
{
	char identity[IDENTITY_BYTES];

	if (claims->conflicting)
		return false;
	if (!claims->user_email)
		return true;
	return text_identity(identity, claims->user_email,
		       strlen(claims->user_email)) > 0 &&
	       caller_is(caller, identity);
}

bool
claims_hold(const struct claims *claims, const struct caller *caller,
	enum side side)
{
	return claims_are_own(claims, caller) &&
	       (claims->side == SIDE_NONE || claims->side == side);
}
