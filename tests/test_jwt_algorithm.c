/*
 * Public-key algorithms, with keys made in this run: each holds for its own
 * kind of key alone, and never for a secret.
 */
#include <criterion/criterion.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cgi/base64url.h"
#include "cgi/jwt_keys.h"

#define NOW 1000000
#define CLAIMS "{\"exp\":1000001}"

enum kind { RSA_2048, P_256, ED_25519, RSA_1024, P_384, ED_448, KINDS };

static EVP_PKEY *
key_make(enum kind kind)
{
	switch (kind) {
	case RSA_2048:
		return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	case RSA_1024:
		return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
	case P_256:
		return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	case P_384:
		return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384");
	case ED_25519:
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	default:
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED448");
	}
}

/* A key of each kind, public in a file of its own. */
struct made {
	EVP_PKEY *key;
	char path[32];
};

static struct made
made_of(enum kind kind)
{
	struct made made = {.key = key_make(kind), .path = "/tmp/keyXXXXXX"};
	FILE *file = fdopen(mkstemp(made.path), "w");

	cr_assert(made.key && file);
	cr_assert(PEM_write_PUBKEY(file, made.key));
	fclose(file);
	return made;
}

static void
unmake(struct made *made)
{
	unlink(made->path);
	EVP_PKEY_free(made->key);
}

/* What OpenSSL signs, still in its own form (DER for EC). */
static size_t
sign(EVP_PKEY *key, const char *text, unsigned char *out, size_t cap)
{
	bool no_digest = EVP_PKEY_is_a(key, "ED25519");
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	cr_assert(EVP_DigestSignInit(
	    context, NULL, no_digest ? NULL : EVP_sha256(), NULL, key));
	cr_assert(EVP_DigestSign(
	    context, out, &cap, (const void *)text, strlen(text)));
	EVP_MD_CTX_free(context);
	return cap;
}

/* DER to r and s side by side, 64 bytes. */
static size_t
raw_of(unsigned char *signature, size_t len)
{
	const unsigned char *der = signature;
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)len);

	BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, 32);
	BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + 32, 32);
	ECDSA_SIG_free(pair);
	return 64;
}

static void
token_start(char *token, const char *alg)
{
	char header[64];
	size_t len;

	snprintf(header, sizeof(header), "{\"alg\":\"%s\"}", alg);
	len = base64url_encode(token, (const void *)header, strlen(header));
	token[len++] = '.';
	base64url_encode(token + len, (const void *)CLAIMS, strlen(CLAIMS));
}

static void
token_end(char *token, const unsigned char *signature, size_t len)
{
	size_t at = strlen(token);

	token[at++] = '.';
	base64url_encode(token + at, signature, len);
}

static const char *
token_of(const char *alg, EVP_PKEY *key)
{
	static char token[1024];
	unsigned char signature[512];
	size_t len;

	token_start(token, alg);
	len = sign(key, token, signature, sizeof(signature));
	if (EVP_PKEY_is_a(key, "EC"))
		len = raw_of(signature, len);
	token_end(token, signature, len);
	return token;
}

static struct jwt_keys *
keys_of(const char *alg, const char *path, const char *previous)
{
	const struct settings s = {
	    .jwt_alg = alg,
	    .jwt_key_file = path,
	    .jwt_key_file_previous = previous,
	};
	char why[256] = "";
	struct jwt_keys *keys = jwt_keys_new(&s, why);

	cr_assert_not_null(keys, "%s", why);
	return keys;
}

static bool
holds(const struct jwt_keys *keys, const char *token)
{
	const char *why;
	struct json_object *claims =
	    jwt_verify(keys, token, strlen(token), NOW, &why);

	json_object_put(claims);
	return claims != NULL;
}

/* Which algorithm goes with which kind of key. */
static const struct {
	const char *alg;
	enum kind kind;
} algorithms[] = {
    {"RS256", RSA_2048},
    {"ES256", P_256},
    {"EdDSA", ED_25519},
};
#define ALGORITHMS 3

