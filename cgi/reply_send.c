/*
 * reply_send.c: answers on the wire, see reply.h.
 */
#include "cgi/reply.h"

#include <stdio.h>

#include "cgi/record.h"
#include "cgi/request.h"

#define TYPE_JSON "application/json; charset=utf-8"
#define STATUS_BYTES 64

static const struct {
	int status;
	const char *phrase; /* RFC 9110, 15 */
} phrases[] = {
    {200, "OK"},
    {201, "Created"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {429, "Too Many Requests"},
    {503, "Service Unavailable"},
};

static const char *
phrase_of(int status)
{
	for (size_t i = 0; i < sizeof(phrases) / sizeof(*phrases); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Internal Server Error";
}

static struct iovec
slice(const void *bytes, size_t len)
{
	return (struct iovec){(void *)bytes, len};
}

/* The lines that every answer has, below those of its handler. */
static void
finish_head(struct reply *out, const struct request *req)
{
	if (out->status != 304)
		reply_header(out, "Content-Type", "%s",
		    out->type ? out->type : TYPE_JSON);
	reply_header(
	    out, "Cache-Control", "%s", out->cache ? out->cache : "no-store");
	reply_header(out, "X-Request-Id", "%s", req->id);
	buffer_puts(&out->head, "\r\n");
}

static struct iovec
status_line(char line[STATUS_BYTES], int status)
{
	int len = snprintf(
	    line, STATUS_BYTES, "Status: %d %s\r\n", status, phrase_of(status));

	return slice(line, (size_t)len);
}

bool
reply_stream_begin(struct reply *out, FCGX_Request *fcgi,
    const struct request *req, const char *type)
{
	char line[STATUS_BYTES];
	struct iovec part[2];

	out->type = type;
	out->sent = true;
	finish_head(out, req);
	part[0] = status_line(line, out->status);
	part[1] = slice(out->head.data, out->head.len);
	out->lost = !record_send(fcgi->ipcFd, fcgi->requestId, part, 2, false);
	return !out->lost && !req->head;
}

bool
reply_stream(struct reply *out, FCGX_Request *fcgi)
{
	struct iovec part = slice(out->body.data, out->body.len);

	if (!out->lost)
		out->lost =
		    !record_send(fcgi->ipcFd, fcgi->requestId, &part, 1, false);
	buffer_reset(&out->body);
	return !out->lost;
}

bool
reply_send(struct reply *out, FCGX_Request *fcgi, const struct request *req)
{
	struct buffer *body = &out->body;
	char line[STATUS_BYTES];
	struct iovec part[3];
	size_t parts = 2;

	if (out->lost)
		return false;
	if (out->sent)
		return record_send(fcgi->ipcFd, fcgi->requestId, NULL, 0, true);

	if (out->status != 304) {
		if (body->len == 0 || body->data[body->len - 1] != '\n')
			buffer_char(body, '\n');
		reply_header(out, "Content-Length", "%zu", body->len);
	}
	finish_head(out, req);
	part[0] = status_line(line, out->status);
	part[1] = slice(out->head.data, out->head.len);
	if (out->status != 304 && !req->head)
		part[parts++] = slice(body->data, body->len);
	return record_send(fcgi->ipcFd, fcgi->requestId, part, parts, true);
}
