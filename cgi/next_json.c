/*
 * next_json.c: see next_json.h.
 */
#include "cgi/next_json.h"

#include <string.h>

#include "cgi/json_out.h"

/* This request's URL with another cursor, for the Link header. */
static void
link_header(const struct request *req, struct reply *out, const char *cursor)
{
	const char *at = request_param(req, "QUERY_STRING");
	struct buffer url = {0};

	buffer_printf(&url, "%s?", req->path);
	while (at && *at) {
		size_t len = strcspn(at, "&");

		if (strncmp(at, "cursor=", 7) != 0 && len > 0) {
			buffer_put(&url, at, len);
			buffer_char(&url, '&');
		}
		at += len + (at[len] == '&');
	}
	buffer_printf(&url, "cursor=%s", cursor);
	reply_header(out, "Link", "<%s>; rel=\"next\"", url.data);
	buffer_release(&url);
}

void
next_json(const struct request *req, struct reply *out, const char *cursor)
{
	buffer_puts(&out->body, ",\"next\":");
	if (!cursor) {
		buffer_puts(&out->body, "null");
		return;
	}
	json_puts(&out->body, cursor);
	link_header(req, out, cursor);
}
