/*
 * Who is asking: which credential counts, and what its claims mean.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "cgi/clock.h"
#include "cgi/identity.h"

#define HEADER_BYTES (JWT_TOKEN_MAX + 64)

static const struct settings settings = {
    .jwt_alg = "HS256",
    .jwt_secret = "0123456789abcdef0123456789abcdef",
    .claim_subject = "sub",
    .claim_user = "userId",
    .claim_email = "email",
    .claim_role = "role",
    .claim_name = "name",
    .cookie_name = "parley_token",
    .origins = "https://a.example  http://b.example:8080",
};

static struct jwt_keys *keys;

static void
start(void)
{
	char why[256];

	keys = jwt_keys_new(&settings, why);
}

static void
stop(void)
{
	jwt_keys_free(keys);
}

TestSuite(identity, .init = start, .fini = stop);

static int64_t
now_s(void)
{
	return clock_wall_ms() / 1000;
}

/* A valid token of these claims and an exp, which is in an hour from now. */
static const char *
token_of(const char *claims, char token[JWT_TOKEN_MAX])
{
	struct json_object *object = json_tokener_parse(claims);

	cr_assert_not_null(object, "%s", claims);
	if (!json_object_object_get_ex(object, "exp", NULL))
		json_object_object_add(
		    object, "exp", json_object_new_int64(now_s() + 3600));
	cr_assert(jwt_sign(keys, object, token));
	json_object_put(object);
	return token;
}

static enum identity_result
take_claims(struct caller *caller, const char *claims)
{
	char token[JWT_TOKEN_MAX];
	char header[HEADER_BYTES];
	const char *why;

	snprintf(header, sizeof(header), "Bearer %s", token_of(claims, token));
	return identity_take(caller, keys, &settings, header, NULL, &why);
}

Test(identity, the_ids_are_all_claims_that_name_one)
{
	/* clang-format off */
	static const struct {
		const char *claims;
		const char *ids[CALLER_IDS_MAX]; /* none: refused */
	} cases[] = {
		{"{\"sub\":\"a\",\"userId\":\"b\",\"email\":\"c\"}",
			{"a", "b", "c"}},
		{"{\"sub\":\"  Asha@Example.COM \"}", {"asha@example.com"}},
		{"{\"sub\":\"a\",\"userId\":\"A\",\"email\":\" a\"}", {"a"}},
		{"{\"email\":\"c\"}", {"c"}},
		{"{\"userId\":42}", {"42"}},
		{"{\"userId\":-7,\"email\":\"c\"}", {"-7", "c"}},
		{"{\"sub\":null,\"userId\":null,\"email\":\"c\"}", {"c"}},
		{"{\"sub\":\"\",\"email\":\"c\"}", {"c"}},
		{"{\"sub\":\"a\\tb\",\"email\":\"c\"}", {"c"}},
		{"{\"sub\":\"\\u00c9\"}", {"\u00c9"}},
		{"{\"sub\":\"$where\"}", {"$where"}},
		{"{}", {NULL}},
		{"{\"sub\":\"\"}", {NULL}},
		{"{\"sub\":\"  \"}", {NULL}},
		{"{\"sub\":42}", {NULL}},
		{"{\"sub\":42,\"email\":\"c\"}", {NULL}},
		{"{\"sub\":[\"a\"],\"email\":\"c\"}", {NULL}},
		{"{\"sub\":{\"$ne\":1},\"email\":\"c\"}", {NULL}},
		{"{\"userId\":1.5,\"email\":\"c\"}", {NULL}},
		{"{\"userId\":true,\"email\":\"c\"}", {NULL}},
		{"{\"email\":1}", {NULL}},
		{"{\"Sub\":\"a\"}", {NULL}},
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct caller caller;
		size_t count = 0;
		enum identity_result result =
		    take_claims(&caller, cases[i].claims);

		while (count < CALLER_IDS_MAX && cases[i].ids[count])
			count++;
		cr_expect_eq(result, count ? IDENTITY_PROVEN : IDENTITY_REFUSED,
		    "%s", cases[i].claims);
		if (result != IDENTITY_PROVEN)
			continue;
		cr_expect_eq(caller.id_count, count, "%s", cases[i].claims);
		for (size_t j = 0; j < count; j++)
			cr_expect_str_eq(caller.ids[j], cases[i].ids[j]);
	}
}

Test(identity, an_identity_that_is_too_long_matches_nothing)
{
	struct caller caller;
	char claims[1000];

	snprintf(claims, sizeof(claims), "{\"sub\":\"%0320d\"}", 0);
	cr_expect_eq(take_claims(&caller, claims), IDENTITY_PROVEN);
	cr_expect_eq(strlen(caller.ids[0]), 320);
	snprintf(claims, sizeof(claims), "{\"sub\":\"%0321d\"}", 0);
	cr_expect_eq(take_claims(&caller, claims), IDENTITY_REFUSED);
}

