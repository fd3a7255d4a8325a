/*
 * dispatch.h: FastCGI connections: epoll, keepalive, workers, drain.
 *
 * libfcgi alone would pin a worker to every idle connection that nginx keeps
 * open.  So one epoll set holds all connections, one shot each, and a worker
 * hands libfcgi only a readable one (FCGX_Request.ipcFd, keepConnection).
 * The kernel's ready list is the queue; there is none of our own.
 *
 * Accepted connections get peer_ms as time limit for reads and writes.  Where
 * descriptors run out the listener rests for a moment.  SIGTERM and SIGINT
 * stop accepting, let requests that have arrived be answered for handler_ms,
 * and end dispatch_run().  SIGHUP reloads.
 */
#ifndef CGI_DISPATCH_H
#define CGI_DISPATCH_H

#include <fcgiapp.h>
#include <stdbool.h>

#include "cgi/settings.h"

/* One per worker thread: made, used and freed on that thread. */
struct dispatch_worker {
	void *(*open)(void *shared); /* NULL: cannot start */
	/* Answers one request, to its end; false: close the connection. */
	bool (*serve)(void *state, FCGX_Request *fcgi);
	void (*after)(void *state); /* when it was sent */
	void (*close)(void *state);
	void *shared;
	void (*reload)(void *shared); /* on the thread of dispatch_run() */
};

/*
 * Block the signals above in the calling thread (and those made from it
 * later), ignore SIGPIPE.  Call it first of all in main(), before libmongoc
 * starts threads.  Until dispatch_run() a signal ends the process at once: a
 * start may be cut anywhere.
 */
void dispatch_block_signals(void);

/*
 * For dispatch.c: from now on the signals wait for dispatch_wait_signal();
 * a SIGHUP of before too.
 */
void dispatch_started(void);
int dispatch_wait_signal(void);

/*
 * Listen on the Unix socket at path (mode 0660, probed first: a live one is
 * never stolen).  Returns the descriptor, or -1 with errno (EADDRINUSE: some
 * process answers there; ENOTSOCK: a file; ENAMETOOLONG).
 */
int dispatch_listen(const char *path);

/*
 * Serve until a signal.  Returns 0; or -1 with errno if it cannot start, or
 * ETIMEDOUT if workers are still busy: then exit without tidying up.
 */
int dispatch_run(int listener, const struct settings *s,
    const struct dispatch_worker *worker);

#endif
