/*
 * peer.h: what the hub has to say to one relay or api, and how it gets there.
 *
 * The kernel's queue comes first.  What it does not take waits here, whole
 * lines up to a limit: our own queue, because the kernel's can neither hold
 * what a burst brings nor say that something was left out.  Whoever lost
 * lines gets "resync" as soon as he has read the rest.
 */
#ifndef WS_PEER_H
#define WS_PEER_H

#include <stdbool.h>
#include <stddef.h>

#include "ws/hub_metrics.h"
#include "ws/parcel.h"

struct queued;

struct peer {
	int fd;
	size_t limit, bytes; /* of what waits, with what that costs us */
	struct queued *first, **last;
	bool lost;  /* something was left out */
	bool ended; /* the last line is there: no more */
};

void peer_init(struct peer *peer, int fd, size_t limit);

/*
 * One more line for the next packet; holds the parcel.  False: it did not
 * fit, or is no line for a packet, and is left out.
 */
bool peer_put(struct peer *peer, struct parcel *parcel);

/* The last line: it always fits, and further ones are let go quietly. */
void peer_put_last(struct peer *peer, struct parcel *parcel);

enum peer_flush {
	PEER_EMPTY, /* all is with the kernel */
	PEER_FULL,  /* the kernel has no room: wait for EPOLLOUT */
	PEER_DEAF,  /* nothing can be sent any more; what waited is let go */
};

/* Send what waits, as many lines in a packet as fit. */
enum peer_flush peer_flush(struct peer *peer, struct hub_metrics *metrics);

/* Let go what waits. */
void peer_clear(struct peer *peer);

#endif
