/*
 * hub.h: the api's end of the broadcast socket (ws/bus.h).
 *
 * Workers send frames without waiting; what does not go out is lost, which
 * is remembered and said by this module's own thread as soon as the hub takes
 * it, so that clients pull.  The thread also connects, again within 1 s, and
 * keeps the newest counters of the hub for metrics.h.  Without the setting
 * hub_socket there is no live path, and every send is quietly true.
 */
#ifndef CGI_HUB_H
#define CGI_HUB_H

#include <stdbool.h>
#include <stddef.h>

#include "cgi/buffer.h"
#include "cgi/settings.h"

/* Start the thread; false with errno. */
bool hub_open(const struct settings *s);
void hub_close(void);

/* Send one frame from any thread, whole; false: lost, and remembered. */
bool hub_send(const char *frame, size_t len);

/*
 * A commit was not, or perhaps not, published: a write with an unknown
 * outcome, too many messages at once.  Every bound client will pull.
 */
void hub_lost(void);

/* Append the hub's own counters (Prometheus text), if any came lately. */
void hub_metrics(struct buffer *b);

#endif