Test(jwt_algorithm, each_holds_for_its_own_keys_and_no_stranger)
{
	for (size_t i = 0; i < ALGORITHMS; i++) {
		const char *alg = algorithms[i].alg;
		struct made now = made_of(algorithms[i].kind);
		struct made before = made_of(algorithms[i].kind);
		struct made stranger = made_of(algorithms[i].kind);
		struct jwt_keys *both = keys_of(alg, now.path, before.path);
		struct jwt_keys *one = keys_of(alg, now.path, "");

		cr_expect(holds(both, token_of(alg, now.key)), "%s", alg);
		cr_expect(holds(both, token_of(alg, before.key)), "%s", alg);
		cr_expect_not(
		    holds(both, token_of(alg, stranger.key)), "%s", alg);
		cr_expect(holds(one, token_of(alg, now.key)), "%s", alg);
		cr_expect_not(holds(one, token_of(alg, before.key)), "%s", alg);
		jwt_keys_free(both);
		jwt_keys_free(one);
		unmake(&now);
		unmake(&before);
		unmake(&stranger);
	}
}

Test(jwt_algorithm, a_token_cannot_choose_another)
{
	for (size_t i = 0; i < ALGORITHMS; i++) {
		struct made made = made_of(algorithms[i].kind);
		struct jwt_keys *keys =
		    keys_of(algorithms[i].alg, made.path, NULL);

		for (size_t j = 0; j < ALGORITHMS; j++)
			cr_expect_eq(
			    holds(keys, token_of(algorithms[j].alg, made.key)),
			    i == j, "%s as %s", algorithms[j].alg,
			    algorithms[i].alg);
		cr_expect_not(holds(keys, token_of("none", made.key)));
		cr_expect_not(holds(keys, token_of("HS256", made.key)));
		jwt_keys_free(keys);
		unmake(&made);
	}
}

/* The classic: what everybody may know, used as the secret of HS256. */
Test(jwt_algorithm, a_public_key_is_no_secret)
{
	for (size_t i = 0; i < ALGORITHMS; i++) {
		static const char *const named[] = {"HS256", NULL};
		struct made made = made_of(algorithms[i].kind);
		struct jwt_keys *keys =
		    keys_of(algorithms[i].alg, made.path, NULL);
		unsigned char signature[JWT_HMAC_BYTES];
		char pem[2048] = "";
		char token[1024];
		FILE *file = fopen(made.path, "r");

		cr_assert(fread(pem, 1, sizeof(pem) - 1, file) > 0);
		fclose(file);
		for (size_t j = 0; j < 2; j++) {
			token_start(
			    token, named[j] ? named[j] : algorithms[i].alg);
			jwt_hmac(pem, token, strlen(token), signature);
			token_end(token, signature, sizeof(signature));
			cr_expect_not(holds(keys, token));
		}
		jwt_keys_free(keys);
		unmake(&made);
	}
}

Test(jwt_algorithm, a_byte_after_the_signature_is_refused)
{
	for (size_t i = 0; i < ALGORITHMS; i++) {
		const char *alg = algorithms[i].alg;
		struct made made = made_of(algorithms[i].kind);
		struct jwt_keys *keys = keys_of(alg, made.path, NULL);
		unsigned char signature[512];
		char token[1024];
		size_t len;

		token_start(token, alg);
		len = sign(made.key, token, signature, sizeof(signature));
		if (algorithms[i].kind == P_256)
			len = raw_of(signature, len);
		signature[len] = 0;
		token_end(token, signature, len + 1);
		cr_expect_not(holds(keys, token), "%s", alg);
		jwt_keys_free(keys);
		unmake(&made);
	}
}

Test(jwt_algorithm, signatures_of_another_form_are_refused)
{
	for (size_t i = 0; i < ALGORITHMS; i++) {
		const char *alg = algorithms[i].alg;
		struct made made = made_of(algorithms[i].kind);
		struct jwt_keys *keys = keys_of(alg, made.path, NULL);
		unsigned char signature[600] = {0};
		char start[256], token[1200];
		size_t len;

		token_start(start, alg);
		len = sign(made.key, start, signature, 512);
		for (size_t n = 0; n < len + 3; n++) {
			bool whole = n == len && algorithms[i].kind != P_256;

			strcpy(token, start);
			token_end(token, signature, n);
			cr_expect_eq(
			    holds(keys, token), whole, "%s %zu", alg, n);
		}
		memset(signature, 0, sizeof(signature));
		strcpy(token, start);
		token_end(token, signature, 64);
		cr_expect_not(holds(keys, token), "%s of zeros", alg);
		jwt_keys_free(keys);
		unmake(&made);
	}
}

static void
expect_refused(const struct settings *s, const char *setting)
{
	char why[256] = "";
	struct jwt_keys *keys = jwt_keys_new(s, why);

	cr_expect_null(keys, "%s", setting);
	cr_expect_eq(
	    strncmp(why, setting, strlen(setting)), 0, "%s: %s", setting, why);
	jwt_keys_free(keys);
}

