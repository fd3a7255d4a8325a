/*
 * jwt_algorithm.c: the four ways of signing, one row each.
 *
 * To add one, add a row: which keys suit it, and when a signature holds.
 */
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "cgi/jwt_keys.h"

#define RSA_MIN_BITS 2048
#define ES256_HALF_BYTES 32 /* r and s, big-endian, RFC 7518 3.4 */

static bool
rsa_suits(const EVP_PKEY *key)
{
	return EVP_PKEY_is_a(key, "RSA") &&
	       EVP_PKEY_get_bits(key) >= RSA_MIN_BITS;
}

static bool
p256_suits(const EVP_PKEY *key)
{
	char curve[32];

	return EVP_PKEY_is_a(key, "EC") &&
	       EVP_PKEY_get_group_name(key, curve, sizeof(curve), NULL) &&
	       strcmp(curve, "prime256v1") == 0;
}

static bool
ed25519_suits(const EVP_PKEY *key)
{
	return EVP_PKEY_is_a(key, "ED25519");
}

void
jwt_hmac(const char *secret, const void *data, size_t len,
    unsigned char out[JWT_HMAC_BYTES])
{
	if (!HMAC(EVP_sha256(), secret, (int)strlen(secret), data, len, out,
		NULL))
		abort(); /* out of memory */
}

static bool
hmac_holds(const struct jwt_key *key, const void *data, size_t len,
    const unsigned char *signature, size_t signature_len)
{
	unsigned char expected[JWT_HMAC_BYTES];

	if (signature_len != sizeof(expected))
		return false;
	jwt_hmac(key->secret, data, len, expected);
	return CRYPTO_memcmp(expected, signature, sizeof(expected)) == 0;
}

static bool
digest_holds(EVP_PKEY *key, const EVP_MD *digest, const void *data, size_t len,
    const unsigned char *signature, size_t signature_len)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool holds =
	    context &&
	    EVP_DigestVerifyInit(context, NULL, digest, NULL, key) == 1 &&
	    EVP_DigestVerify(context, signature, signature_len, data, len) == 1;

	EVP_MD_CTX_free(context);
	ERR_clear_error();
	return holds;
}

static bool
rsa_holds(const struct jwt_key *key, const void *data, size_t len,
    const unsigned char *signature, size_t signature_len)
{
	return digest_holds(
	    key->public, EVP_sha256(), data, len, signature, signature_len);
}

static bool
ed25519_holds(const struct jwt_key *key, const void *data, size_t len,
    const unsigned char *signature, size_t signature_len)
{
	return digest_holds(
	    key->public, NULL, data, len, signature, signature_len);
}

/* Tokens carry r and s side by side; OpenSSL wants them in DER. */
static bool
p256_holds(const struct jwt_key *key, const void *data, size_t len,
    const unsigned char *signature, size_t signature_len)
{
	const unsigned char *second = signature + ES256_HALF_BYTES;
	unsigned char *der = NULL;
	ECDSA_SIG *pair;
	int der_len;
	bool holds;

	if (signature_len != 2 * ES256_HALF_BYTES)
		return false;
	pair = ECDSA_SIG_new();
	if (!pair ||
	    !ECDSA_SIG_set0(pair, BN_bin2bn(signature, ES256_HALF_BYTES, NULL),
		BN_bin2bn(second, ES256_HALF_BYTES, NULL)))
		abort(); /* out of memory */
	der_len = i2d_ECDSA_SIG(pair, &der);
	holds = der_len > 0 && digest_holds(key->public, EVP_sha256(), data,
				   len, der, (size_t)der_len);
	OPENSSL_free(der);
	ECDSA_SIG_free(pair);
	return holds;
}

/* clang-format off */
static const struct jwt_algorithm algorithms[] = {
	{"HS256", NULL, NULL, hmac_holds},
	{"RS256", "an RSA public key of at least 2048 bits",
		rsa_suits, rsa_holds},
	{"ES256", "an EC public key on the curve P-256",
		p256_suits, p256_holds},
	{"EdDSA", "an Ed25519 public key", ed25519_suits, ed25519_holds},
};
/* clang-format on */

const struct jwt_algorithm *
jwt_algorithm_find(const char *name)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++)
		if (strcmp(algorithms[i].name, name) == 0)
			return &algorithms[i];
	return NULL;
}
