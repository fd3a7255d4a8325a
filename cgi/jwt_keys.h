/*
 * jwt_keys.h: the keys behind tokens, for jwt.c alone.
 *
 * Keys and signatures; what a token may say is jwt.c's.  Everything is read
 * only after jwt_keys_new(), and each call makes its own OpenSSL context, so
 * any number of threads may share the keys.
 */
#ifndef CGI_JWT_KEYS_H
#define CGI_JWT_KEYS_H

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "cgi/jwt.h"

#define JWT_KEYS_MAX 2
#define JWT_HMAC_BYTES 32

struct jwt_key {
	const char *secret; /* HS256: lent by the settings, else NULL */
	EVP_PKEY *public;   /* the others */
};

struct jwt_algorithm {
	const char *name;  /* as settings and tokens must spell it */
	const char *wants; /* of a key file; NULL: a secret instead */
	bool (*suits)(const EVP_PKEY *key);
	bool (*holds)(const struct jwt_key *key, const void *data, size_t len,
	    const unsigned char *signature, size_t signature_len);
};

/* The row of a name in jwt_algorithm.c, or NULL. */
const struct jwt_algorithm *jwt_algorithm_find(const char *name);

/* HMAC with SHA-256: the one kind of signature that we also make. */
void jwt_hmac(const char *secret, const void *data, size_t len,
    unsigned char out[JWT_HMAC_BYTES]);

struct jwt_keys {
	const struct jwt_algorithm *algorithm;
	const char *issuer, *audience;    /* lent; "" = any */
	struct jwt_key key[JWT_KEYS_MAX]; /* the current, the previous one */
	size_t count;
};

/* True when one of the keys made this signature of data. */
bool jwt_keys_hold(const struct jwt_keys *keys, const char *data, size_t len,
    const unsigned char *signature, size_t signature_len);

/* Sign with the current secret; false where the algorithm is not HS256. */
bool jwt_keys_sign(const struct jwt_keys *keys, const char *data, size_t len,
    unsigned char signature[JWT_HMAC_BYTES]);

#endif
