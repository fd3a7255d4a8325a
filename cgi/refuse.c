/*
 * refuse.c: see refuse.h.
 */
#include "cgi/refuse.h"

#include <string.h>
#include <strings.h>
#include <time.h>

#include "cgi/auto.h"
#include "cgi/limits.h"
#include "cgi/publish.h"
#include "cgi/revoked.h"
#include "cgi/route.h"

static bool
waited_too_long(struct request *req, struct reply *out)
{
	if (request_waited_ms(req) <= req->service->settings->queue_ms)
		return false;
	reply_unavailable(
	    out, "too busy: the request waited too long and was not looked at");
	return true;
}

/* The row of path and method, else any of the path, else NULL. */
static const struct route *
find_route(const char *path, const char *method)
{
	const struct route *found = NULL;

	for (size_t i = 0; i < route_count; i++) {
		if (strcmp(routes[i].path, path) != 0)
			continue;
		found = &routes[i];
		if (strcmp(found->method, method) == 0)
			break;
	}
	return found;
}

static bool
is_hidden(const struct route *route, const struct request *req)
{
	return (route->flags & ROUTE_DEMO && !req->service->settings->demo) ||
	       (route->flags & ROUTE_LIVE && !publish_connection(req));
}

static bool
unknown_path(struct request *req, struct reply *out)
{
	const struct route *route = find_route(req->path, req->method);

	if (route && is_hidden(route, req))
		route = NULL;
	req->route = route;
	if (route)
		return false;
	reply_error(out, 404, NOT_FOUND, "there is no such path");
	return true;
}

static bool
unauthorized(struct reply *out, const char *challenge, const char *reason)
{
	reply_error(out, 401, UNAUTHORIZED, "%s", reason);
	reply_header(out, "WWW-Authenticate", "%s", challenge);
	return true;
}

/* A relay can set no cookie: its guest has one, of nginx at the upgrade. */
static bool
may_be_guest(const struct request *req)
{
	return req->route->flags & ROUTE_VISITOR &&
	       (req->guest.hash[0] || !(req->route->flags & ROUTE_LIVE));
}

static bool
no_caller(struct request *req, struct reply *out)
{
	const char *why = "";

	if (!(req->route->flags & (ROUTE_AUTH | ROUTE_VISITOR)))
		return false;
	if (req->route->flags & ROUTE_VISITOR)
		guest_take(&req->guest, req);
	switch (identity_take(&req->caller, req->service->keys,
	    req->service->settings, request_param(req, "HTTP_AUTHORIZATION"),
	    request_param(req, "HTTP_COOKIE"), &why)) {
	case IDENTITY_NONE:
		if (may_be_guest(req))
			return false;
		return unauthorized(out, "Bearer", "please sign in");
	case IDENTITY_REFUSED:
		return unauthorized(out, "Bearer error=\"invalid_token\"", why);
	case IDENTITY_PROVEN:
		break;
	}
	if (revoked_has(req->caller.session, time(NULL)))
		return unauthorized(out, "Bearer error=\"invalid_token\"",
		    "this session was ended, please sign in");
	return false;
}

static bool
stranger(struct request *req, struct reply *out)
{
	if (!(req->route->flags & ROUTE_LOOPBACK) || request_is_loopback(req))
		return false;
	reply_error(out, 403, FORBIDDEN, "this is for the host itself");
	return true;
}

/* A socket that any site has opened changes what its owner hears. */
static bool
changes_state(const struct request *req)
{
	static const char *const changing[] = {
	    "POST", "PUT", "PATCH", "DELETE"};

	for (size_t i = 0; i < sizeof(changing) / sizeof(*changing); i++)
		if (strcmp(req->method, changing[i]) == 0)
			return true;
	return publish_connection(req) != NULL;
}

/* A bearer is the only credential; else a guest's cookie is one too. */
static bool
is_by_cookie(const struct request *req)
{
	return req->caller.id_count > 0 ? req->caller.by_cookie
					: req->guest.by_cookie;
}