Test(identity, a_caller_is_each_of_his_ids_and_nobody_else)
{
	struct caller caller;

	take_claims(&caller, "{\"sub\":\"a\",\"email\":\"c\"}");
	cr_expect(caller_is(&caller, "a"));
	cr_expect(caller_is(&caller, "c"));
	cr_expect_not(caller_is(&caller, "A"));
	cr_expect_not(caller_is(&caller, "b"));
	cr_expect_not(caller_is(&caller, ""));
}

Test(identity, only_the_exact_name_of_a_role_gives_it)
{
	/* clang-format off */
	static const struct {
		const char *json;
		enum role role;
	} cases[] = {
		{"\"customer\"", ROLE_CUSTOMER},
		{"\"seller\"", ROLE_SELLER},
		{"\"agent\"", ROLE_AGENT},
		{"\"admin\"", ROLE_ADMIN},
		{"\"Admin\"", ROLE_NONE},
		{"\"admin \"", ROLE_NONE},
		{"\"root\"", ROLE_NONE},
		{"\"\"", ROLE_NONE},
		{"null", ROLE_NONE},
		{"4", ROLE_NONE},
		{"true", ROLE_NONE},
		{"[\"admin\"]", ROLE_NONE},
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct caller caller;
		char claims[64];

		snprintf(claims, sizeof(claims), "{\"sub\":\"a\",\"role\":%s}",
		    cases[i].json);
		cr_assert_eq(take_claims(&caller, claims), IDENTITY_PROVEN);
		cr_expect_eq(caller.role, cases[i].role, "%s", cases[i].json);
	}
}

/* A claim "name" of times repeated letters. */
static void
take_name(struct caller *caller, const char *letter, int times)
{
	char claims[2000] = "{\"sub\":\"a\",\"name\":\"";

	for (int i = 0; i < times; i++)
		strcat(claims, letter);
	strcat(claims, "\"}");
	cr_assert_eq(take_claims(caller, claims), IDENTITY_PROVEN);
}

Test(identity, a_name_is_cut_between_two_characters)
{
	struct caller caller;

	take_name(&caller, "x", 200);
	cr_expect_eq(strlen(caller.name), 200);
	take_name(&caller, "x", 201);
	cr_expect_eq(strlen(caller.name), 200);
	take_name(&caller, "\u00e9", 250);
	cr_expect_eq(strlen(caller.name), 400);
	take_name(&caller, "\U0001f600", 250);
	cr_expect_eq(strlen(caller.name), 800);
	cr_expect(text_is_utf8(caller.name, 800));
}

Test(identity, a_name_that_cannot_be_shown_is_none)
{
	static const char *const cases[] = {
	    "null", "7", "\"\"", "\"  \"", "\"a\\nb\"", "\"\\u007f\"", "[]"};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct caller caller;
		char claims[64];

		snprintf(claims, sizeof(claims), "{\"sub\":\"a\",\"name\":%s}",
		    cases[i]);
		cr_assert_eq(take_claims(&caller, claims), IDENTITY_PROVEN);
		cr_expect_str_eq(caller.name, "", "%s", cases[i]);
	}
}

Test(identity, claims_can_have_other_names)
{
	struct settings other = settings;
	struct caller caller;
	char token[JWT_TOKEN_MAX];
	const char *why;

	other.claim_user = "uid";
	other.claim_role = "https://example.com/role";
	token_of("{\"sub\":\"a\",\"userId\":\"b\",\"uid\":\"c\","
		 "\"role\":\"seller\",\"https://example.com/role\":\"agent\"}",
	    token);
	memmove(token + 7, token, strlen(token) + 1);
	memcpy(token, "Bearer ", 7);
	cr_assert_eq(identity_take(&caller, keys, &other, token, NULL, &why),
	    IDENTITY_PROVEN);
	cr_expect(caller_is(&caller, "c"));
	cr_expect_not(caller_is(&caller, "b"));
	cr_expect_eq(caller.role, ROLE_AGENT);
}

static bool
same_session(const char *claims, const char *others)
{
	struct caller one, two;

	cr_assert_eq(take_claims(&one, claims), IDENTITY_PROVEN);
	cr_assert_eq(take_claims(&two, others), IDENTITY_PROVEN);
	cr_expect_eq(strlen(one.session), 64);
	return strcmp(one.session, two.session) == 0;
}

Test(identity, a_session_is_its_sid_else_jti_else_the_token)
{
	/* clang-format off */
	static const struct {
		bool same;
		const char *one, *two;
	} cases[] = {
		{true, "\"sid\":\"s\",\"jti\":\"1\"", "\"sid\":\"s\",\"jti\":\"2\""},
		{false, "\"sid\":\"s\",\"jti\":\"1\"", "\"sid\":\"t\",\"jti\":\"1\""},
		{true, "\"jti\":\"1\",\"x\":1", "\"jti\":\"1\",\"x\":2"},
		{false, "\"jti\":\"1\"", "\"jti\":\"2\""},
		{false, "\"sid\":\"1\"", "\"jti\":\"1\""},
		{true, "\"sid\":7", "\"sid\":\"7\""},
		{true, "\"sid\":\"\",\"jti\":\"1\"", "\"jti\":\"1\""},
		{true, "\"sid\":[],\"jti\":\"1\"", "\"jti\":\"1\""},
		{true, "\"x\":1", "\"x\":1"},
		{false, "\"x\":1", "\"x\":2"},
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char one[128], two[128];

		snprintf(one, sizeof(one),
		    "{\"sub\":\"a\",\"exp\":33333333333,%s}", cases[i].one);
		snprintf(two, sizeof(two),
		    "{\"sub\":\"a\",\"exp\":33333333333,%s}", cases[i].two);
		cr_expect_eq(
		    same_session(one, two), cases[i].same, "%s %s", one, two);
	}
}

