/*
 * reply.c: what to answer, see reply.h; reply_send.c puts it on the wire.
 */
#include "cgi/reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cgi/json_out.h"
#include "cgi/request.h"
#include "cgi/text.h"

#define RETRY_S 1 /* when the database is away */

static const char *const code_words[] = {
    [BAD_JSON] = "bad_json",
    [BAD_FIELD] = "bad_field",
    [UNKNOWN_FIELD] = "unknown_field",
    [TOO_LARGE] = "too_large",
    [UNAUTHORIZED] = "unauthorized",
    [FORBIDDEN] = "forbidden",
    [NOT_FOUND] = "not_found",
    [CONFLICT] = "conflict",
    [ID_REUSED] = "id_reused",
    [ALREADY_ANSWERED] = "already_answered",
    [RATE_LIMITED] = "rate_limited",
    [UNAVAILABLE] = "unavailable",
    [INTERNAL] = "internal",
    [ORIGIN] = "origin",
    [BAD_METHOD] = "bad_method",
    [BAD_TYPE] = "bad_type",
};

/* Results that are no success. */
static const struct {
	int status; /* 0: not one of these */
	enum error_code code;
	const char *reason;
} results[] = {
    [STORE_ABSENT] = {404, NOT_FOUND, "there is no such conversation"},
    [STORE_FORBIDDEN] = {403, FORBIDDEN, "this is not yours to do"},
    [STORE_REUSED] = {409, ID_REUSED, "this id was used for another message"},
    [STORE_ANSWERED] = {409, ALREADY_ANSWERED, "this was answered already"},
    [STORE_EXPIRED] = {409, CONFLICT, "this offer has expired"},
    [STORE_NO_MESSAGE] = {404, NOT_FOUND, "there is no such message"},
    [STORE_WRONG_KIND] = {409, CONFLICT, "this message takes no such answer"},
    [STORE_FULL] = {409, CONFLICT, "too many of yours are still pending"},
    [STORE_BUSY] = {503, UNAVAILABLE, "the conversation is busy, try again"},
    [STORE_DOWN] = {503, UNAVAILABLE, "the database does not answer"},
    [STORE_UNKNOWN] = {503, UNAVAILABLE,
	"the database did not confirm; repeat with the same id"},
};

void
reply_begin(struct reply *out)
{
	out->status = 200;
	out->type = NULL;
	out->cache = NULL;
	buffer_reset(&out->body);
	buffer_reset(&out->head);
	out->sent = false;
	out->lost = false;
}

void
reply_release(struct reply *out)
{
	buffer_release(&out->body);
	buffer_release(&out->head);
}

void
reply_header(struct reply *out, const char *name, const char *format, ...)
{
	struct buffer *head = &out->head;
	size_t start = head->len;
	va_list args;

	buffer_printf(head, "%s: ", name);
	va_start(args, format);
	buffer_vprintf(head, format, args);
	va_end(args);
	if (text_has_control(head->data + start, head->len - start))
		head->len = start;
	else
		buffer_puts(head, "\r\n");
}

void
reply_cookie(struct reply *out, const struct request *req, const char *name,
    const char *value, long max_age_s)
{
	const char *https = request_param(req, "HTTPS");
	bool secure = req->service->settings->cookie_secure ||
		      (https && strcmp(https, "on") == 0);

	reply_header(out, "Set-Cookie",
	    "%s=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%ld%s", name, value,
	    max_age_s, secure ? "; Secure" : "");
}

/* Where a reason was cut inside a character, take the rest of it away. */
static size_t
whole_characters(const char *text)
{
	size_t len = strlen(text);
	size_t whole = len;

	while (whole > 0 && len - whole < 4 && !text_is_utf8(text, whole))
		whole--;
	return whole;
}

static int
refuse(struct reply *out, int status, enum error_code code, const char *reason,
    const char *written)
{
	struct buffer *b = &out->body;
	size_t len = whole_characters(reason);

	if (out->sent) { /* too late for a refusal: cut the stream */
		out->lost = true;
		return status;
	}
	reply_begin(out);
	out->status = status;
	buffer_puts(b, "{\"success\":false,\"reason\":");
	json_string(b, reason, len);
	buffer_puts(b, ",\"error\":");
	json_string(b, reason, len);
	buffer_printf(
	    b, ",\"code\":\"%s\",\"written\":%s}", code_words[code], written);
	return status;
}

int
reply_error(struct reply *out, int status, enum error_code code,
    const char *format, ...)
{
	char reason[FLAW_REASON_BYTES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	return refuse(out, status, code, reason, "false");
}

int
reply_flaw(struct reply *out, const struct flaw *flaw)
{
	return refuse(out, flaw->status, flaw->code, flaw->reason, "false");
}

int
reply_limited(struct reply *out, long retry_after_s, const char *what)
{
	reply_error(out, 429, RATE_LIMITED, "too many %s, try again in %ld s",
	    what, retry_after_s);
	reply_header(out, "Retry-After", "%ld", retry_after_s);
	return 429;
}

int
reply_unavailable(struct reply *out, const char *reason)
{
	reply_error(out, 503, UNAVAILABLE, "%s", reason);
	reply_header(out, "Retry-After", "%d", RETRY_S);
	return 503;
}

int
reply_store(struct reply *out, enum store_result result)
{
	int status = results[result].status;

	if (status == 0)
		return reply_error(out, 500, INTERNAL,
		    "the answer of the database was not expected");
	refuse(out, status, results[result].code, results[result].reason,
	    result == STORE_UNKNOWN ? "\"unknown\"" : "false");
	if (status == 503)
		reply_header(out, "Retry-After", "%d", RETRY_S);
	return status;
}

int
reply_json(struct reply *out, int status)
{
	out->status = status;
	return status;
}

int
reply_unchanged(struct reply *out, const char *etag)
{
	reply_begin(out);
	out->status = 304;
	out->cache = "private, no-cache";
	reply_header(out, "ETag", "%s", etag);
	return 304;
}
