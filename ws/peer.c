/*
 * peer.c: see peer.h.
 */
#include "ws/peer.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "ws/bus.h"

#define PARTS_MAX 128 /* lines in a packet */

struct queued {
	struct queued *next;
	struct parcel *parcel;
};

void
peer_init(struct peer *peer, int fd, size_t limit)
{
	*peer = (struct peer){.fd = fd, .limit = limit};
	peer->last = &peer->first;
}

static size_t
cost(const struct parcel *parcel)
{
	return parcel->len + sizeof(struct queued);
}

static void
append(struct peer *peer, struct parcel *parcel)
{
	struct queued *queued = malloc(sizeof(*queued));

	if (!queued)
		abort(); /* out of memory */
	*queued = (struct queued){NULL, parcel_hold(parcel)};
	*peer->last = queued;
	peer->last = &queued->next;
	peer->bytes += cost(parcel);
}

static struct parcel *
first(const struct peer *peer)
{
	return peer->first->parcel;
}

static void
remove_first(struct peer *peer)
{
	struct queued *queued = peer->first;

	peer->bytes -= cost(queued->parcel);
	peer->first = queued->next;
	if (!peer->first)
		peer->last = &peer->first;
	parcel_release(queued->parcel);
	free(queued);
}

bool
peer_put(struct peer *peer, struct parcel *parcel)
{
	if (peer->ended)
		return true;
	if (parcel->len > BUS_PACKET_MAX ||
	    peer->bytes + cost(parcel) > peer->limit) {
		peer->lost = true;
		return false;
	}
	append(peer, parcel);
	return true;
}

void
peer_put_last(struct peer *peer, struct parcel *parcel)
{
	if (!peer->ended)
		append(peer, parcel);
	peer->ended = true;
	peer->lost = false;
}

void
peer_clear(struct peer *peer)
{
	while (peer->first)
		remove_first(peer);
}

/* The lines of the next packet; how many. */
static size_t
gather(const struct peer *peer, struct iovec part[PARTS_MAX])
{
	size_t count = 0, len = 0;

	for (struct queued *at = peer->first; at && count < PARTS_MAX;
	     at = at->next) {
		len += at->parcel->len;
		if (len > BUS_PACKET_MAX)
			break;
		part[count++] =
		    (struct iovec){at->parcel->bytes, at->parcel->len};
	}
	return count;
}

static int64_t
steady_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* So many lines are with the kernel now. */
static void
settle(struct peer *peer, size_t count, struct hub_metrics *metrics)
{
	int64_t now_us = steady_us();

	metrics->packets++;
	while (count-- > 0) {
		int64_t began_us = first(peer)->began_us;

		if (began_us)
			hub_metrics_delivered(metrics, now_us - began_us);
		remove_first(peer);
	}
}

static void
put_resync(struct peer *peer, struct hub_metrics *metrics)
{
	struct parcel *resync =
	    parcel_new((const struct span[]){SPAN("resync")}, 1);

	append(peer, resync);
	parcel_release(resync);
	peer->lost = false;
	metrics->resyncs++;
}

enum peer_flush
peer_flush(struct peer *peer, struct hub_metrics *metrics)
{
	struct iovec part[PARTS_MAX];
	size_t count;

	while (peer->first || peer->lost) {
		if (!peer->first)
			put_resync(peer, metrics);
		count = gather(peer, part);
		if (bus_send_parts(peer->fd, part, count) == 0) {
			settle(peer, count, metrics);
			continue;
		}
		metrics->full += errno == EAGAIN;
		if (errno == EAGAIN)
			return PEER_FULL;
		peer_clear(peer);
		peer->lost = false;
		return PEER_DEAF;
	}
	return PEER_EMPTY;
}
