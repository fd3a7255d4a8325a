/*
 * identity.c: from a request's credential to a caller; see identity.h.
 *
 * Tokens are jwt.c's; this file decides which one counts and what its claims
 * mean to us.
 */
#include "cgi/identity.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cgi/auto.h"
#include "cgi/clock.h"

const char *const role_names[] = {"", "customer", "seller", "agent", "admin"};

bool
caller_is(const struct caller *caller, const char *identity)
{
	for (size_t i = 0; i < caller->id_count; i++)
		if (strcmp(caller->ids[i], identity) == 0)
			return true;
	return false;
}

/* The text of a claim: a string, or where allowed an integer; else NULL. */
static const char *
claim_text(struct json_object *claims, const char *name, bool integer_too)
{
	struct json_object *value;

	if (!json_object_object_get_ex(claims, name, &value))
		return NULL;
	if (json_object_is_type(value, json_type_string) ||
	    (integer_too && json_object_is_type(value, json_type_int)))
		return json_object_get_string(value);
	return NULL;
}

static bool
is_given(struct json_object *claims, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(claims, name, &value) && value;
}

static bool
ids_take(
    struct caller *caller, struct json_object *claims, const struct settings *s)
{
	const struct {
		const char *name;
		bool integer_too;
	} claim[CALLER_IDS_MAX] = {
	    {s->claim_subject, false},
	    {s->claim_user, true},
	    {s->claim_email, false},
	};

	for (size_t i = 0; i < CALLER_IDS_MAX; i++) {
		const char *text =
		    claim_text(claims, claim[i].name, claim[i].integer_too);
		char *id = caller->ids[caller->id_count];

		if (!text && is_given(claims, claim[i].name))
			return false;
		if (text && text_identity(id, text, strlen(text)) > 0 &&
		    !caller_is(caller, id))
			caller->id_count++;
	}
	return caller->id_count > 0;
}

enum role
role_from(const char *text)
{
	for (int role = ROLE_CUSTOMER; text && role <= ROLE_ADMIN; role++)
		if (strcmp(role_names[role], text) == 0)
			return (enum role)role;
	return ROLE_NONE;
}

/* For display only, so one that is too long is cut rather than refused. */
static void
name_take(struct caller *caller, const char *name)
{
	size_t len, cut;
	size_t points = 0;

	if (!name)
		return;
	len = strlen(name);
	if (!text_has_ink(name, len) || text_has_control(name, len))
		return;
	for (cut = 0; cut < len; cut++)
		if (((unsigned char)name[cut] & 0xc0) != 0x80 &&
		    points++ == CALLER_NAME_MAX)
			break;
	memcpy(caller->name, name, cut);
}

/*
 * A session is named by a digest, so that what we store opens nothing.  A
 * token without sid and jti is named by its signed part alone: an ES256
 * signature has a second form, which would be a second session.
 */
static void
session_take(struct caller *caller, struct json_object *claims,
    const char *token, size_t len)
{
	const char *sid = claim_text(claims, "sid", true);
	const char *jti = claim_text(claims, "jti", true);
	char named[JWT_TOKEN_MAX + 8];
	int named_len;

	if (sid && *sid)
		named_len = snprintf(named, sizeof(named), "sid:%s", sid);
	else if (jti && *jti)
		named_len = snprintf(named, sizeof(named), "jti:%s", jti);
	else
		named_len = snprintf(named, sizeof(named), "token:%.*s",
		    (int)((char *)memrchr(token, '.', len) - token), token);
	digest_hex(caller->session, named, (size_t)named_len);
}

/*
 * Tokens of one session may be issued one after the other.  Those issued up
 * to now live at most as long again as this one does in all.
 */
static void
times_take(struct caller *caller, struct json_object *claims)
{
	struct json_object *value;
	int64_t issued_at;

	json_object_object_get_ex(claims, "exp", &value);
	caller->expires_at = json_object_get_int64(value);
	caller->session_ends_at = caller->expires_at;
	if (!json_object_object_get_ex(claims, "iat", &value))
		return;
	issued_at = json_object_get_int64(value);
	if (issued_at > 0 && issued_at < caller->expires_at)
		caller->session_ends_at += caller->expires_at - issued_at;
}

/*
 * Find the token of a bearer: "Bearer", blanks, one word.  False where the
 * header is of another scheme; *token is NULL where it is malformed.
 */
static bool
bearer_find(const char *authorization, const char **token, size_t *len)
{
	size_t scheme = strcspn(authorization, " ");
	const char *rest = authorization + scheme;

	rest += strspn(rest, " ");
	*len = strcspn(rest, " ");
	*token = NULL;
	if (scheme == 0 || *len == 0)
		return true;
	if (scheme != 6 || strncasecmp(authorization, "Bearer", scheme) != 0)
		return false;
	if (rest[*len + strspn(rest + *len, " ")] == '\0')
		*token = rest;
	return true;
}

static enum identity_result
refused(const char **why, const char *reason)
{
	*why = reason;
	return IDENTITY_REFUSED;
}

static enum identity_result
token_take(struct caller *caller, const struct jwt_keys *keys,
    const struct settings *s, const char *token, size_t len, const char **why)
{
	AUTO_JSON struct json_object *claims =
	    jwt_verify(keys, token, len, clock_wall_ms() / 1000, why);

	if (!claims)
		return IDENTITY_REFUSED;
	if (!ids_take(caller, claims, s))
		return refused(why, "the token names no account");
	caller->role = role_from(claim_text(claims, s->claim_role, false));
	name_take(caller, claim_text(claims, s->claim_name, false));
	times_take(caller, claims);
	session_take(caller, claims, token, len);
	return IDENTITY_PROVEN;
}

enum identity_result
identity_take(struct caller *caller, const struct jwt_keys *keys,
    const struct settings *s, const char *authorization, const char *cookie,
    const char **why)
{
	char value[JWT_TOKEN_MAX + 1];
	const char *token;
	size_t len;

	memset(caller, 0, sizeof(*caller));
	if (authorization && bearer_find(authorization, &token, &len))
		return token ? token_take(caller, keys, s, token, len, why)
			     : refused(why, "the bearer is malformed");
	if (!cookie ||
	    !cookie_find(cookie, s->cookie_name, value, sizeof(value)) ||
	    !*value)
		return IDENTITY_NONE;
	caller->by_cookie = true;
	return token_take(caller, keys, s, value, strlen(value), why);
}
