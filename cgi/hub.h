/*
 * hub.h: the api's end of the broadcast socket (ws/bus.h).
 *
 * Workers send frames, hardly waiting.  What clients must know and did not
 * get is remembered, and said by this module's own thread as soon as the hub
 * takes it: "lost", so that clients pull; sessions that were ended.  The
 * thread also connects, again within 1 s, and keeps the newest counters of
 * the hub for metrics.h.  Without the setting hub_socket there is no live
 * path, and every send is quietly true.
 */
#ifndef CGI_HUB_H
#define CGI_HUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cgi/buffer.h"
#include "cgi/settings.h"

/* Start the thread; false with errno. */
bool hub_open(const struct settings *s);
void hub_close(void);

/* Is there a live path at all? */
bool hub_is_used(void);

/*
 * Send one frame from any thread, whole.  False: the hub did not take it (it
 * is away, or its queue is full).
 */
bool hub_send(const char *frame, size_t len);

/*
 * A commit was not, or perhaps not, published: a frame that was not taken, a
 * write with an unknown outcome.  Every bound client will pull.
 */
void hub_lost(void);

/*
 * This session ended; the hub learns it now, or as soon as it takes it.  All
 * of revoked.h are told at each connect, since the hub may have missed some.
 */
void hub_revoke(const char *session, int64_t until);

/* Append the hub's own counters (Prometheus text), if any came lately. */
void hub_metrics(struct buffer *b);

#endif
