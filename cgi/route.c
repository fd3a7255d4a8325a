/*
 * route.c: see route.h; the refusals are in refuse.c.
 */
#include "cgi/route.h"

#include <string.h>

#include "cgi/chat.h"
#include "cgi/clock.h"
#include "cgi/conversations.h"
#include "cgi/health.h"
#include "cgi/metrics.h"
#include "cgi/publish.h"
#include "cgi/refuse.h"
#include "cgi/session.h"
#include "cgi/store.h"

#define CONVERSATIONS "/api/conversations"
#define CHAT "/api/chat"

/* clang-format off */
const struct route routes[] = {
	{"GET", CONVERSATIONS, conversations_get, ROUTE_AUTH | ROUTE_EPOCH,
		"join"},
	{"POST", CONVERSATIONS, conversations_post,
		ROUTE_AUTH | ROUTE_EPOCH | ROUTE_BODY | ROUTE_THREAD |
			ROUTE_CHECKS, NULL},
	{"PUT", CONVERSATIONS, conversations_put,
		ROUTE_AUTH | ROUTE_EPOCH | ROUTE_BODY | ROUTE_TAKES, "message"},
	{"PATCH", CONVERSATIONS, conversations_patch,
		ROUTE_AUTH | ROUTE_EPOCH | ROUTE_BODY, "mark"},
	{"DELETE", CONVERSATIONS, conversations_delete,
		ROUTE_AUTH | ROUTE_EPOCH | ROUTE_BODY_MAY, NULL},
	{"GET", CONVERSATIONS "/export", conversations_export, ROUTE_AUTH,
		NULL},
	{"POST", CHAT, chat_post, ROUTE_VISITOR | ROUTE_BODY, "chat"},
	{"GET", CHAT "/history", chat_history_get, ROUTE_VISITOR, NULL},
	{"GET", CHAT "/sessions", chat_sessions_get, ROUTE_AUTH, NULL},
	{"PATCH", CHAT "/sessions", chat_sessions_patch,
		ROUTE_AUTH | ROUTE_BODY, NULL},
	{"POST", CHAT "/live", chat_live,
		ROUTE_VISITOR | ROUTE_BODY | ROUTE_LIVE, "init"},
	{"GET", "/api/session", session_get, ROUTE_AUTH, "session"},
	{"DELETE", "/api/session", session_delete, ROUTE_AUTH, NULL},
	{"POST", "/api/demo/login", session_demo_login, ROUTE_BODY | ROUTE_DEMO,
		NULL},
	{"GET", "/api/health", health_get, 0, NULL},
	{"GET", "/api/metrics", metrics_get, ROUTE_LOOPBACK, NULL},
	{"GET", "/api/openapi.json", openapi_get, 0, NULL},
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
	reply_begin(out);
	store_deadline(req->store, req->deadline_ms);
	if (!refuse_request(req, out))
		out->status = req->route->run(req, out);
	metrics_request(
	    row_of(req), out->status, clock_steady_us() - req->began_us);
	if (publish_connection(req))
		metrics_live(row_of(req));
}

void
route_print(FILE *out)
{
	for (size_t i = 0; i < route_count; i++)
		if (!(routes[i].flags & ROUTE_LIVE))
			fprintf(
			    out, "%s %s\n", routes[i].method, routes[i].path);
}