Test(identity, a_session_outlives_every_token_that_it_can_have_by_now)
{
	/* clang-format off */
	static const struct {
		const char *claims;
		int64_t expires_at, ends_at;
	} cases[] = {
		{"\"exp\":33333333333", 33333333333, 33333333333},
		{"\"exp\":33333333333.9", 33333333333, 33333333333},
		{"\"exp\":33333333333,\"iat\":33333333300",
			33333333333, 33333333366},
		{"\"exp\":33333333333,\"iat\":33333333400",
			33333333333, 33333333333},
		{"\"exp\":33333333333,\"iat\":-5", 33333333333, 33333333333},
		{"\"exp\":33333333333,\"iat\":\"x\"", 33333333333, 33333333333},
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct caller caller;
		char claims[128];

		snprintf(claims, sizeof(claims), "{\"sub\":\"a\",%s}",
		    cases[i].claims);
		cr_assert_eq(take_claims(&caller, claims), IDENTITY_PROVEN);
		cr_expect_eq(caller.expires_at, cases[i].expires_at);
		cr_expect_eq(caller.session_ends_at, cases[i].ends_at);
	}
}

/* A header where "%s" stands for the token; NULL where there is none. */
static const char *
filled(const char *header, const char *token, char out[HEADER_BYTES])
{
	const char *place = header ? strstr(header, "%s") : NULL;

	if (!place)
		return header;
	snprintf(out, HEADER_BYTES, "%.*s%s%s", (int)(place - header), header,
	    token, place + 2);
	return out;
}

Test(identity, a_bearer_is_the_only_credential_where_there_is_one)
{
	/* The bearer's good token is of account b, the cookie's of c. */
	/* clang-format off */
	static const struct {
		const char *authorization, *cookie, *is; /* "?": refused */
	} cases[] = {
		{"Bearer %s", NULL, "b"},
		{"bearer %s", NULL, "b"},
		{"BEARER   %s  ", NULL, "b"},
		{"Bearer %s", "parley_token=%s", "b"},
		{"Bearer %s", "parley_token=junk", "b"},
		{"Bearer junk", "parley_token=%s", "?"},
		{"Bearer", "parley_token=%s", "?"},
		{"Bearer ", "parley_token=%s", "?"},
		{"Bearer %s x", "parley_token=%s", "?"},
		{"Bearer\t%s", "parley_token=%s", "?"},
		{" Bearer %s", "parley_token=%s", "?"},
		{"Bearer:%s", "parley_token=%s", "?"},
		{"%s", "parley_token=%s", "?"},
		{"", "parley_token=%s", "?"},
		{"Basic YTpi", "parley_token=%s", "c"},
		{"Basic YTpi", NULL, NULL},
		{NULL, "parley_token=%s", "c"},
		{NULL, "x=1; parley_token=\"%s\"; y=2", "c"},
		{NULL, "parley_token=junk", "?"},
		{NULL, "parley_token=junk; parley_token=%s", "?"},
		{NULL, "parley_token=", NULL},
		{NULL, "Parley_token=%s", NULL},
		{NULL, "x=parley_token=%s", NULL},
		{NULL, "", NULL},
		{NULL, NULL, NULL},
	};
	/* clang-format on */
	char b[JWT_TOKEN_MAX], c[JWT_TOKEN_MAX];

	token_of("{\"sub\":\"b\"}", b);
	token_of("{\"sub\":\"c\"}", c);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char authorization[HEADER_BYTES], cookie[HEADER_BYTES];
		const char *is = cases[i].is;
		struct caller caller;
		const char *why;
		enum identity_result result = identity_take(&caller, keys,
		    &settings, filled(cases[i].authorization, b, authorization),
		    filled(cases[i].cookie, c, cookie), &why);

		cr_expect_eq(result,
		    !is          ? IDENTITY_NONE
		    : *is == '?' ? IDENTITY_REFUSED
				 : IDENTITY_PROVEN,
		    "case %zu", i);
		if (result != IDENTITY_PROVEN)
			continue;
		cr_expect(caller_is(&caller, is), "case %zu", i);
		cr_expect_eq(caller.by_cookie, *is == 'c', "case %zu", i);
	}
}

Test(identity, an_expired_token_proves_nothing)
{
	struct caller caller;
	char claims[64];

	snprintf(claims, sizeof(claims), "{\"sub\":\"a\",\"exp\":%lld}",
	    (long long)now_s() - JWT_LEEWAY_S - 1);
	cr_expect_eq(take_claims(&caller, claims), IDENTITY_REFUSED);
}
