/*
 * worker.h: one worker thread: its client of the database, and the one request
 * and reply that it reuses.  These are the functions of a dispatch_worker.
 */
#ifndef CGI_WORKER_H
#define CGI_WORKER_H

#include <fcgiapp.h>
#include <stdbool.h>

#include "cgi/request.h"
#include "cgi/store.h"

/* Of all workers. */
struct worker_shared {
	struct service service;
	struct store_shared *store;
};

void *worker_open(void *shared);
bool worker_serve(void *state, FCGX_Request *fcgi);
void worker_after(void *state);
void worker_close(void *state);

#endif
