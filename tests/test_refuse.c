/*
 * The order of refusals, and each of them.
 */
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cgi/clock.h"
#include "cgi/jwt.h"
#include "cgi/limits.h"
#include "cgi/refuse.h"
#include "cgi/revoked.h"
#include "cgi/route.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))
#define PARAMS_MAX 16

static struct settings settings = {
    .jwt_alg = "HS256",
    .jwt_secret = "a secret that is long enough for HS256",
    .jwt_secret_previous = "",
    .jwt_key_file = "",
    .jwt_key_file_previous = "",
    .jwt_issuer = "",
    .jwt_audience = "",
    .claim_subject = "sub",
    .claim_user = "userId",
    .claim_email = "email",
    .claim_role = "role",
    .claim_name = "name",
    .cookie_name = "parley_token",
    .origins = "https://host.example",
    .body_bytes = 100,
    .thread_bytes = 1000,
    .handler_ms = 10000,
    .queue_ms = 2000,
};
static struct service service = {.settings = &settings};
static struct request req;
static struct reply out;
static FCGX_Request fcgi;
static FCGX_Stream in;
static const char *params[PARAMS_MAX + 1];
static size_t param_count;
static const char *sent = ""; /* the body */
static char bearer[JWT_TOKEN_MAX + 64];
static char cookie[JWT_TOKEN_MAX + 64];

static void
make_tokens(void)
{
	struct json_object *claims = json_object_new_object();
	char token[JWT_TOKEN_MAX];

	json_object_object_add(
	    claims, "sub", json_object_new_string("asha@example.com"));
	json_object_object_add(claims, "sid", json_object_new_string("s1"));
	json_object_object_add(
	    claims, "exp", json_object_new_int64(time(NULL) + 600));
	cr_assert(jwt_sign(service.keys, claims, token));
	json_object_put(claims);
	snprintf(bearer, sizeof(bearer), "HTTP_AUTHORIZATION=Bearer %s", token);
	snprintf(cookie, sizeof(cookie), "HTTP_COOKIE=parley_token=%s", token);
}

static void
begin(void)
{
	char why[256];

	service.keys = jwt_keys_new(&settings, why);
	service.limits = limits_new(1, 3600, 2);
	cr_assert_not_null(service.keys);
	make_tokens();
}

TestSuite(refuse, .init = begin);

/* Set a parameter "NAME=value", in place of the one there is. */
static void
param(const char *pair)
{
	size_t name = (size_t)(strchr(pair, '=') - pair) + 1;
	size_t i = 0;

	while (i < param_count && strncmp(params[i], pair, name) != 0)
		i++;
	if (i == param_count)
		param_count++;
	cr_assert_leq(param_count, PARAMS_MAX);
	params[i] = pair;
}

/* There is no more than what stands between rdNext and stop. */
static void
at_end(FCGX_Stream *stream)
{
	stream->isClosed = 1;
}

static void
body(const char *text)
{
	static char length[64];

	sent = text;
	snprintf(length, sizeof(length), "CONTENT_LENGTH=%zu", strlen(text));
	param(length);
}

/* The status of the refusal; 0 where the handler would run. */
static int
status(void)
{
	bool refused;

	fcgi.envp = (char **)params;
	fcgi.in = &in;
	in = (FCGX_Stream){.isReader = 1, .fillBuffProc = at_end};
	in.rdNext = (unsigned char *)sent;
	in.stop = in.wrNext = in.rdNext + strlen(sent);
	request_end(&req);
	request_begin(&req, &fcgi, &service, NULL);
	reply_begin(&out);
	refused = refuse_request(&req, &out);
	return refused ? out.status : 0;
}

static void
good_put(void)
{
	param("REQUEST_METHOD=PUT");
	param("DOCUMENT_URI=/api/conversations");
	param("CONTENT_TYPE=application/json");
	param(bearer);
	body("{}");
}

static void
expect_code(const char *code)
{
	char wanted[64];

	snprintf(wanted, sizeof(wanted), "\"code\":\"%s\"", code);
	cr_expect_not_null(
	    strstr(out.body.data, wanted), "%s: %s", code, out.body.data);
}

