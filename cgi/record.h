/*
 * record.h: FastCGI records to the peer.
 *
 * Our own because libfcgi copies an answer through 8 KiB, a write each, and
 * closes connections by select(2), which ends the process at descriptor 1024.
 * Here head, body and the end of the request leave in one writev(2).
 * Source: FastCGI specification 1.0, 3.3 (records), 5.3 and 5.5.
 */
#ifndef CGI_RECORD_H
#define CGI_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

#define RECORD_PARTS_MAX 3

/*
 * Send the parts, one after the other, as STDOUT of the request; with last
 * also the end of STDOUT and of the request.  Waits no longer than the
 * socket's send time limit.  False with errno: the peer is gone (EPIPE,
 * ECONNRESET) or does not read (EAGAIN), and the connection must be closed.
 */
bool record_send(
    int fd, int request_id, const struct iovec *part, size_t parts, bool last);

#endif
