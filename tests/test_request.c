/*
 * Parameters, queries and bodies, as FastCGI brings them.
 */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cgi/clock.h"
#include "cgi/request.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))

static const struct settings settings = {.handler_ms = 10000};
static const struct service service = {.settings = &settings};
static struct request req;
static struct flaw flaw;
static FCGX_Request fcgi;
static FCGX_Stream in;

/* There is no more than what stands between rdNext and stop. */
static void
at_end(FCGX_Stream *stream)
{
	stream->isClosed = 1;
}

/* A request with this one parameter and this body. */
static void
given(const char *param, const char *body)
{
	static char *params[2];

	in = (FCGX_Stream){.isReader = 1, .fillBuffProc = at_end};
	in.rdNext = (unsigned char *)body;
	in.stop = in.wrNext = in.rdNext + strlen(body);
	params[0] = (char *)param;
	fcgi.envp = params;
	fcgi.in = &in;
	request_begin(&req, &fcgi, &service, NULL);
}

/* --- parameters --- */

Test(request, head_is_a_get_without_body)
{
	given("REQUEST_METHOD=HEAD", "");
	cr_expect_str_eq(req.method, "GET");
	cr_expect(req.head);
}

Test(request, without_parameters_everything_is_empty)
{
	given("OTHER=1", "");
	cr_expect_str_eq(req.method, "");
	cr_expect_str_eq(req.path, "");
	cr_expect_eq(req.content_length, 0);
	cr_expect_eq(request_waited_ms(&req), 0);
}

Test(request, an_id_that_is_none_is_replaced)
{
	static const struct {
		const char *param;
		bool kept;
	} cases[] = {
	    {"REQUEST_ID=0123456789abcdef0123456789abcdef", true},
	    {"REQUEST_ID=relay-1", true},
	    {"REQUEST_ID=", false},
	    {"REQUEST_ID=two words", false},
	    {"REQUEST_ID=a\r\nb", false},
	    {"REQUEST_ID=0123456789012345678901234567890123456789"
	     "0123456789012345678901234",
		false},
	    {"OTHER=1", false},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		given(cases[i].param, "");
		cr_expect_eq(
		    strcmp(req.id, strchr(cases[i].param, '=') + 1) == 0,
		    cases[i].kept, "%s", cases[i].param);
		cr_expect_gt(strlen(req.id), 0);
	}
}

Test(request, a_length_is_digits_alone)
{
	static const struct {
		const char *param;
		long length;
	} cases[] = {
	    {"CONTENT_LENGTH=", 0},
	    {"CONTENT_LENGTH=0", 0},
	    {"CONTENT_LENGTH=65536", 65536},
	    {"CONTENT_LENGTH=-1", -1},
	    {"CONTENT_LENGTH=+1", -1},
	    {"CONTENT_LENGTH= 1", -1},
	    {"CONTENT_LENGTH=1x", -1},
	    {"CONTENT_LENGTH=99999999999999999999", -1},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		given(cases[i].param, "");
		cr_expect_eq(
		    req.content_length, cases[i].length, "%s", cases[i].param);
	}
}

Test(request, waiting_counts_from_when_nginx_sent_it)
{
	int64_t then = clock_wall_ms() - 3000;
	char param[64];

	snprintf(param, sizeof(param), "REQUEST_MSEC=%" PRId64 ".%03d",
	    then / 1000, (int)(then % 1000));
	given(param, "");
	cr_expect_geq(request_waited_ms(&req), 3000);
	cr_expect_lt(request_waited_ms(&req), 60000);
	cr_expect_leq(req.deadline_ms, clock_steady_ms() + 7000);
	cr_expect_gt(req.deadline_ms, clock_steady_ms() - 50000);
}

Test(request, a_time_that_is_none_is_now)
{
	static const char *const params[] = {
	    "REQUEST_MSEC=", "REQUEST_MSEC=soon", "REQUEST_MSEC=1767400000",
	    "REQUEST_MSEC=1767400000.1", "REQUEST_MSEC=-5.000",
	    "REQUEST_MSEC=99999999999999999999.000",
	    "REQUEST_MSEC=9999999999.000"};

	for (size_t i = 0; i < COUNT_OF(params); i++) {
		given(params[i], "");
		cr_expect_eq(request_waited_ms(&req), 0, "%s", params[i]);
	}
}

