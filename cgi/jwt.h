/*
 * jwt.h: JSON Web Tokens, verified and (for demo accounts) signed.
 *
 * The algorithm comes from the settings, never from the token: HS256, RS256,
 * ES256 or EdDSA (Ed25519).  Two keys are valid at a time, so that keys can be
 * rotated.  Sources: RFC 7515, 7518, 7519, 8037, 8725.
 */
#ifndef CGI_JWT_H
#define CGI_JWT_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cgi/settings.h"

#define JWT_TOKEN_MAX 8192 /* bytes; a longer token is refused */
#define JWT_LEEWAY_S 60

/* Keys ready for use; shared by all workers, read only after the start. */
struct jwt_keys;

/* Load them; NULL with a sentence in why that begins with the setting. */
struct jwt_keys *jwt_keys_new(const struct settings *s, char why[256]);
void jwt_keys_free(struct jwt_keys *keys);

/*
 * Verify a token at wall second now: shape, alg, crit, signature, exp
 * (required), nbf, iss and aud where configured.  Gives the claims (yours to
 * json_object_put), or NULL with a static reason in *why.
 */
struct json_object *jwt_verify(const struct jwt_keys *keys, const char *token,
    size_t len, int64_t now, const char **why);

/* Sign with the HS256 secret; false where alg is another, or too much. */
bool jwt_sign(const struct jwt_keys *keys, struct json_object *claims,
    char out[JWT_TOKEN_MAX]);

#endif
