/*
 * fcgi_client.h: one FastCGI request at a time to the api, without waiting.
 *
 * Our own because libfcgi is a server, and other clients wait or allocate.
 * A request is built whole in memory that the owner lends, written as the
 * socket takes it, and its answer is gathered in lent memory too.  Failures
 * are told, repeating is the owner's (relay_errand.c).
 *
 * Source: FastCGI specification 1.0, roles responder.
 */
#ifndef WS_FCGI_CLIENT_H
#define WS_FCGI_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "ws/queue.h"
#include "ws/span.h"

enum fcgi_state {
	FCGI_IDLE,    /* nothing under way */
	FCGI_WORKING, /* wait for fcgi_events() on fd */
	FCGI_DONE,    /* status and body are there */
	FCGI_FAILED,  /* refused, cut, too long: errno says why */
};

struct fcgi_client {
	int fd; /* -1: not connected */
	enum fcgi_state state;
	bool keep;        /* the api was asked to keep it open */
	struct queue out; /* the request, as far as it is not written */
	char *bytes;      /* the answer: records, then their content */
	size_t cap, len;
	size_t content;   /* of len: content so far, headers and body */
	size_t params;    /* where the record of parameters begins in out */
	bool sent;        /* some of the request: the api may have it */
	int status;       /* HTTP */
	long retry_after; /* seconds, 0 where it does not say */
	struct span body; /* lent until the next request */
};

void fcgi_init(struct fcgi_client *c, char *out, size_t out_cap, char *answer,
    size_t answer_cap);

/*
 * Build a request: begin, then parameters, then the body, which adds
 * CONTENT_LENGTH; false where it does not fit.  Parameters without value
 * (NULL) are left out.  keep: may the connection serve another one?
 */
void fcgi_begin(struct fcgi_client *c, bool keep);
void fcgi_param(struct fcgi_client *c, const char *name, const char *value);
bool fcgi_body(struct fcgi_client *c, struct span body);

/* Connect where needed, and begin to write.  State is WORKING or FAILED (errno
 * EAGAIN, ENOENT, ECONNREFUSED: nobody there, sent is false). */
void fcgi_start(struct fcgi_client *c, const char *path);

/* poll(2) events to wait for; and that they came. */
short fcgi_events(const struct fcgi_client *c);
void fcgi_ready(struct fcgi_client *c);

/* Forget the request; close the connection unless keep, here and in begin. */
void fcgi_end(struct fcgi_client *c, bool keep);

/* For fuzzing and tests: feed bytes of an answer as if they were read. */
void fcgi_feed(struct fcgi_client *c, const char *bytes, size_t len);

#endif
