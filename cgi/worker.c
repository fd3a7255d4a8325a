/*
 * worker.c: see worker.h.
 */
#include "cgi/worker.h"

#include <stdlib.h>

#include "cgi/publish_order.h"
#include "cgi/reply.h"
#include "cgi/route.h"

struct worker {
	const struct worker_shared *shared;
	struct store *store;
	struct request request;
	struct reply reply;
};

void *
worker_open(void *shared)
{
	struct worker *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->shared = shared;
	w->store = store_new(w->shared->store);
	if (w->store)
		return w;
	free(w);
	return NULL;
}

/*
 * What is left of the body is read before the end of the answer is sent: from
 * then on the peer may send its next request on the connection.
 */
bool
worker_serve(void *state, FCGX_Request *fcgi)
{
	struct worker *w = state;
	bool drained, sent;

	request_begin(&w->request, fcgi, &w->shared->service, w->store);
	route_run(&w->request, &w->reply);
	order_end(w->store->turn); /* whatever its handler did */
	drained = request_drain(&w->request);
	sent = reply_send(&w->reply, fcgi, &w->request);
	request_end(&w->request);
	return drained && sent;
}

void
worker_after(void *state)
{
	struct worker *w = state;

	store_after(w->store);
	order_end(w->store->turn);
}

void
worker_close(void *state)
{
	struct worker *w = state;

	store_free(w->store);
	buffer_release(&w->request.live);
	reply_release(&w->reply);
	free(w);
}