Test(refuse, a_request_wrong_in_every_way_is_told_in_the_contracts_order)
{
	char large[2000];
	int64_t then = clock_wall_ms() - 3000;
	char waited[64];

	memset(large, ' ', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	snprintf(waited, sizeof(waited), "REQUEST_MSEC=%lld.%03d",
	    (long long)(then / 1000), (int)(then % 1000));
	while (limits_take(service.limits, "asha@example.com") == 0)
		continue;

	param("REQUEST_METHOD=DESTROY");
	param("DOCUMENT_URI=/api/conversation");
	param("QUERY_STRING=a=1&a=2");
	param("CONTENT_TYPE=text/plain");
	param(waited);
	body(large);

	cr_expect_eq(status(), 503);
	expect_code("unavailable");
	param("REQUEST_MSEC=");
	cr_expect_eq(status(), 404);
	expect_code("not_found");
	param("DOCUMENT_URI=/api/conversations");
	cr_expect_eq(status(), 401);
	expect_code("unauthorized");
	param(cookie);
	cr_expect_eq(status(), 405);
	expect_code("bad_method");
	param("REQUEST_METHOD=PUT");
	cr_expect_eq(status(), 403);
	expect_code("origin");
	param("HTTP_ORIGIN=https://host.example");
	cr_expect_eq(status(), 415);
	expect_code("bad_type");
	param("CONTENT_TYPE=application/json");
	cr_expect_eq(status(), 413);
	expect_code("too_large");
	body("[");
	cr_expect_eq(status(), 429);
	expect_code("rate_limited");
	limits_spend(service.limits, "asha@example.com", -2);
	cr_expect_eq(status(), 400);
	expect_code("bad_field");
	param("QUERY_STRING=a=1");
	cr_expect_eq(status(), 400);
	expect_code("bad_json");
	body("{}");
	cr_expect_eq(status(), 0);
}

Test(refuse, a_wrong_method_is_told_which_are_right)
{
	static const struct {
		const char *path;
		const char *allow;
	} cases[] = {
	    {"DOCUMENT_URI=/api/conversations",
		"Allow: GET, HEAD, POST, PUT, PATCH, DELETE\r\n"},
	    {"DOCUMENT_URI=/api/conversations/export", "Allow: GET, HEAD\r\n"},
	    {"DOCUMENT_URI=/api/session", "Allow: GET, HEAD, DELETE\r\n"},
	    {"DOCUMENT_URI=/api/health", "Allow: GET, HEAD\r\n"},
	};

	param("REQUEST_METHOD=OPTIONS");
	param(bearer);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		param(cases[i].path);
		cr_expect_eq(status(), 405);
		cr_expect_str_eq(out.head.data, cases[i].allow);
	}
}

Test(refuse, a_foreign_origin_is_told_before_a_wrong_method)
{
	param("REQUEST_METHOD=PUT");
	param("DOCUMENT_URI=/api/session");
	param(cookie);
	cr_expect_eq(status(), 403);
	param(bearer);
	cr_expect_eq(status(), 405);
}

Test(refuse, paths_are_matched_exactly)
{
	static const char *const paths[] = {"DOCUMENT_URI=/api/conversations/",
	    "DOCUMENT_URI=/api/Conversations", "DOCUMENT_URI=/api",
	    "X=", "DOCUMENT_URI=/api/conversations/exports", "DOCUMENT_URI="};

	good_put();
	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		param("DOCUMENT_URI=");
		param(paths[i]);
		cr_expect_eq(status(), 404, "%s", paths[i]);
	}
}

Test(refuse, without_a_proof_the_challenge_is_bearer)
{
	param("DOCUMENT_URI=/api/session");
	param("REQUEST_METHOD=GET");
	cr_expect_eq(status(), 401);
	cr_expect_str_eq(out.head.data, "WWW-Authenticate: Bearer\r\n");
	param("HTTP_AUTHORIZATION=Bearer not.a.token");
	cr_expect_eq(status(), 401);
	cr_expect_str_eq(out.head.data,
	    "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n");
}

Test(refuse, an_ended_session_proves_nothing)
{
	good_put();
	cr_expect_eq(status(), 0);
	revoked_add(req.caller.session, time(NULL) + 600);
	cr_expect_eq(status(), 401);
	expect_code("unauthorized");
}

