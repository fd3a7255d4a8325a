/*
 * request.h: one HTTP request, as handlers see it.
 *
 * request_begin() takes the FastCGI parameters; request_query() and
 * request_body() are called by route.c in the contract's order of refusals.
 * All strings are lent until the request ends.
 */
#ifndef CGI_REQUEST_H
#define CGI_REQUEST_H

#include <fcgiapp.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cgi/buffer.h"
#include "cgi/flaw.h"
#include "cgi/guest.h"
#include "cgi/identity.h"
#include "cgi/settings.h"

#define QUERY_MAX 32     /* parameters; more are 400 */
#define QUERY_BYTES 8192 /* decoded, together */

struct store;
struct jwt_keys;
struct limits;
struct route;

/* What all workers share, made by main.c before they start. */
struct service {
	const struct settings *settings;
	const struct jwt_keys *keys;
	struct limits *limits;        /* messages of an account */
	struct limits *chat_lines;    /* of a side of a support session */
	struct limits *chat_sessions; /* new ones of an address */
};

struct query {
	struct {
		const char *name, *value;
	} item[QUERY_MAX];
	size_t count;
	char bytes[QUERY_BYTES];
};

struct request {
	FCGX_Request *fcgi;
	const struct service *service;
	struct store *store; /* this worker's */
	const struct route *route;

	const char *method; /* "GET" for HEAD too */
	bool head;
	const char *path; /* DOCUMENT_URI: decoded and merged by nginx */
	const char *id;   /* nginx's $request_id, else one of ours */
	char made_id[TEXT_RANDOM_BYTES];
	long content_length; /* 0 where absent, -1 where it is no length */

	struct caller caller;
	struct guest guest; /* in the support chat */
	struct query query;
	char *raw;                /* the body */
	struct json_object *body; /* NULL without one */
	int64_t began_us;         /* clock_steady_us() */
	int64_t deadline_ms;      /* clock_steady_ms() */
	struct buffer live;       /* frames of publish.h; kept by the worker */
};

void request_begin(struct request *req, FCGX_Request *fcgi,
    const struct service *service, struct store *store);
void request_end(struct request *req);

/* A FastCGI parameter, or NULL. */
const char *request_param(const struct request *req, const char *name);

/* Milliseconds since nginx sent this request ($msec as REQUEST_MSEC). */
int64_t request_waited_ms(const struct request *req);

/*
 * Split and decode the query strictly: bad escapes, bad UTF-8, NUL, more
 * than QUERY_MAX and a repeated name are flaws (400).  "+" is a blank.
 */
bool request_query(struct request *req, struct flaw *flaw);
bool query_parse(struct query *query, const char *text, struct flaw *flaw);

/* The value of a query parameter, "" if it has none; NULL where absent. */
const char *request_arg(const struct request *req, const char *name);

/* An integer parameter within min..max; *n unchanged where absent. */
bool request_arg_int(const struct request *req, const char *name, int64_t min,
    int64_t max, int64_t *n, struct flaw *flaw);

/*
 * Read exactly content_length bytes, scan strictly, parse.  Flaws: BAD_JSON
 * (or BAD_FIELD with the path, for duplicate keys, numbers, nesting), a cut
 * body.  The body must be an object.
 */
bool request_body(struct request *req, struct flaw *flaw);
bool body_parse(
    struct json_object **body, const char *text, size_t len, struct flaw *flaw);

/*
 * Read what is left of the request, so that its connection can serve the
 * next.  False where that is too much or does not come: close it.
 */
bool request_drain(struct request *req);

/* True for 127.0.0.0/8, ::1 and the Unix socket itself. */
bool request_is_loopback(const struct request *req);

#endif
