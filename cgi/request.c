/*
 * request.c: see request.h.
 */
#include "cgi/request.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cgi/clock.h"
#include "cgi/text.h"
#include "ws/scan.h"

#define REQUEST_ID_MAX 64
#define DRAIN_MAX (2 * 1024 * 1024) /* twice what nginx lets through */

const char *
request_param(const struct request *req, const char *name)
{
	return FCGX_GetParam(name, req->fcgi->envp);
}

static const char *
param_or_empty(const struct request *req, const char *name)
{
	const char *value = request_param(req, name);

	return value ? value : "";
}

/* A decimal number of digits alone, or -1. */
static long
read_length(const char *digits)
{
	char *end;
	long n;

	if (*digits == '\0')
		return 0;
	if (!isdigit((unsigned char)*digits))
		return -1;
	errno = 0;
	n = strtol(digits, &end, 10);
	return *end == '\0' && errno == 0 ? n : -1;
}

void
request_begin(struct request *req, FCGX_Request *fcgi,
    const struct service *service, struct store *store)
{
	const char *id;

	req->fcgi = fcgi;
	req->service = service;
	req->store = store;
	req->route = NULL;
	req->method = param_or_empty(req, "REQUEST_METHOD");
	req->head = strcmp(req->method, "HEAD") == 0;
	if (req->head)
		req->method = "GET";
	req->path = param_or_empty(req, "DOCUMENT_URI");
	req->content_length =
	    read_length(param_or_empty(req, "CONTENT_LENGTH"));

	id = param_or_empty(req, "REQUEST_ID");
	if (!text_is_token(id, strlen(id), REQUEST_ID_MAX)) {
		text_random(req->made_id);
		id = req->made_id;
	}
	req->id = id;

	req->caller.id_count = 0;
	req->guest = (struct guest){0};
	req->query.count = 0;
	req->raw = NULL;
	req->body = NULL;
	req->began_us = clock_steady_us();
	req->deadline_ms = clock_steady_ms() - request_waited_ms(req) +
			   service->settings->handler_ms;
}

void
request_end(struct request *req)
{
	json_object_put(req->body);
	free(req->raw);
	req->body = NULL;
	req->raw = NULL;
}

/* REQUEST_MSEC is "1767400000.123". */
int64_t
request_waited_ms(const struct request *req)
{
	const char *sent = param_or_empty(req, "REQUEST_MSEC");
	char *end;
	long long seconds, waited;

	if (!isdigit((unsigned char)*sent))
		return 0;
	seconds = strtoll(sent, &end, 10);
	if (*end != '.' || strlen(end) != 4 || seconds > INT64_MAX / 2000)
		return 0;
	waited = clock_wall_ms() - seconds * 1000 - strtol(end + 1, NULL, 10);
	return waited > 0 ? waited : 0;
}

bool
request_is_loopback(const struct request *req)
{
	const char *address = request_param(req, "REMOTE_ADDR");

	return !address || strcmp(address, "unix:") == 0 ||
	       strcmp(address, "::1") == 0 || strncmp(address, "127.", 4) == 0;
}

/* --- the body --- */

static bool
scan_flaw_set(struct flaw *flaw, const struct scan_flaw *found)
{
	if (found->malformed)
		return flaw_set(flaw, BAD_JSON, found->path,
		    "the body is not valid JSON: %s%s%s at byte %zu",
		    found->path, *found->path ? ": " : "", found->reason,
		    found->offset);
	return flaw_set(flaw, BAD_FIELD, found->path, "%s: %s",
	    *found->path ? found->path : "the body", found->reason);
}

bool
body_parse(
    struct json_object **body, const char *text, size_t len, struct flaw *flaw)
{
	struct scan_flaw found;
	struct json_tokener *tokener;

	if (len == 0)
		return flaw_set(flaw, BAD_JSON, "", "the body is empty");
	if (!scan_check(text, len, &found))
		return scan_flaw_set(flaw, &found);

	tokener = json_tokener_new();
	*body = json_tokener_parse_ex(tokener, text, (int)len);
	json_tokener_free(tokener);
	if (json_object_is_type(*body, json_type_object))
		return true;
	json_object_put(*body);
	*body = NULL;
	return flaw_set(flaw, BAD_JSON, "", "the body must be a JSON object");
}

bool
request_body(struct request *req, struct flaw *flaw)
{
	FCGX_Stream *in = req->fcgi->in;
	int len = (int)req->content_length;

	assert(req->content_length < INT_MAX); /* refuse.c's limits are less */
	if (len < 0)
		return flaw_set(
		    flaw, BAD_JSON, "", "Content-Length is not a number");
	req->raw = malloc((size_t)len + 1);
	if (!req->raw)
		abort();
	if (FCGX_GetStr(req->raw, len, in) != len || FCGX_GetChar(in) != EOF)
		return flaw_set(flaw, BAD_JSON, "",
		    "the body is not as long as Content-Length says");
	req->raw[len] = '\0';
	return body_parse(&req->body, req->raw, (size_t)len, flaw);
}

/* The body ends with a record of its own, which nobody has read yet. */
bool
request_drain(struct request *req)
{
	FCGX_Stream *in = req->fcgi->in;
	char waste[4096];
	long total = 0;
	int got;

	do {
		got = FCGX_GetStr(waste, sizeof(waste), in);
		total += got;
	} while (got == (int)sizeof(waste) && total < DRAIN_MAX);
	return got < (int)sizeof(waste) && FCGX_GetError(in) == 0;
}
