/*
 * route.h: the table of endpoints, and the order of refusals.
 *
 * For every request: 503 where it waited too long for a worker, 404 unknown
 * path, 401, 403 origin, 405 with Allow, 415, 413, 429, 400 (query, then
 * body), then the handler.  To add an endpoint, add a row to route.c, a
 * function, and its description to openapi.json.
 */
#ifndef CGI_ROUTE_H
#define CGI_ROUTE_H

#include <stdbool.h>
#include <stdio.h>

#include "cgi/reply.h"
#include "cgi/request.h"

enum route_flag {
	ROUTE_AUTH = 1,      /* 401 without a proven caller */
	ROUTE_BODY = 2,      /* needs a JSON body */
	ROUTE_BODY_MAY = 4,  /* may have one */
	ROUTE_THREAD = 8,    /* body up to settings thread_bytes */
	ROUTE_LOOPBACK = 16, /* others are told 403 */
	ROUTE_EPOCH = 32,    /* its 2xx carry "epoch" (documentation) */
	ROUTE_TAKES = 64,    /* costs a token of limits.h, 429 without */
	ROUTE_CHECKS = 128,  /* 429 while there is none; spends its own */
	ROUTE_DEMO = 256,    /* unknown unless settings demo is on */
	ROUTE_VISITOR = 512, /* who proves nothing is a guest */
	ROUTE_LIVE = 1024,   /* unknown to all but relays */
};

struct route {
	const char *method; /* GET serves HEAD too */
	const char *path;
	int (*run)(struct request *req, struct reply *out);
	unsigned flags;
	const char *live; /* what a relay asks it for, NULL: nothing */
};

#define ROUTES_MAX 24
extern const struct route routes[];
extern const size_t route_count;

/* Answer one request: find, refuse or run, and count it (metrics.h). */
void route_run(struct request *req, struct reply *out);

/* One line "METHOD path" per row: api --routes, read by the tests. */
void route_print(FILE *out);

#endif
