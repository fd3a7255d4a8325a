/*
 * Tokens: the vectors of the RFCs, and every way we know to forge one.
 *
 * Tokens of HS256 are made here byte by byte, so that their parts may be
 * anything; those of the other algorithms with keys of this run in
 * test_jwt_algorithm.c.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "cgi/base64url.h"
#include "cgi/jwt_keys.h"

#define SECRET "0123456789abcdef0123456789abcdef"
#define PREVIOUS "fedcba9876543210fedcba9876543210"
#define FOREIGN "00000000000000000000000000000000"
#define HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define NOW 1000000

static const struct settings plain = {
    .jwt_alg = "HS256",
    .jwt_secret = SECRET,
};

/* Make a token of any two texts, signed with secret; lent until the next. */
static const char *
token_of(const char *header, const char *claims, const char *secret)
{
	static char token[3 * JWT_TOKEN_MAX];
	unsigned char signature[JWT_HMAC_BYTES];
	size_t len;

	len = base64url_encode(token, (const void *)header, strlen(header));
	token[len++] = '.';
	len +=
	    base64url_encode(token + len, (const void *)claims, strlen(claims));
	jwt_hmac(secret, token, len, signature);
	token[len++] = '.';
	base64url_encode(token + len, signature, sizeof(signature));
	return token;
}

/* The reason why settings refuse a token of len bytes, or NULL. */
static const char *
refusal(const struct settings *s, const char *token, size_t len, int64_t now)
{
	char wrong[256] = "";
	struct jwt_keys *keys = jwt_keys_new(s, wrong);
	struct json_object *claims;
	const char *why = NULL;

	cr_assert_not_null(keys, "%s", wrong);
	claims = jwt_verify(keys, token, len, now, &why);
	cr_expect_eq(claims == NULL, why != NULL);
	json_object_put(claims);
	jwt_keys_free(keys);
	return why;
}

static const char *
reason_of(const struct settings *s, const char *token)
{
	const char *why = refusal(s, token, strlen(token), NOW);

	return why ? why : "it holds";
}

static bool
holds(const struct settings *s, const char *token)
{
	return !refusal(s, token, strlen(token), NOW);
}

Test(jwt, the_vectors_of_the_rfcs_hold)
{
	/* RFC 7515, A.1: the key has no zero byte, so it can be a string. */
	static const char a1_key[] = {3, 35, 53, 75, 43, 15, -91, -68, -125,
	    126, 6, 101, 119, 123, -90, -113, 90, -77, 40, -26, -16, 84, -55,
	    40, -87, 15, -124, -78, -46, 80, 46, -65, -45, -5, 90, -110, -46, 6,
	    71, -17, -106, -118, -76, -61, 119, 98, 61, 34, 61, 46, 33, 114, 5,
	    46, 79, 8, -64, -51, -102, -11, 103, -48, -128, -93, 0};
	/* clang-format off */
#define PAYLOAD "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leG" \
	"FtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
	static const struct {
		const char *rfc;
		struct settings settings;
		const char *token;
	} cases[] = {
		{"RFC 7515 A.1", {.jwt_alg = "HS256", .jwt_secret = a1_key},
		"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." PAYLOAD
		".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"},
		{"RFC 7515 A.2", {.jwt_alg = "RS256",
			.jwt_key_file = "tests/data/rfc7515-rs256.pem"},
		"eyJhbGciOiJSUzI1NiJ9." PAYLOAD
		".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5R"
		"Zmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQj"
		"bKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMH"
		"lb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZE"
		"Sc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5A"
		"XLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"},
		{"RFC 7515 A.3", {.jwt_alg = "ES256",
			.jwt_key_file = "tests/data/rfc7515-es256.pem"},
		"eyJhbGciOiJFUzI1NiJ9." PAYLOAD
		".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8I"
		"SlSApmWQxfKTUJqPP3-Kg6NU1Q"},
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *token = cases[i].token;
		size_t len = strlen(token);

		cr_expect_null(
		    refusal(&cases[i].settings, token, len, 1300819380), "%s",
		    cases[i].rfc);
		cr_expect_str_eq(
		    refusal(&cases[i].settings, token, len, 1300819440),
		    "the token has expired", "%s", cases[i].rfc);
	}
}