Test(request, only_the_host_itself_is_loopback)
{
	static const struct {
		const char *param;
		bool is;
	} cases[] = {
	    {"REMOTE_ADDR=127.0.0.1", true},
	    {"REMOTE_ADDR=127.9.9.9", true},
	    {"REMOTE_ADDR=::1", true},
	    {"REMOTE_ADDR=unix:", true},
	    {"OTHER=1", true},
	    {"REMOTE_ADDR=", false},
	    {"REMOTE_ADDR=10.0.0.1", false},
	    {"REMOTE_ADDR=1270.0.0.1", false},
	    {"REMOTE_ADDR=::1:1", false},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		given(cases[i].param, "");
		cr_expect_eq(request_is_loopback(&req), cases[i].is, "%s",
		    cases[i].param);
	}
}

/* --- the query --- */

/* As "name=value;" with what was decoded, or "!" and the field. */
static const char *
parsed(const char *text)
{
	static struct query query;
	static char shown[QUERY_BYTES + 4 * QUERY_MAX];
	size_t len = 0;

	if (!query_parse(&query, text, &flaw)) {
		snprintf(shown, sizeof(shown), "!%s", flaw.field);
		return shown;
	}
	shown[0] = '\0';
	for (size_t i = 0; i < query.count; i++)
		len += (size_t)snprintf(shown + len, sizeof(shown) - len,
		    "%s=%s;", query.item[i].name, query.item[i].value);
	return shown;
}