Test(refuse, only_changes_by_cookie_need_an_origin)
{
	static const struct {
		const char *method, *origin;
		int status;
	} cases[] = {
	    {"REQUEST_METHOD=PUT", "HTTP_ORIGIN=https://host.example", 0},
	    {"REQUEST_METHOD=PUT", "HTTP_ORIGIN=https://evil.example", 403},
	    {"REQUEST_METHOD=PUT", "HTTP_SEC_FETCH_SITE=same-origin", 0},
	    {"REQUEST_METHOD=PUT", "HTTP_SEC_FETCH_SITE=cross-site", 403},
	    {"REQUEST_METHOD=POST", "X=", 403},
	    {"REQUEST_METHOD=PATCH", "X=", 403},
	    {"REQUEST_METHOD=DELETE", "X=", 403},
	    {"REQUEST_METHOD=GET", "X=", 0},
	    {"REQUEST_METHOD=HEAD", "X=", 0},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		param_count = 0;
		memset(params, 0, sizeof(params));
		param("DOCUMENT_URI=/api/conversations");
		param("CONTENT_TYPE=application/json");
		param(cookie);
		param(cases[i].method);
		param(cases[i].origin);
		body("{}");
		limits_spend(service.limits, "asha@example.com", -2);
		cr_expect_eq(status(), cases[i].status, "%s %s: %d",
		    cases[i].method, cases[i].origin, out.status);
		param(bearer);
		body("{}");
		cr_expect_eq(status(), 0, "%s with a bearer", cases[i].method);
	}
}

/* Any site can open a socket with its visitor's cookie. */
Test(refuse, a_socket_by_cookie_needs_an_origin_too)
{
#define SOCKET "LIVE_CONNECTION=0123456789abcdef0123456789abcdef"
	static const struct {
		const char *path, *connection, *origin;
		int status;
	} cases[] = {
	    {"/api/session", SOCKET, "X=", 403},
	    {"/api/session", SOCKET, "HTTP_ORIGIN=https://evil.example", 403},
	    {"/api/session", SOCKET, "HTTP_ORIGIN=https://host.example", 0},
	    {"/api/session", "LIVE_CONNECTION=0123", "X=", 0},
	    {"/api/session", "HTTP_" SOCKET, "X=", 0},
	    {"/api/conversations", SOCKET, "X=", 403},
	    {"/api/conversations", SOCKET, "HTTP_SEC_FETCH_SITE=same-origin",
		0},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char path[64];

		snprintf(path, sizeof(path), "DOCUMENT_URI=%s", cases[i].path);
		param_count = 0;
		memset(params, 0, sizeof(params));
		param("REQUEST_METHOD=GET");
		param(path);
		param(cookie);
		param(cases[i].connection);
		param(cases[i].origin);
		cr_expect_eq(status(), cases[i].status, "%zu", i);
		param(bearer);
		cr_expect_eq(status(), 0, "%zu with a bearer", i);
	}
}

Test(refuse, the_type_of_a_body_is_json)
{
	static const struct {
		const char *type;
		int status;
	} cases[] = {
	    {"CONTENT_TYPE=application/json", 0},
	    {"CONTENT_TYPE=Application/JSON; charset=utf-8", 0},
	    {"CONTENT_TYPE=application/json;charset=utf-8", 0},
	    {"CONTENT_TYPE=application/json ", 0},
	    {"CONTENT_TYPE=application/jsonp", 415},
	    {"CONTENT_TYPE=application/json+x", 415},
	    {"CONTENT_TYPE=text/json", 415},
	    {"CONTENT_TYPE=", 415},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		good_put();
		param("REQUEST_METHOD=PATCH");
		param(cases[i].type);
		cr_expect_eq(status(), cases[i].status, "%s", cases[i].type);
	}
}

Test(refuse, an_empty_body_is_400_whatever_its_type)
{
	good_put();
	body("");
	cr_expect_eq(status(), 400);
	expect_code("bad_json");
	param("CONTENT_TYPE=");
	cr_expect_eq(status(), 400);
}

Test(refuse, a_delete_may_have_a_body_or_none)
{
	good_put();
	param("REQUEST_METHOD=DELETE");
	cr_expect_eq(status(), 0);
	cr_expect_not_null(req.body);
	body("");
	param("CONTENT_TYPE=");
	cr_expect_eq(status(), 0);
	cr_expect_null(req.body);
	body("[");
	cr_expect_eq(status(), 415);
	param("CONTENT_TYPE=application/json");
	cr_expect_eq(status(), 400);
}

Test(refuse, a_whole_thread_may_be_larger_than_a_message)
{
	char text[512];

	memset(text, ' ', sizeof(text) - 1);
	memcpy(text, "{}", 2);
	text[sizeof(text) - 1] = '\0';
	good_put();
	body(text);
	cr_expect_eq(status(), 413);
	param("REQUEST_METHOD=POST");
	cr_expect_eq(status(), 0);
}

