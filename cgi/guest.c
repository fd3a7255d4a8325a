/*
 * guest.c: see guest.h.
 */
#include "cgi/guest.h"

#include <string.h>

#include "cgi/reply.h"
#include "cgi/request.h"
#include "cgi/text.h"

#define COOKIE_S (365L * 24 * 60 * 60) /* outlives sessions: chat_shape.h */

static bool
is_guest(const char *value)
{
	return strlen(value) == GUEST_BYTES - 1 &&
	       strspn(value, "0123456789abcdef") == GUEST_BYTES - 1;
}

void
guest_take(struct guest *guest, const struct request *req)
{
	const char *cookies = request_param(req, "HTTP_COOKIE");
	const char *made = request_param(req, "LIVE_GUEST");
	char value[GUEST_BYTES];

	*guest = (struct guest){0};
	if (cookies &&
	    cookie_find(cookies, GUEST_COOKIE, value, sizeof(value)) &&
	    is_guest(value)) {
		digest_hex(guest->hash, value, strlen(value));
		guest->by_cookie = true;
	} else if (made && is_guest(made)) {
		digest_hex(guest->hash, made, strlen(made));
	}
}

void
guest_make(struct guest *guest, const struct request *req, struct reply *out)
{
	char value[TEXT_RANDOM_BYTES];

	text_random(value);
	digest_hex(guest->hash, value, strlen(value));
	guest->by_cookie = false;
	reply_cookie(out, req, GUEST_COOKIE, value, COOKIE_S);
}

void
guest_forget(const struct request *req, struct reply *out)
{
	reply_cookie(out, req, GUEST_COOKIE, "", 0);
}
