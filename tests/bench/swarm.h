/*
 * swarm.h: many clients of the live socket in one thread, their messages, and
 * who has seen them.  Clients answer heartbeats whenever they are served.
 */
#ifndef BENCH_SWARM_H
#define BENCH_SWARM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SWARM_CLIENTS 8192
#define SWARM_ROUTES 1024
#define SWARM_TURNS 65536

/* A message of the sender to the conversation is seen when all of these
 * clients have it. */
struct route {
	int sender, first, count;
	char conversation[129];
};

/* What came of it since swarm_begin(). */
struct outcome {
	int done;        /* clients greeted, or messages seen by all */
	int failed;      /* whatever went wrong; said on standard error */
	int gone;        /* connections that ended, since the start */
	long deliveries; /* of messages to those who wait for them */
	uint32_t latency_us[SWARM_TURNS]; /* of those done, in any order */
};

extern struct outcome outcome;

/* False where there is no such dialect (native, socketio). */
bool swarm_init(const char *dialect, uint16_t port);

/* The descriptor that is readable when clients want to be served. */
int swarm_descriptor(void);

/* Serve all clients once; false where nothing came for wait_ms. */
bool swarm_serve(int wait_ms);

/* One more client, not connected; one more route.  False: too many, or a
 * route of clients that are not there. */
bool swarm_add(const char *token);
bool swarm_route(const struct route *route);

void swarm_begin(void);

/* Connect all clients, so many in parallel, until they are greeted. */
void swarm_open(int parallel);

/* Everybody in a route joins its conversation. */
void swarm_join(void);

/* So many messages, by the routes in turn, so many under way at once. */
void swarm_send(int count, int window);

#endif
