/*
 * guest.h: who a visitor without account is: the cookie parley_chat.
 *
 * 128 random bits as 32 hex digits, HttpOnly.  Only their SHA-256 is stored
 * or compared, so what the database holds opens nothing.  It is set by the
 * first REST call, or by nginx at the upgrade of /chat (then it comes as the
 * parameter LIVE_GUEST, which no client can send).
 */
#ifndef CGI_GUEST_H
#define CGI_GUEST_H

#include <stdbool.h>

#include "cgi/digest.h"
#include "cgi/text.h"

struct reply;
struct request;

#define GUEST_COOKIE "parley_chat"
#define GUEST_BYTES TEXT_RANDOM_BYTES /* the cookie's value, with NUL */
#define GUEST_HASH_BYTES DIGEST_BYTES

struct guest {
	char hash[GUEST_HASH_BYTES]; /* "": there is none */
	bool by_cookie;              /* so Origin must be checked */
};

/*
 * Of this request: its cookie, else LIVE_GUEST.  A value that is none of ours
 * counts as none.
 */
void guest_take(struct guest *guest, const struct request *req);

/* A new one, whose cookie goes with the answer. */
void guest_make(
    struct guest *guest, const struct request *req, struct reply *out);

/* The cookie has done its work: what it opened belongs to an account. */
void guest_forget(const struct request *req, struct reply *out);

#endif