/* Its payload is no JSON, so only the signature can be checked. */
Test(jwt, the_vector_of_rfc_8037_holds)
{
	static const char text[] = "eyJhbGciOiJFZERTQSJ9."
				   "RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
	static const char signature[] =
	    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGj"
	    "g5BhVsPt9g7sVvpAr_MuM0KAg";
	const struct settings s = {
	    .jwt_alg = "EdDSA",
	    .jwt_key_file = "tests/data/rfc8037-ed25519.pem",
	};
	char why[256] = "";
	struct jwt_keys *keys = jwt_keys_new(&s, why);
	unsigned char bytes[64];
	size_t len;

	cr_assert_not_null(keys, "%s", why);
	cr_assert(base64url_decode(
	    bytes, sizeof(bytes), &len, signature, strlen(signature)));
	cr_expect(jwt_keys_hold(keys, text, strlen(text), bytes, len));
	cr_expect_not(jwt_keys_hold(keys, text, strlen(text) - 1, bytes, len));
	cr_expect_not(jwt_keys_hold(keys, text, strlen(text), bytes, 63));
	jwt_keys_free(keys);
}

Test(jwt, the_header_must_name_our_algorithm_and_ask_for_nothing)
{
	/* clang-format off */
	static const struct {
		bool holds;
		const char *header;
	} cases[] = {
		{true, HEADER},
		{true, "{\"alg\":\"HS256\"}"},
		{true, " { \"alg\" : \"HS256\" }\n"},
		{true, "{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"../x\"}"},
		{false, "{\"alg\":\"none\"}"},
		{false, "{\"alg\":\"None\"}"},
		{false, "{\"alg\":\"hs256\"}"},
		{false, "{\"alg\":\"HS256 \"}"},
		{false, "{\"alg\":\"HS384\"}"},
		{false, "{\"alg\":\"RS256\"}"},
		{false, "{\"alg\":\"\"}"},
		{false, "{\"alg\":null}"},
		{false, "{\"alg\":256}"},
		{false, "{\"alg\":[\"HS256\"]}"},
		{false, "{\"Alg\":\"HS256\"}"},
		{false, "{}"},
		{false, ""},
		{false, "HS256"},
		{false, "\"HS256\""},
		{false, "[\"HS256\"]"},
		{false, "{\"alg\":\"HS256\",\"alg\":\"none\"}"},
		{false, "{\"alg\":\"none\",\"alg\":\"HS256\"}"},
		{false, "{\"alg\":\"HS256\",\"crit\":[\"exp\"]}"},
		{false, "{\"alg\":\"HS256\",\"crit\":null}"},
		{false, "{\"alg\":\"HS256\",\"b64\":true}"},
		{false, "{\"alg\":\"HS256\"}{}"},
		{false, "{\"alg\":\"HS256\"} x"},
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		cr_expect_eq(holds(&plain, token_of(cases[i].header,
					       "{\"exp\":1000001}", SECRET)),
		    cases[i].holds, "%s", cases[i].header);
}

Test(jwt, times_are_numbers_with_a_minute_of_leeway)
{
	/* clang-format off */
	static const struct {
		bool holds;
		const char *claims;
	} cases[] = {
		{true, "{\"exp\":1000001}"},
		{true, "{\"exp\":999941}"},
		{false, "{\"exp\":999940}"},
		{true, "{\"exp\":999940.5}"},
		{false, "{\"exp\":999939.5}"},
		{true, "{\"exp\":1e9}"},
		{true, "{\"exp\":253402300799}"},
		{false, "{\"exp\":253402300800}"},
		{false, "{\"exp\":9007199254740991}"},
		{false, "{\"exp\":9223372036854775807}"},
		{false, "{\"exp\":1e300}"},
		{false, "{\"exp\":-1}"},
		{false, "{\"exp\":-1e300}"},
		{false, "{\"exp\":0}"},
		{false, "{\"exp\":\"1000001\"}"},
		{false, "{\"exp\":null}"},
		{false, "{\"exp\":true}"},
		{false, "{\"exp\":[1000001]}"},
		{false, "{\"exp\":{}}"},
		{false, "{}"},
		{false, "{\"EXP\":1000001}"},
		{false, "{\"exp\":1000001,\"exp\":1000001}"},
		{false, "{\"exp\":999000,\"e\\u0078p\":1000001}"},
		{true, "{\"exp\":1000001,\"nbf\":1000060}"},
		{false, "{\"exp\":1000001,\"nbf\":1000061}"},
		{false, "{\"exp\":1000001,\"nbf\":\"1\"}"},
		{false, "{\"exp\":1000001,\"nbf\":-1}"},
		{false, "{\"exp\":1000001,\"nbf\":null}"},
		{true, "{\"exp\":1000001,\"iat\":\"whatever\"}"},
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		cr_expect_eq(
		    holds(&plain, token_of(HEADER, cases[i].claims, SECRET)),
		    cases[i].holds, "%s", cases[i].claims);
}

Test(jwt, claims_that_are_no_strict_json_object_are_refused)
{
	static const char *const cases[] = {
	    "",
	    "null",
	    "1000001",
	    "[{\"exp\":1000001}]",
	    "{\"exp\":1000001",
	    "{\"exp\":1000001}}",
	    "{\"exp\":1000001,}",
	    "{'exp':1000001}",
	    "{\"exp\":01000001}",
	    "{\"exp\":NaN}",
	    "{\"exp\":Infinity}",
	    "{\"exp\":1000001,\"sub\":\"\\u0000\"}",
	    "{\"exp\":1000001,\"sub\":\"\\ud800\"}",
	    "{\"exp\":1000001,\"sub\":\"\xc0\x80\"}",
	    "{\"exp\":1000001,\"sub\":\"\n\"}",
	    "{\"exp\":1000001,\"x\":[[[[[[[[[[[]]]]]]]]]]]}",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		cr_expect_str_eq(
		    reason_of(&plain, token_of(HEADER, cases[i], SECRET)),
		    "the token's claims are no JSON object", "%s", cases[i]);
}

Test(jwt, issuer_and_audience_count_where_they_are_configured)
{
	/* clang-format off */
	static const struct {
		bool holds;
		const char *issuer, *audience, *claims;
	} cases[] = {
		{true, "", "", "\"iss\":\"any\",\"aud\":\"any\""},
		{true, "me", "", "\"iss\":\"me\""},
		{false, "me", "", "\"iss\":\"you\""},
		{false, "me", "", "\"iss\":\"me \""},
		{false, "me", "", "\"iss\":[\"me\"]"},
		{false, "me", "", "\"iss\":null"},
		{false, "me", "", "\"x\":1"},
		{true, "", "us", "\"aud\":\"us\""},
		{true, "", "us", "\"aud\":[\"them\",\"us\"]"},
		{false, "", "us", "\"aud\":\"them\""},
		{false, "", "us", "\"aud\":[\"them\"]"},
		{false, "", "us", "\"aud\":[]"},
		{false, "", "us", "\"aud\":[[\"us\"]]"},
		{false, "", "us", "\"aud\":[null,1]"},
		{false, "", "us", "\"aud\":{\"us\":\"us\"}"},
		{false, "", "us", "\"x\":1"},
		{true, "me", "us", "\"iss\":\"me\",\"aud\":\"us\""},
		{false, "me", "us", "\"iss\":\"us\",\"aud\":\"me\""},
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct settings s = plain;
		char claims[128];

		s.jwt_issuer = cases[i].issuer;
		s.jwt_audience = cases[i].audience;
		snprintf(claims, sizeof(claims), "{\"exp\":1000001,%s}",
		    cases[i].claims);
		cr_expect_eq(holds(&s, token_of(HEADER, claims, SECRET)),
		    cases[i].holds, "%s", claims);
	}
}

Test(jwt, a_token_that_is_cut_or_longer_is_refused)
{
	const char *good = token_of(HEADER, "{\"exp\":1000001}", SECRET);
	static const char *const tails[] = {
	    ".", "=", "==", " ", "\n", "A", ".e30", "..", ",", "%00"};
	size_t len = strlen(good);
	char token[512];

	cr_assert(holds(&plain, good));
	for (size_t cut = 0; cut < len; cut++)
		cr_expect_not_null(refusal(&plain, good, cut, NOW), "%zu", cut);
	for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
		snprintf(token, sizeof(token), "%s%s", good, tails[i]);
		cr_expect_not(holds(&plain, token), "%s", tails[i]);
		snprintf(token, sizeof(token), "%s%s", tails[i], good);
		cr_expect_not(holds(&plain, token), "%s", tails[i]);
	}
	cr_expect_not_null(refusal(&plain, good, len + 1, NOW), "NUL");
}

Test(jwt, a_part_that_is_missing_is_refused)
{
	static const char *const cases[] = {
	    "",
	    ".",
	    "..",
	    "...",
	    "eyJhbGciOiJIUzI1NiJ9",
	    "eyJhbGciOiJIUzI1NiJ9.e30",
	    "eyJhbGciOiJIUzI1NiJ9.e30.",
	    "eyJhbGciOiJub25lIn0.eyJleHAiOjEwMDAwMDF9.",
	    "..eyJleHAiOjEwMDAwMDF9",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		cr_expect_not(holds(&plain, cases[i]), "%s", cases[i]);
}

Test(jwt, a_bit_flipped_anywhere_is_refused)
{
	char token[512];

	snprintf(token, sizeof(token), "%s",
	    token_of(HEADER, "{\"exp\":1000001}", SECRET));
	for (size_t i = 0; token[i]; i++) {
		for (int bit = 1; bit < 256; bit <<= 1) {
			token[i] = (char)(token[i] ^ bit);
			cr_expect_not(holds(&plain, token), "%zu: %d", i, bit);
			token[i] = (char)(token[i] ^ bit);
		}
	}
	cr_expect(holds(&plain, token));
}

Test(jwt, a_token_may_have_8192_bytes_and_no_more)
{
	char claims[JWT_TOKEN_MAX];
	const char *token;

	for (int fill = 6050; fill < 6120; fill++) {
		snprintf(claims, sizeof(claims),
		    "{\"exp\":1000001,\"x\":\"%0*d\"}", fill, 0);
		token = token_of(HEADER, claims, SECRET);
		cr_expect_eq(holds(&plain, token),
		    strlen(token) <= JWT_TOKEN_MAX, "%zu", strlen(token));
	}
}

Test(jwt, two_secrets_are_valid_at_a_time)
{
	struct settings s = plain;

	s.jwt_secret_previous = PREVIOUS;
	cr_expect(holds(&s, token_of(HEADER, "{\"exp\":1000001}", SECRET)));
	cr_expect(holds(&s, token_of(HEADER, "{\"exp\":1000001}", PREVIOUS)));
	cr_expect_not(
	    holds(&s, token_of(HEADER, "{\"exp\":1000001}", FOREIGN)));
	cr_expect_not(
	    holds(&plain, token_of(HEADER, "{\"exp\":1000001}", PREVIOUS)));
}

Test(jwt, what_we_sign_holds_and_says_the_same)
{
	struct json_object *claims = json_tokener_parse(
	    "{\"sub\":\"a/b\",\"name\":\"\u00e9\",\"exp\":1000001}");
	char why[256] = "";
	struct jwt_keys *keys = jwt_keys_new(&plain, why);
	struct json_object *back;
	char token[JWT_TOKEN_MAX];
	const char *reason;

	cr_assert(jwt_sign(keys, claims, token));
	back = jwt_verify(keys, token, strlen(token), NOW, &reason);
	cr_assert_not_null(back);
	cr_expect(json_object_equal(back, claims));
	json_object_put(back);
	json_object_put(claims);
	jwt_keys_free(keys);
}

Test(jwt, what_would_be_too_long_is_not_signed)
{
	char why[256] = "";
	struct jwt_keys *keys = jwt_keys_new(&plain, why);
	char token[JWT_TOKEN_MAX];
	char text[JWT_TOKEN_MAX];

	for (int fill = 6050; fill < 6120; fill++) {
		struct json_object *claims = json_object_new_object();
		size_t whole;

		snprintf(text, sizeof(text), "%0*d", fill, 0);
		json_object_object_add(
		    claims, "x", json_object_new_string(text));
		whole = strlen(token_of(
		    HEADER, json_object_to_json_string_ext(claims, 0), SECRET));
		cr_expect_eq(jwt_sign(keys, claims, token),
		    whole < JWT_TOKEN_MAX, "%zu", whole);
		json_object_put(claims);
	}
	jwt_keys_free(keys);
}
