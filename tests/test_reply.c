/*
 * What is answered, and how it looks on the wire.
 */
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cgi/reply.h"
#include "cgi/request.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))

static struct reply out;
static struct request req;
static FCGX_Request fcgi;
static int peer;
static char got[65536];

static void
begin(void)
{
	int end[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, end), 0);
	fcgi.ipcFd = end[0];
	fcgi.requestId = 1;
	peer = end[1];
	req.id = "request-1";
	reply_begin(&out);
}

static void
end(void)
{
	reply_release(&out);
}

TestSuite(reply, .init = begin, .fini = end);

/* The HTTP text of the answer: the first record's content. */
static const char *
heard(void)
{
	ssize_t len = recv(peer, got, sizeof(got) - 1, 0);
	size_t content;

	if (len <= 8)
		return "";
	content = (size_t)(unsigned char)got[4] << 8 | (unsigned char)got[5];
	got[8 + content] = '\0';
	return got + 8;
}

Test(reply, an_answer_has_status_length_type_cache_id_and_a_newline)
{
	buffer_puts(&out.body, "{\"success\":true}");
	cr_expect_eq(reply_json(&out, 201), 201);
	cr_expect(reply_send(&out, &fcgi, &req));
	cr_expect_str_eq(heard(),
	    "Status: 201 Created\r\n"
	    "Content-Length: 17\r\n"
	    "Content-Type: application/json; charset=utf-8\r\n"
	    "Cache-Control: no-store\r\n"
	    "X-Request-Id: request-1\r\n"
	    "\r\n"
	    "{\"success\":true}\n");
}

Test(reply, a_text_that_ends_with_a_newline_gets_no_second)
{
	buffer_puts(&out.body, "metric 1\n");
	out.type = "text/plain";
	reply_json(&out, 200);
	reply_send(&out, &fcgi, &req);
	cr_expect_not_null(strstr(heard(), "Content-Length: 9\r\n"));
	cr_expect_not_null(strstr(got + 8, "\r\nContent-Type: text/plain\r\n"));
}

Test(reply, head_has_the_length_of_get_and_no_body)
{
	req.head = true;
	buffer_puts(&out.body, "{}");
	reply_json(&out, 200);
	reply_send(&out, &fcgi, &req);
	cr_expect_not_null(strstr(heard(), "Content-Length: 3\r\n"));
	cr_expect_str_eq(strstr(got + 8, "\r\n\r\n"), "\r\n\r\n");
}

Test(reply, unchanged_has_an_etag_and_neither_body_nor_length)
{
	buffer_puts(&out.body, "begun");
	cr_expect_eq(reply_unchanged(&out, "\"v1\""), 304);
	reply_send(&out, &fcgi, &req);
	cr_expect_str_eq(heard(), "Status: 304 Not Modified\r\n"
				  "ETag: \"v1\"\r\n"
				  "Cache-Control: private, no-cache\r\n"
				  "X-Request-Id: request-1\r\n"
				  "\r\n");
}

Test(reply, a_refusal_wears_the_envelope)
{
	cr_expect_eq(reply_error(&out, 404, NOT_FOUND, "no %s", "room"), 404);
	cr_expect_str_eq(out.body.data,
	    "{\"success\":false,\"reason\":\"no room\",\"error\":\"no room\","
	    "\"code\":\"not_found\",\"written\":false}");
}

Test(reply, a_refusal_forgets_the_answer_begun_before)
{
	buffer_puts(&out.body, "{\"success\":true,");
	out.type = "text/plain";
	out.cache = "private, no-cache";
	reply_header(&out, "ETag", "\"v1\"");
	reply_error(&out, 503, UNAVAILABLE, "away");
	reply_send(&out, &fcgi, &req);
	cr_expect_null(strstr(heard(), "ETag"));
	cr_expect_not_null(strstr(got + 8, "Cache-Control: no-store\r\n"));
	cr_expect_not_null(strstr(got + 8, "application/json"));
	cr_expect_not_null(strstr(got + 8, "\r\n\r\n{\"success\":false"));
}

Test(reply, a_reason_is_escaped_as_json)
{
	struct json_object *body, *reason;

	reply_error(&out, 400, BAD_FIELD, "\"%s\"\n", "\\");
	body = json_tokener_parse(out.body.data);
	cr_assert(json_object_object_get_ex(body, "reason", &reason));
	cr_expect_str_eq(json_object_get_string(reason), "\"\\\"\n");
	json_object_put(body);
}