/* A browser adds the cookie to whatever any site asks it to send. */
static bool
foreign_origin(struct request *req, struct reply *out)
{
	if (!is_by_cookie(req) || !changes_state(req))
		return false;
	if (origin_is_allowed(req->service->settings,
		request_param(req, "HTTP_ORIGIN"),
		request_param(req, "HTTP_SEC_FETCH_SITE")))
		return false;
	reply_error(out, 403, ORIGIN, "this origin may not use the cookie");
	return true;
}

/* "GET, HEAD, PUT": what the path takes. */
static void
allow_header(struct reply *out, const char *path)
{
	AUTO_BUFFER struct buffer allow = {0};

	for (size_t i = 0; i < route_count; i++) {
		if (strcmp(routes[i].path, path) != 0)
			continue;
		buffer_puts(&allow, allow.len ? ", " : "");
		buffer_puts(&allow, routes[i].method);
		if (strcmp(routes[i].method, "GET") == 0)
			buffer_puts(&allow, ", HEAD");
	}
	reply_header(out, "Allow", "%s", allow.data);
}

static bool
wrong_method(struct request *req, struct reply *out)
{
	if (strcmp(req->route->method, req->method) == 0)
		return false;
	reply_error(out, 405, BAD_METHOD, "this path does not take the method");
	allow_header(out, req->path);
	return true;
}

static bool
is_json(const char *type)
{
	static const char json[] = "application/json";
	size_t len = strlen(json);

	return strncasecmp(type, json, len) == 0 &&
	       (type[len] == '\0' || strchr("; \t", type[len]));
}

/* An empty body is no wrong type: it is refused as a body. */
static bool
wrong_type(struct request *req, struct reply *out)
{
	const char *type = request_param(req, "CONTENT_TYPE");

	if (!(req->route->flags & (ROUTE_BODY | ROUTE_BODY_MAY)))
		return false;
	if (req->content_length == 0 && (!type || *type == '\0'))
		return false;
	if (type && is_json(type))
		return false;
	reply_error(out, 415, BAD_TYPE, "the body must be application/json");
	return true;
}

static bool
too_large(struct request *req, struct reply *out)
{
	const struct settings *s = req->service->settings;
	long limit =
	    req->route->flags & ROUTE_THREAD ? s->thread_bytes : s->body_bytes;

	if (!(req->route->flags & (ROUTE_BODY | ROUTE_BODY_MAY)))
		return false;
	if (req->content_length <= limit)
		return false;
	reply_error(
	    out, 413, TOO_LARGE, "the body is larger than %ld bytes", limit);
	return true;
}

static bool
too_many(struct request *req, struct reply *out)
{
	struct limits *limits = req->service->limits;
	const char *account = req->caller.ids[0];
	long wait_s = 0;

	if (req->route->flags & ROUTE_TAKES)
		wait_s = limits_take(limits, account);
	else if (req->route->flags & ROUTE_CHECKS)
		wait_s = limits_check(limits, account);
	if (wait_s == 0)
		return false;
	reply_limited(out, wait_s, "messages");
	return true;
}

/* A token taken for a message that was refused comes back, but for a part. */
static bool
flawed(struct request *req, struct reply *out, const struct flaw *flaw)
{
	if (req->route->flags & ROUTE_TAKES)
		limits_spend(req->service->limits, req->caller.ids[0],
		    LIMITS_DUPLICATE - 1);
	reply_flaw(out, flaw);
	return true;
}

static bool
bad_query(struct request *req, struct reply *out)
{
	struct flaw flaw;

	return !request_query(req, &flaw) && flawed(req, out, &flaw);
}

static bool
bad_body(struct request *req, struct reply *out)
{
	unsigned flags = req->route->flags;
	struct flaw flaw;

	if (!(flags & ROUTE_BODY) &&
	    !(flags & ROUTE_BODY_MAY && req->content_length != 0))
		return false;
	return !request_body(req, &flaw) && flawed(req, out, &flaw);
}

bool
refuse_request(struct request *req, struct reply *out)
{
	static bool (*const checks[])(struct request *, struct reply *) = {
	    waited_too_long, unknown_path, no_caller, stranger, foreign_origin,
	    wrong_method, wrong_type, too_large, too_many, bad_query, bad_body};

	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++)
		if (checks[i](req, out))
			return true;
	return false;
}