Test(refuse, what_is_refused_costs_a_part_of_a_message)
{
	int asked = 0;

	good_put();
	body("[");
	while (asked < 100 && status() != 429)
		asked++;
	cr_expect_geq(asked, 10);
	cr_expect_leq(asked, 11);
}

Test(refuse, the_demo_login_is_unknown_unless_it_is_on)
{
	good_put();
	param("REQUEST_METHOD=POST");
	param("DOCUMENT_URI=/api/demo/login");
	cr_expect_eq(status(), 404);
	settings.demo = true;
	cr_expect_eq(status(), 0);
}

#define GUEST "HTTP_COOKIE=parley_chat=0123456789abcdef0123456789abcdef"
#define MADE "LIVE_GUEST=0123456789abcdef0123456789abcdef"

Test(refuse, a_visitor_proves_who_he_is_or_is_a_guest)
{
	param("REQUEST_METHOD=GET");
	param("DOCUMENT_URI=/api/chat/history");
	cr_expect_eq(status(), 0);
	cr_expect_eq(req.caller.id_count, 0);
	cr_expect_str_empty(req.guest.hash);
	param(GUEST);
	cr_expect_eq(status(), 0);
	cr_expect_eq(strlen(req.guest.hash), GUEST_HASH_BYTES - 1);
	param("HTTP_COOKIE=parley_chat=another");
	cr_expect_eq(status(), 0);
	cr_expect_str_empty(req.guest.hash);
	param(bearer);
	cr_expect_eq(status(), 0);
	cr_expect_str_eq(req.caller.ids[0], "asha@example.com");
	param("HTTP_AUTHORIZATION=Bearer not.a.token");
	cr_expect_eq(status(), 401);
	expect_code("unauthorized");
}

Test(refuse, the_desk_is_for_accounts)
{
	param("DOCUMENT_URI=/api/chat/sessions");
	param(GUEST);
	param("REQUEST_METHOD=GET");
	cr_expect_eq(status(), 401);
	param("REQUEST_METHOD=PATCH");
	cr_expect_eq(status(), 401);
}

Test(refuse, a_guests_cookie_needs_an_origin_and_no_cookie_needs_none)
{
	static const struct {
		const char *credential, *origin;
		int status;
	} cases[] = {
	    {"X=", "HTTP_ORIGIN=https://evil.example", 0},
	    {"HTTP_COOKIE=parley_chat=another", "Y=", 0},
	    {GUEST, "Y=", 403},
	    {GUEST, "HTTP_ORIGIN=https://evil.example", 403},
	    {GUEST, "HTTP_ORIGIN=https://host.example", 0},
	    {GUEST, "HTTP_SEC_FETCH_SITE=same-origin", 0},
	    {cookie, "Y=", 403},
	    {bearer, "Y=", 0},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		param_count = 0;
		memset(params, 0, sizeof(params));
		param("REQUEST_METHOD=POST");
		param("DOCUMENT_URI=/api/chat");
		param("CONTENT_TYPE=application/json");
		param(cases[i].credential);
		param(cases[i].origin);
		body("{}");
		cr_expect_eq(status(), cases[i].status, "%zu", i);
	}
}

Test(refuse, a_bearer_is_the_only_credential_beside_a_guests_cookie)
{
	good_put();
	param("REQUEST_METHOD=POST");
	param("DOCUMENT_URI=/api/chat");
	param(GUEST);
	cr_expect_eq(status(), 0);
}

Test(refuse, what_is_for_relays_is_unknown_to_others)
{
	param("REQUEST_METHOD=POST");
	param("DOCUMENT_URI=/api/chat/live");
	param("CONTENT_TYPE=application/json");
	param(MADE);
	body("{}");
	cr_expect_eq(status(), 404);
	param("HTTP_" SOCKET);
	cr_expect_eq(status(), 404);
	param(SOCKET);
	cr_expect_eq(status(), 0);
	param("LIVE_GUEST=");
	cr_expect_eq(status(), 401);
	param(bearer);
	cr_expect_eq(status(), 0);
}

Test(refuse, metrics_are_for_the_host_itself)
{
	param("REQUEST_METHOD=GET");
	param("DOCUMENT_URI=/api/metrics");
	param("REMOTE_ADDR=127.0.0.1");
	cr_expect_eq(status(), 0);
	param("REMOTE_ADDR=192.0.2.1");
	cr_expect_eq(status(), 403);
	expect_code("forbidden");
}