Test(reply, a_reason_is_cut_between_characters)
{
	char text[2 * FLAW_REASON_BYTES] = "";

	for (int shift = 0; shift < 4; shift++) {
		struct json_tokener *strict = json_tokener_new();
		struct json_object *body;

		memset(text, 'x', (size_t)shift);
		text[shift] = '\0';
		while (strlen(text) + 4 < sizeof(text))
			strcat(text, "\xf0\x9f\x9a\x97");
		reply_error(&out, 400, BAD_FIELD, "%s", text);
		json_tokener_set_flags(strict, JSON_TOKENER_VALIDATE_UTF8);
		body = json_tokener_parse_ex(
		    strict, out.body.data, (int)out.body.len);
		cr_expect_not_null(body, "shifted by %d", shift);
		json_object_put(body);
		json_tokener_free(strict);
	}
}

Test(reply, every_code_has_its_word)
{
	static const char *const words[] = {"bad_json", "bad_field",
	    "unknown_field", "too_large", "unauthorized", "forbidden",
	    "not_found", "conflict", "id_reused", "already_answered",
	    "rate_limited", "unavailable", "internal", "origin", "bad_method",
	    "bad_type"};

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		char wanted[64];

		snprintf(wanted, sizeof(wanted), "\"code\":\"%s\"", words[i]);
		reply_error(&out, 400, (enum error_code)i, "no");
		cr_expect_not_null(strstr(out.body.data, wanted));
	}
	cr_expect_eq(COUNT_OF(words), BAD_TYPE + 1);
}

Test(reply, results_of_the_store_have_their_status)
{
	static const struct {
		enum store_result result;
		int status;
		const char *code, *written;
	} cases[] = {
	    {STORE_ABSENT, 404, "not_found", "false"},
	    {STORE_FORBIDDEN, 403, "forbidden", "false"},
	    {STORE_REUSED, 409, "id_reused", "false"},
	    {STORE_ANSWERED, 409, "already_answered", "false"},
	    {STORE_EXPIRED, 409, "conflict", "false"},
	    {STORE_NO_MESSAGE, 404, "not_found", "false"},
	    {STORE_WRONG_KIND, 409, "conflict", "false"},
	    {STORE_FULL, 409, "conflict", "false"},
	    {STORE_BUSY, 503, "unavailable", "false"},
	    {STORE_DOWN, 503, "unavailable", "false"},
	    {STORE_UNKNOWN, 503, "unavailable", "\"unknown\""},
	    {STORE_OK, 500, "internal", "false"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char wanted[64];

		snprintf(wanted, sizeof(wanted),
		    "\"code\":\"%s\",\"written\":%s}", cases[i].code,
		    cases[i].written);
		cr_expect_eq(
		    reply_store(&out, cases[i].result), cases[i].status);
		cr_expect_eq(out.status, cases[i].status);
		cr_expect_not_null(strstr(out.body.data, wanted));
		cr_expect_eq(out.head.len > 0, out.status == 503);
	}
}

Test(reply, too_many_says_when_to_come_back)
{
	cr_expect_eq(reply_limited(&out, 7, "messages"), 429);
	reply_send(&out, &fcgi, &req);
	cr_expect_not_null(strstr(heard(), "Retry-After: 7\r\n"));
	cr_expect_not_null(strstr(got + 8, "\"code\":\"rate_limited\""));
}

Test(reply, a_header_line_cannot_become_two)
{
	reply_header(&out, "Link", "<%s>", "a\r\nSet-Cookie: x=y");
	reply_header(&out, "ETag", "\"v1\"");
	cr_expect_str_eq(out.head.data, "ETag: \"v1\"\r\n");
}

Test(reply, a_stream_has_no_length_and_comes_in_pieces)
{
	buffer_puts(&out.body, "{\"n\":1}\n");
	cr_expect(
	    reply_stream_begin(&out, &fcgi, &req, "application/x-ndjson"));
	cr_expect_null(strstr(heard(), "Content-Length"));
	cr_expect_not_null(strstr(got + 8, "application/x-ndjson\r\n"));
	cr_expect(reply_stream(&out, &fcgi));
	cr_expect_str_eq(heard(), "{\"n\":1}\n");
	cr_expect_eq(out.body.len, 0);
	cr_expect(reply_send(&out, &fcgi, &req));
	cr_expect_eq(recv(peer, got, sizeof(got), 0), 24);
}

Test(reply, a_stream_that_fails_is_cut_not_ended)
{
	reply_stream_begin(&out, &fcgi, &req, "application/x-ndjson");
	cr_expect_eq(reply_store(&out, STORE_DOWN), 503);
	cr_expect_not(reply_send(&out, &fcgi, &req));
}

Test(reply, nobody_listens_to_the_stream_of_a_head)
{
	req.head = true;
	cr_expect_not(
	    reply_stream_begin(&out, &fcgi, &req, "application/x-ndjson"));
	cr_expect(reply_send(&out, &fcgi, &req));
}
