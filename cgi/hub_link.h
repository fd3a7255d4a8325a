/*
 * hub_link.h: the one descriptor by which all workers send to the hub.  For
 * hub.c alone.
 *
 * A packet is sent whole or not at all, so the kernel's queue is the only one.
 */
#ifndef CGI_HUB_LINK_H
#define CGI_HUB_LINK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Connect and greet: "api" makes every bound client pull, so *lost is cleared
 * in the same moment, and nothing can be lost unseen in between.  Gives the
 * descriptor to wait on, until hub_link_close(); -1 with errno.
 */
int hub_link_open(const char *path, atomic_bool *lost);
void hub_link_close(void);

/*
 * Send from any thread.  A burst (a POST of a whole thread) fills the queue
 * faster than a busy hub empties it: that is worth a moment, but a stalled
 * hub only one.  False: it did not take it.
 */
bool hub_link_send(const char *frame, size_t len);

/* For the thread that opened it: wait until a packet fits, or in vain. */
bool hub_link_has_room(int wait_ms);

#endif
