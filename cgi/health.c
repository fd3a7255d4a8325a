/*
 * health.c: see health.h.
 */
#include "cgi/health.h"

#include <stdio.h>

#include "cgi/digest.h"
#include "cgi/store.h"
#include "cgi/versions.h"

#define PING_MS 1000

/* openapi.json, put into the program by the Makefile (ld -b binary). */
extern const char _binary_cgi_openapi_json_start[];
extern const char _binary_cgi_openapi_json_end[];

int
health_get(struct request *req, struct reply *out)
{
	if (!store_ping(req->store, PING_MS))
		return reply_store(out, STORE_DOWN);
	buffer_puts(
	    &out->body, "{\"success\":true,\"data\":{\"status\":\"ok\"}}");
	return reply_json(out, 200);
}

/* Made of the text itself: it outlives a restart, not another version. */
static void
make_etag(char etag[ETAG_BYTES], const char *text, size_t len)
{
	char digest[DIGEST_BYTES];

	digest_hex(digest, text, len);
	(void)snprintf(etag, ETAG_BYTES, "\"%.32s\"", digest);
}

int
openapi_get(struct request *req, struct reply *out)
{
	const char *text = _binary_cgi_openapi_json_start;
	size_t len = (size_t)(_binary_cgi_openapi_json_end - text);
	const char *known = request_param(req, "HTTP_IF_NONE_MATCH");
	char etag[ETAG_BYTES];

	make_etag(etag, text, len);
	if (known && etag_matches(known, etag))
		return reply_unchanged(out, etag);
	reply_header(out, "ETag", "%s", etag);
	out->cache = "private, no-cache";
	buffer_put(&out->body, text, len);
	return reply_json(out, 200);
}
