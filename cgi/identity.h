/*
 * identity.h: who is asking: cookie or bearer to struct caller.
 *
 * The identities of an account are all of the claims sub, userId, email that
 * are present (names configurable), trimmed and lower-cased; empty ones match
 * nothing and are left out.  Only agent and admin grant powers.  A session is
 * the claim sid, else jti, else a digest of the token.
 *
 * Claims of identities are strings, userId an integer too (7 is "7"); another
 * type refuses the token, null counts as absent.  role, name, sid and jti of
 * another type count as absent.
 */
#ifndef CGI_IDENTITY_H
#define CGI_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cgi/digest.h"
#include "cgi/jwt.h"
#include "cgi/settings.h"
#include "cgi/text.h"

#define CALLER_IDS_MAX 3
#define CALLER_NAME_MAX 200 /* code points */
#define SESSION_DIGEST_BYTES DIGEST_BYTES

enum role {
	ROLE_NONE, /* no or another claim */
	ROLE_CUSTOMER,
	ROLE_SELLER,
	ROLE_AGENT,
	ROLE_ADMIN,
};

extern const char *const role_names[]; /* by enum role; "" for none */

/* The role of a name, exactly; ROLE_NONE for any other, and for NULL. */
enum role role_from(const char *name);

struct caller {
	char ids[CALLER_IDS_MAX][IDENTITY_BYTES]; /* normalised, distinct */
	size_t id_count;                          /* 1.. once proven */
	enum role role;
	char name[CALLER_NAME_MAX * 4 + 1]; /* "" = not given; cut */
	int64_t expires_at;                 /* wall seconds */
	char session[SESSION_DIGEST_BYTES]; /* names the session */
	int64_t session_ends_at; /* no other token of it is valid longer */
	bool by_cookie;          /* so Origin must be checked */
};

/* True if identity (normalised, not empty) is one of the caller's. */
bool caller_is(const struct caller *caller, const char *identity);

enum identity_result {
	IDENTITY_PROVEN,
	IDENTITY_NONE,    /* no credential at all */
	IDENTITY_REFUSED, /* a credential that proves nothing; why says why */
};

/*
 * Who is asking, from the values of the headers Authorization and Cookie
 * (NULL where absent).  A bearer, where present, is the only credential; the
 * credentials of other schemes ("Basic ...", which a proxy may ask for) are
 * not ours, and the cookie counts.  Ended sessions are revoked.h's to refuse.
 */
enum identity_result identity_take(struct caller *caller,
    const struct jwt_keys *keys, const struct settings *s,
    const char *authorization, const char *cookie, const char **why);

/*
 * The value of one cookie into out (its size is cap), without its quotes; the
 * first of that name wins (RFC 6265).  False where absent, or too long.
 */
bool cookie_find(const char *header, const char *name, char *out, size_t cap);

/*
 * May a state-changing request whose credential is a cookie pass?  Origin
 * must be one of settings' origins, or Sec-Fetch-Site be "same-origin".
 */
bool origin_is_allowed(
    const struct settings *s, const char *origin, const char *sec_fetch_site);

#endif