Test(request, a_query_is_split_and_decoded_strictly)
{
	static const struct {
		const char *text, *result;
	} cases[] = {
	    {"", ""},
	    {"a=1", "a=1;"},
	    {"a=1&b=2", "a=1;b=2;"},
	    {"a", "a=;"},
	    {"a=", "a=;"},
	    {"a&b", "a=;b=;"},
	    {"&&a=1&", "a=1;"},
	    {"a=b=c", "a=b=c;"},
	    {"a=x+y", "a=x y;"},
	    {"a=x%2By%40z", "a=x+y@z;"},
	    {"%61=%62", "a=b;"},
	    {"a=%c3%BC", "a=\xc3\xbc;"},
	    {"a=\xc3\xbc", "a=\xc3\xbc;"},
	    {"a=%26%3D", "a=&=;"},
	    {"a=1&a=1", "!a"},
	    {"a=1&a=2", "!a"},
	    {"a=1&%61=2", "!a"},
	    {"a&a", "!a"},
	    {"customerId=x&customerId=y", "!customerId"},
	    {"a=1&b=2&a=3", "!a"},
	    {"=1", "!"},
	    {"a=%", "!a"},
	    {"a=%4", "!a"},
	    {"a=%4x", "!a"},
	    {"a=%x4", "!a"},
	    {"a=%00", "!a"},
	    {"a=%0", "!a"},
	    {"%00=1", "!"},
	    {"a=%ff", "!a"},
	    {"a=%c3", "!a"},
	    {"a=%c3&b=%bc", "!a"},
	    {"a=%ed%a0%80", "!a"},
	    {"a=%c0%80", "!a"},
	    {"a=\xff", "!a"},
	    {"a%20b=1&a+b=2", "!a query parameter"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		cr_expect_str_eq(parsed(cases[i].text), cases[i].result,
		    "%s gave %s", cases[i].text, parsed(cases[i].text));
}

Test(request, a_query_has_at_most_32_parameters)
{
	char text[4 * QUERY_MAX + 8] = "";

	for (int i = 0; i < QUERY_MAX; i++)
		strcat(text, (char[]){(char)(i < 26 ? 'A' + i : 'a' + i - 26),
				 '=', '&', '\0'});
	cr_expect_neq(*parsed(text), '!');
	strcat(text, "more=1");
	cr_expect_eq(*parsed(text), '!');
}

Test(request, a_query_that_is_too_long_is_refused_at_every_length)
{
	static char text[QUERY_BYTES + 64];

	for (size_t len = QUERY_BYTES - 40; len < QUERY_BYTES + 40; len++) {
		bool fits = len + 1 <= QUERY_BYTES; /* "a\0" is "a=" */

		memset(text, 'x', len);
		memcpy(text, "a=", 2);
		text[len] = '\0';
		cr_expect_eq(*parsed(text) != '!', fits, "%zu", len);
	}
}

Test(request, an_integer_parameter_is_in_range_or_a_flaw)
{
	static const struct {
		const char *query;
		int64_t n; /* -99: a flaw */
	} cases[] = {
	    {"QUERY_STRING=", 50},
	    {"QUERY_STRING=limit=1", 1},
	    {"QUERY_STRING=limit=-5", -5},
	    {"QUERY_STRING=limit=200", 200},
	    {"QUERY_STRING=limit=007", 7},
	    {"QUERY_STRING=limit=201", -99},
	    {"QUERY_STRING=limit=-6", -99},
	    {"QUERY_STRING=limit=", -99},
	    {"QUERY_STRING=limit", -99},
	    {"QUERY_STRING=limit=ten", -99},
	    {"QUERY_STRING=limit=1.0", -99},
	    {"QUERY_STRING=limit=1e1", -99},
	    {"QUERY_STRING=limit=+1", -99},
	    {"QUERY_STRING=limit=%201", -99},
	    {"QUERY_STRING=limit=1%20", -99},
	    {"QUERY_STRING=limit=--1", -99},
	    {"QUERY_STRING=limit=99999999999999999999", -99},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int64_t n = 50;

		given(cases[i].query, "");
		cr_assert(request_query(&req, &flaw));
		if (!request_arg_int(&req, "limit", -5, 200, &n, &flaw))
			n = -99;
		cr_expect_eq(n, cases[i].n, "%s", cases[i].query);
	}
	cr_expect_str_eq(flaw.field, "limit");
	cr_expect_str_eq(
	    flaw.reason, "limit must be an integer from -5 to 200");
}

/* --- the body --- */

Test(request, a_body_is_one_strict_json_object)
{
	static const struct {
		const char *text;
		int code; /* -1: good */
		const char *field;
	} cases[] = {
	    {"{}", -1, ""},
	    {" {\"a\":1}\n", -1, ""},
	    {"", BAD_JSON, ""},
	    {" ", BAD_JSON, ""},
	    {"[]", BAD_JSON, ""},
	    {"[{}]", BAD_JSON, ""},
	    {"null", BAD_JSON, ""},
	    {"\"a\"", BAD_JSON, ""},
	    {"7", BAD_JSON, ""},
	    {"{", BAD_JSON, ""},
	    {"{}{}", BAD_JSON, ""},
	    {"{\"a\":1,}", BAD_JSON, ""},
	    {"{\"a\":1,\"a\":2}", BAD_FIELD, "a"},
	    {"{\"m\":{\"a\":1,\"a\":2}}", BAD_FIELD, "m.a"},
	    {"{\"a\":9007199254740992}", BAD_FIELD, "a"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct json_object *body = NULL;
		const char *text = cases[i].text;
		bool good = body_parse(&body, text, strlen(text), &flaw);

		cr_expect_eq(good, cases[i].code < 0, "%s", text);
		cr_expect_eq(body != NULL, good, "%s", text);
		json_object_put(body);
		if (good)
			continue;
		cr_expect_eq((int)flaw.code, cases[i].code, "%s", text);
		cr_expect_eq(flaw.status, 400);
		if (flaw.code == BAD_FIELD)
			cr_expect_str_eq(flaw.field, cases[i].field);
	}
}

Test(request, a_body_is_exactly_as_long_as_was_said)
{
	static const struct {
		const char *length;
		bool good;
	} cases[] = {
	    {"CONTENT_LENGTH=7", true},
	    {"CONTENT_LENGTH=6", false},
	    {"CONTENT_LENGTH=8", false},
	    {"CONTENT_LENGTH=0", false},
	    {"CONTENT_LENGTH=seven", false},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		given(cases[i].length, "{\"a\":1}");
		cr_expect_eq(request_body(&req, &flaw), cases[i].good, "%s",
		    cases[i].length);
		cr_expect_eq(req.body != NULL, cases[i].good);
		request_end(&req);
	}
}

Test(request, what_is_left_is_drained)
{
	given("OTHER=1", "this was not asked for");
	cr_expect(request_drain(&req));
	cr_expect_eq(in.rdNext, in.stop);
	in.FCGI_errno = 11;
	cr_expect_not(request_drain(&req));
}
