/*
 * jwt.c: what a token must look like and say; see jwt.h.
 *
 * Nothing of a token is believed before its signature held, but for the
 * header, which may only name the configured algorithm.  kid is ignored: with
 * two keys, trying both is simpler than trusting a hint.
 */
#include "cgi/jwt.h"

#include <string.h>

#include "cgi/auto.h"
#include "cgi/base64url.h"
#include "cgi/jwt_keys.h"
#include "ws/scan.h"

#define SIGNATURE_MAX 2048        /* RSA of 16,384 bits, OpenSSL's own limit */
#define SECOND_MAX 253402300799.0 /* the end of the year 9999 */

struct part {
	const char *s;
	size_t len;
};

AUTO_DEFINE(auto_tokener, struct json_tokener, json_tokener_free)

/* Cut at the dots into exactly three parts. */
static bool
split(const char *token, size_t len, struct part part[3])
{
	const char *end = token + len;

	for (int i = 0; i < 3; i++) {
		const char *dot = memchr(token, '.', (size_t)(end - token));
		const char *stop = dot ? dot : end;

		if ((dot != NULL) != (i < 2))
			return false;
		part[i] = (struct part){token, (size_t)(stop - token)};
		token = stop + 1;
	}
	return true;
}

/* The JSON object of a part (yours), or NULL where it holds none. */
static struct json_object *
part_object(const struct part *part)
{
	AUTO(auto_tokener) struct json_tokener *tokener = NULL;
	struct json_object *object;
	struct scan_flaw flaw;
	char text[JWT_TOKEN_MAX];
	size_t len;

	if (!base64url_decode((unsigned char *)text, sizeof(text), &len,
		part->s, part->len) ||
	    !scan_check(text, len, &flaw))
		return NULL;
	tokener = json_tokener_new();
	object = json_tokener_parse_ex(tokener, text, (int)len);
	if (json_object_is_type(object, json_type_object))
		return object;
	json_object_put(object);
	return NULL;
}

/* True when object has this member and it is this very string. */
static bool
member_equals(struct json_object *object, const char *name, const char *text)
{
	struct json_object *value;

	return json_object_object_get_ex(object, name, &value) &&
	       json_object_is_type(value, json_type_string) &&
	       strcmp(json_object_get_string(value), text) == 0;
}

/* True when the configured algorithm is named and nothing is asked of us. */
static bool
header_is_ours(const struct jwt_keys *keys, const struct part *part)
{
	AUTO_JSON struct json_object *header = part_object(part);

	return header && member_equals(header, "alg", keys->algorithm->name) &&
	       !json_object_object_get_ex(header, "crit", NULL) &&
	       !json_object_object_get_ex(header, "b64", NULL);
}

static bool
signature_holds(const struct jwt_keys *keys, const char *token,
    const struct part *signature)
{
	unsigned char bytes[SIGNATURE_MAX];
	size_t signed_len = (size_t)(signature->s - token) - 1;
	size_t len;

	return base64url_decode(
		   bytes, sizeof(bytes), &len, signature->s, signature->len) &&
	       jwt_keys_hold(keys, token, signed_len, bytes, len);
}

/* A NumericDate (RFC 7519, 2), in seconds; fractions are allowed. */
static bool
second_take(struct json_object *claims, const char *name, double *second)
{
	struct json_object *value;

	if (!json_object_object_get_ex(claims, name, &value) ||
	    !(json_object_is_type(value, json_type_int) ||
		json_object_is_type(value, json_type_double)))
		return false;
	*second = json_object_get_double(value);
	return *second >= 0 && *second <= SECOND_MAX;
}

static const char *
time_flaw(struct json_object *claims, int64_t now)
{
	double from, until;

	if (!second_take(claims, "exp", &until))
		return "the token's exp is missing or no time";
	if ((double)now >= until + JWT_LEEWAY_S)
		return "the token has expired";
	if (!json_object_object_get_ex(claims, "nbf", NULL))
		return NULL;
	if (!second_take(claims, "nbf", &from))
		return "the token's nbf is no time";
	return (double)now + JWT_LEEWAY_S < from ? "the token is not valid yet"
						 : NULL;
}

/* aud is one string, or an array of which one must be ours (RFC 7519, 4.1.3). */
static bool
audience_is(struct json_object *claims, const char *ours)
{
	struct json_object *all;

	if (member_equals(claims, "aud", ours))
		return true;
	if (!json_object_object_get_ex(claims, "aud", &all) ||
	    !json_object_is_type(all, json_type_array))
		return false;
	for (size_t i = 0; i < json_object_array_length(all); i++) {
		struct json_object *one = json_object_array_get_idx(all, i);

		if (json_object_is_type(one, json_type_string) &&
		    strcmp(json_object_get_string(one), ours) == 0)
			return true;
	}
	return false;
}

static const char *
claims_flaw(
    const struct jwt_keys *keys, struct json_object *claims, int64_t now)
{
	if (*keys->issuer && !member_equals(claims, "iss", keys->issuer))
		return "the token is of another issuer";
	if (*keys->audience && !audience_is(claims, keys->audience))
		return "the token is for another audience";
	return time_flaw(claims, now);
}

struct json_object *
jwt_verify(const struct jwt_keys *keys, const char *token, size_t len,
    int64_t now, const char **why)
{
	struct json_object *claims;
	struct part part[3];

	*why = "the token is malformed";
	if (len > JWT_TOKEN_MAX || !split(token, len, part))
		return NULL;
	*why = "the token's header does not name our algorithm";
	if (!header_is_ours(keys, &part[0]))
		return NULL;
	*why = "the token's signature does not hold";
	if (!signature_holds(keys, token, &part[2]))
		return NULL;
	*why = "the token's claims are no JSON object";
	claims = part_object(&part[1]);
	if (!claims)
		return NULL;
	*why = claims_flaw(keys, claims, now);
	if (!*why)
		return claims;
	json_object_put(claims);
	return NULL;
}

bool
jwt_sign(const struct jwt_keys *keys, struct json_object *claims,
    char out[JWT_TOKEN_MAX])
{
	static const char header[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
	unsigned char signature[JWT_HMAC_BYTES];
	const char *text = json_object_to_json_string_ext(
	    claims, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	size_t text_len = strlen(text);
	size_t len;

	if (BASE64URL_CHARS(sizeof(header) - 1) + BASE64URL_CHARS(text_len) +
		BASE64URL_CHARS(sizeof(signature)) + 2 >=
	    JWT_TOKEN_MAX)
		return false;
	len = base64url_encode(
	    out, (const unsigned char *)header, sizeof(header) - 1);
	out[len++] = '.';
	len +=
	    base64url_encode(out + len, (const unsigned char *)text, text_len);
	if (!jwt_keys_sign(keys, out, len, signature))
		return false;
	out[len++] = '.';
	base64url_encode(out + len, signature, sizeof(signature));
	return true;
}
