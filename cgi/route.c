/*
 * route.c: see route.h; the refusals are in refuse.c.
 */
#include "cgi/route.h"

#include <string.h>

#include "cgi/clock.h"
#include "cgi/conversations.h"
#include "cgi/health.h"
#include "cgi/metrics.h"
#include "cgi/refuse.h"
#include "cgi/session.h"
#include "cgi/store.h"

#define CONVERSATIONS "/api/conversations"

/* clang-format off */
const struct route routes[] = {
	{"GET", CONVERSATIONS, conversations_get, ROUTE_AUTH | ROUTE_EPOCH},
	{"POST", CONVERSATIONS, conversations_post,
		ROUTE_AUTH | ROUTE_EPOCH | ROUTE_BODY | ROUTE_THREAD | ROUTE_CHECKS},
	{"PUT", CONVERSATIONS, conversations_put,
		ROUTE_AUTH | ROUTE_EPOCH | ROUTE_BODY | ROUTE_TAKES},
	{"PATCH", CONVERSATIONS, conversations_patch,
		ROUTE_AUTH | ROUTE_EPOCH | ROUTE_BODY},
	{"DELETE", CONVERSATIONS, conversations_delete,
		ROUTE_AUTH | ROUTE_EPOCH | ROUTE_BODY_MAY},
	{"GET", CONVERSATIONS "/export", conversations_export, ROUTE_AUTH},
	{"GET", "/api/session", session_get, ROUTE_AUTH},
	{"DELETE", "/api/session", session_delete, ROUTE_AUTH},
	{"POST", "/api/demo/login", session_demo_login, ROUTE_BODY | ROUTE_DEMO},
	{"GET", "/api/health", health_get, 0},
	{"GET", "/api/metrics", metrics_get, ROUTE_LOOPBACK},
	{"GET", "/api/openapi.json", openapi_get, 0},
};
/* clang-format on */
const size_t route_count = sizeof(routes) / sizeof(*routes);
_Static_assert(
    sizeof(routes) / sizeof(*routes) <= ROUTES_MAX, "metrics.h counts by row");

/* The row to count a request in, -1 where no row has its path and method. */
static int
row_of(const struct request *req)
{
	if (!req->route || strcmp(req->route->method, req->method) != 0)
		return -1;
	return (int)(req->route - routes);
}

void
route_run(struct request *req, struct reply *out)
{
	int64_t began = clock_steady_us();

	reply_begin(out);
	store_deadline(req->store, req->deadline_ms);
	if (!refuse_request(req, out))
		out->status = req->route->run(req, out);
	metrics_request(row_of(req), out->status, clock_steady_us() - began);
}

void
route_print(FILE *out)
{
	for (size_t i = 0; i < route_count; i++)
		fprintf(out, "%s %s\n", routes[i].method, routes[i].path);
}
