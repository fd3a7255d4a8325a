/*
 * jwt_keys.c: keys loaded and checked at start; see jwt_keys.h.
 *
 * A key of another kind than the algorithm wants is refused at start: a token
 * can then never choose how it is verified (RFC 8725, 3.1 and 3.2).
 */
#include "cgi/jwt_keys.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECRET_MIN_BYTES 32

static bool
add_secret(struct jwt_keys *keys, const char *setting, const char *secret,
    char why[256])
{
	if (strlen(secret) < SECRET_MIN_BYTES) {
		snprintf(why, 256, "%s: must be at least %d bytes long",
		    setting, SECRET_MIN_BYTES);
		return false;
	}
	keys->key[keys->count++].secret = secret;
	return true;
}

static bool
add_key_file(
    struct jwt_keys *keys, const char *setting, const char *path, char why[256])
{
	FILE *file = fopen(path, "r");
	EVP_PKEY *key;

	if (!file) {
		snprintf(why, 256, "%s: cannot read %s: %s", setting, path,
		    strerror(errno));
		return false;
	}
	key = PEM_read_PUBKEY(file, NULL, NULL, NULL);
	fclose(file);
	ERR_clear_error();
	if (!key || !keys->algorithm->suits(key)) {
		snprintf(why, 256, "%s: %s must hold %s (PEM), as %s needs it",
		    setting, path, keys->algorithm->wants,
		    keys->algorithm->name);
		EVP_PKEY_free(key);
		return false;
	}
	keys->key[keys->count++].public = key;
	return true;
}

static bool
add(struct jwt_keys *keys, const char *setting, const char *value,
    bool required, char why[256])
{
	bool given = value && *value;

	if (!given && required)
		snprintf(why, 256, "%s: is required with jwt_alg %s", setting,
		    keys->algorithm->name);
	if (!given)
		return !required;
	return keys->algorithm->wants ? add_key_file(keys, setting, value, why)
				      : add_secret(keys, setting, value, why);
}

static bool
add_all(struct jwt_keys *keys, const struct settings *s, char why[256])
{
	if (keys->algorithm->wants)
		return add(keys, "jwt_key_file", s->jwt_key_file, true, why) &&
		       add(keys, "jwt_key_file_previous",
			   s->jwt_key_file_previous, false, why);
	return add(keys, "jwt_secret", s->jwt_secret, true, why) &&
	       add(keys, "jwt_secret_previous", s->jwt_secret_previous, false,
		   why);
}

struct jwt_keys *
jwt_keys_new(const struct settings *s, char why[256])
{
	const struct jwt_algorithm *algorithm = jwt_algorithm_find(s->jwt_alg);
	struct jwt_keys *keys;

	if (!algorithm) {
		snprintf(
		    why, 256, "jwt_alg: must be HS256, RS256, ES256 or EdDSA");
		return NULL;
	}
	if (s->demo && algorithm->wants) {
		snprintf(why, 256,
		    "demo: needs jwt_alg HS256, whose secret can sign");
		return NULL;
	}
	keys = calloc(1, sizeof(*keys));
	if (!keys)
		abort(); /* out of memory */
	keys->algorithm = algorithm;
	keys->issuer = s->jwt_issuer ? s->jwt_issuer : "";
	keys->audience = s->jwt_audience ? s->jwt_audience : "";
	if (!add_all(keys, s, why)) {
		jwt_keys_free(keys);
		return NULL;
	}
	return keys;
}

void
jwt_keys_free(struct jwt_keys *keys)
{
	if (!keys)
		return;
	for (size_t i = 0; i < keys->count; i++)
		EVP_PKEY_free(keys->key[i].public);
	free(keys);
}

bool
jwt_keys_hold(const struct jwt_keys *keys, const char *data, size_t len,
    const unsigned char *signature, size_t signature_len)
{
	for (size_t i = 0; i < keys->count; i++)
		if (keys->algorithm->holds(
			&keys->key[i], data, len, signature, signature_len))
			return true;
	return false;
}

bool
jwt_keys_sign(const struct jwt_keys *keys, const char *data, size_t len,
    unsigned char signature[JWT_HMAC_BYTES])
{
	if (keys->algorithm->wants)
		return false;
	jwt_hmac(keys->key[0].secret, data, len, signature);
	return true;
}
