/*
 * ETag and If-None-Match (see etag.h); nginx does neither for FastCGI.
 */
#include "cgi/etag.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "cgi/digest.h"
#include "cgi/durable.h"
#include "cgi/store.h"
#include "cgi/text.h"

static char boot[TEXT_RANDOM_BYTES];

static void
boot_make(void)
{
	text_random(boot);
}

/* 16 bytes of a SHA-256 are enough to tell versions apart. */
static void
digest(char out[ETAG_BYTES], const struct buffer *b)
{
	char hash[DIGEST_BYTES];

	digest_hex(hash, b->data, b->len);
	(void)snprintf(out, ETAG_BYTES, "\"%.32s\"", hash);
}

static void
from_versions(struct etag *etag, const struct request *req, const char *also)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const struct caller *caller = &req->caller;
	const char *query = request_param(req, "QUERY_STRING");
	struct buffer b = {0};

	pthread_once(&once, boot_make);
	buffer_printf(&b, "%s %s %d", boot, req->path, (int)caller->role);
	for (size_t i = 0; i < caller->id_count; i++)
		buffer_printf(&b, " %s %llu", caller->ids[i],
		    (unsigned long long)versions_get(caller->ids[i]));
	if (caller->role == ROLE_ADMIN)
		buffer_printf(&b, " %llu", (unsigned long long)versions_all());
	if (also)
		buffer_printf(&b, " %s %s %llu", req->guest.hash, also,
		    (unsigned long long)versions_get(also));
	buffer_printf(&b, " ?%s", query ? query : "");
	digest(etag->text, &b);
	buffer_release(&b);
}

static bool
client_has(const struct request *req, const char *etag)
{
	const char *known = request_param(req, "HTTP_IF_NONE_MATCH");

	return known && etag_matches(known, etag);
}

/* "*" is any answer that exists, which is known once there is one. */
static bool
any_will_do(const struct request *req)
{
	const char *known = request_param(req, "HTTP_IF_NONE_MATCH");

	return known && *known == '*';
}

bool
etag_begin(struct etag *etag, struct request *req, struct reply *out,
    const char *also, int *status)
{
	bool uncertain;

	etag->text[0] = '\0';
	if (!store_is_single(req->store))
		return false;
	/* Asked first: the end of a doubt voids the versions before it. */
	uncertain = durable_in_doubt() || durable_is_failing();
	from_versions(etag, req, also);
	if (uncertain || any_will_do(req) || !client_has(req, etag->text))
		return false;
	*status = reply_unchanged(out, etag->text);
	return true;
}

int
etag_end(const struct etag *etag, struct request *req, struct reply *out)
{
	bool unchanged = any_will_do(req);
	char text[ETAG_BYTES];

	strcpy(text, etag->text);
	if (!text[0]) {
		digest(text, &out->body);
		unchanged = client_has(req, text);
	}
	if (unchanged)
		return reply_unchanged(out, text);
	out->cache = "private, no-cache";
	reply_header(out, "ETag", "%s", text);
	return reply_json(out, 200);
}