Test(jwt_algorithm, a_key_file_of_another_kind_is_refused_at_start)
{
	struct made made[KINDS];

	for (enum kind kind = 0; kind < KINDS; kind++)
		made[kind] = made_of(kind);
	for (size_t i = 0; i < ALGORITHMS; i++) {
		struct settings s = {.jwt_alg = algorithms[i].alg};

		for (enum kind kind = 0; kind < KINDS; kind++) {
			if (kind == algorithms[i].kind)
				continue;
			s.jwt_key_file = made[kind].path;
			s.jwt_key_file_previous = NULL;
			expect_refused(&s, "jwt_key_file: ");
			s.jwt_key_file = made[algorithms[i].kind].path;
			s.jwt_key_file_previous = made[kind].path;
			expect_refused(&s, "jwt_key_file_previous: ");
		}
	}
	for (enum kind kind = 0; kind < KINDS; kind++)
		unmake(&made[kind]);
}

Test(jwt_algorithm, settings_that_cannot_work_are_refused_by_name)
{
	/* clang-format off */
	static const struct {
		const char *setting;
		struct settings s;
	} cases[] = {
		{"jwt_alg: ", {.jwt_alg = "none"}},
		{"jwt_alg: ", {.jwt_alg = ""}},
		{"jwt_alg: ", {.jwt_alg = "hs256"}},
		{"jwt_secret: ", {.jwt_alg = "HS256"}},
		{"jwt_secret: ", {.jwt_alg = "HS256", .jwt_secret = ""}},
		{"jwt_secret: ", {.jwt_alg = "HS256",
			.jwt_secret = "0123456789012345678901234567890"}},
		{"jwt_secret_previous: ", {.jwt_alg = "HS256",
			.jwt_secret = "01234567890123456789012345678901",
			.jwt_secret_previous = "short"}},
		{"jwt_key_file: ", {.jwt_alg = "RS256"}},
		{"jwt_key_file: ", {.jwt_alg = "RS256",
			.jwt_secret = "01234567890123456789012345678901"}},
		{"jwt_key_file: ", {.jwt_alg = "ES256",
			.jwt_key_file = "/nowhere/key.pem"}},
		{"jwt_key_file: ", {.jwt_alg = "EdDSA",
			.jwt_key_file = "tests/test_jwt.c"}},
		{"jwt_key_file: ", {.jwt_alg = "EdDSA",
			.jwt_key_file = "tests"}},
		{"demo: ", {.jwt_alg = "ES256", .demo = true,
			.jwt_key_file = "tests/data/rfc7515-es256.pem"}},
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		expect_refused(&cases[i].s, cases[i].setting);
}

Test(jwt_algorithm, a_private_key_is_no_key_file)
{
	struct made made = made_of(P_256);
	const struct settings s = {
	    .jwt_alg = "ES256",
	    .jwt_key_file = made.path,
	};
	FILE *file = fopen(made.path, "w");

	cr_assert(
	    PEM_write_PrivateKey(file, made.key, NULL, NULL, 0, NULL, NULL));
	fclose(file);
	expect_refused(&s, "jwt_key_file: ");
	unmake(&made);
}

Test(jwt_algorithm, only_a_secret_signs)
{
	struct jwt_keys *keys =
	    keys_of("ES256", "tests/data/rfc7515-es256.pem", NULL);
	struct json_object *claims = json_object_new_object();
	char token[JWT_TOKEN_MAX];

	cr_expect_not(jwt_sign(keys, claims, token));
	json_object_put(claims);
	jwt_keys_free(keys);
}

struct shared {
	struct jwt_keys *keys;
	char token[1024];
};

static void *
verify_often(void *arg)
{
	struct shared *shared = arg;

	for (int i = 0; i < 200; i++)
		if (!holds(shared->keys, shared->token))
			return arg;
	return NULL;
}

Test(jwt_algorithm, threads_share_the_keys)
{
	for (size_t i = 0; i < ALGORITHMS; i++) {
		const char *alg = algorithms[i].alg;
		struct made made = made_of(algorithms[i].kind);
		struct shared shared = {keys_of(alg, made.path, NULL), ""};
		pthread_t thread[4];
		void *failed;

		strcpy(shared.token, token_of(alg, made.key));
		for (int j = 0; j < 4; j++)
			pthread_create(&thread[j], NULL, verify_often, &shared);
		for (int j = 0; j < 4; j++) {
			pthread_join(thread[j], &failed);
			cr_expect_null(failed, "%s", alg);
		}
		jwt_keys_free(shared.keys);
		unmake(&made);
	}
}
