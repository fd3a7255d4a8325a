/*
 * reply.h: the only writer of HTTP.
 *
 * Every answer has an exact Content-Length (a crash in mid-body would else be
 * a clean 200), X-Request-Id, Cache-Control, and a newline at the end.
 * Failure: {"success":false,"reason":s,"error":s,"code":w,"written":false}.
 */
#ifndef CGI_REPLY_H
#define CGI_REPLY_H

#include <fcgiapp.h>
#include <stdbool.h>

#include "cgi/buffer.h"
#include "cgi/flaw.h"
#include "cgi/store_result.h"

struct request;

struct reply {
	int status;
	const char *type;   /* JSON unless set */
	const char *cache;  /* no-store unless set */
	struct buffer body; /* reused by the worker */
	struct buffer head; /* further lines, with CRLF */
	bool sent;          /* streamed already */
	bool lost;          /* the peer is gone or does not read */
};

void reply_begin(struct reply *out);
void reply_release(struct reply *out);

/* Add "Name: value"; a value with control characters is left out. */
void reply_header(struct reply *out, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Set a cookie for the whole site that scripts cannot read; max_age_s 0 clears
 * it.  Secure where nginx speaks HTTPS, or the settings say so.
 */
void reply_cookie(struct reply *out, const struct request *req,
    const char *name, const char *value, long max_age_s);

/*
 * Refuse.  written is false: nothing was written.  Body, header lines, type
 * and cache of an answer begun before are forgotten.  They return the status,
 * so that handlers end in "return reply_...".
 */
int reply_error(struct reply *out, int status, enum error_code code,
    const char *format, ...) __attribute__((format(printf, 4, 5)));
int reply_flaw(struct reply *out, const struct flaw *flaw);

/* 429 with Retry-After. */
int reply_limited(struct reply *out, long retry_after_s, const char *what);

/* 503 with Retry-After; nothing was written. */
int reply_unavailable(struct reply *out, const char *reason);

/*
 * The status of any result but success: 404, 403, 409, and 503 with
 * Retry-After, where STORE_UNKNOWN is written "unknown".
 */
int reply_store(struct reply *out, enum store_result result);

/* 200 or 201 where body already holds the whole text, JSON unless type. */
int reply_json(struct reply *out, int status);

/* 304 with this ETag and nothing else. */
int reply_unchanged(struct reply *out, const char *etag);

/*
 * Stream: write the head without Content-Length now, then body, chunk by
 * chunk, each emptied when sent.  False once nobody listens: the peer is
 * gone, or wants no body (HEAD).  Only the export does.
 */
bool reply_stream_begin(struct reply *out, FCGX_Request *fcgi,
    const struct request *req, const char *type);
bool reply_stream(struct reply *out, FCGX_Request *fcgi);

/*
 * Send what was replied, and end the FastCGI request.  False if the peer is
 * gone or too slow: then its connection must be closed.
 */
bool reply_send(
    struct reply *out, FCGX_Request *fcgi, const struct request *req);

#endif
