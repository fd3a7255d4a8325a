/*
 * bus.h: the broadcast socket between hub, relays and api.
 *
 * AF_UNIX, SOCK_SEQPACKET (unix(7)): one send is one packet, edges kept, a
 * close is seen.  The hub listens on two paths: one for relays, one for
 * publishers (the api), which only its own user may open.  Delivery is best
 * effort: what is lost is said to be lost ("resync"), and clients pull.
 *
 * A packet is one or more lines, each ended by LF; a line is fields separated
 * by TAB.  No field holds controls; JSON is the last field of its line, is
 * never parsed by the hub, and has no raw controls either.  Unknown kinds of
 * lines and further fields are ignored, so that old and new programs mix.
 *
 * hub -> relay (lines that are due in one turn of the hub are one packet):
 *	hello	1	CONNECTION	at once; 32 hex digits, random
 *	bound	JSON			the api proved who this is: {"ids":[...],
 *					"epoch":"..."}; once more after a renewal
 *	event	NAME	JSON		for the client, as it stands
 *	refuse	CODE	CONVERSATION	typing without a join: not_found
 *	resync				something may have been lost
 *	end	CODE			leave, and say why: auth_failed, revoked,
 *					rate_limited
 *
 * relay -> hub, one line a packet:
 *	relay	1	DIALECT		at once: native, socketio, chat
 *	typing	CONVERSATION	1|0
 *	leave	CONVERSATION
 *	bye	CODE			the last: "left", or how it was ended
 *
 * api -> hub, one packet each:
 *	api	1			at once; all bound relays get "resync"
 *	publish	EVENT	BEGAN_US	EXCEPT
 *	IDENTITY	JSON		to one party; a line for each party
 *		One connection gets it once, by the first line that fits.
 *		BEGAN_US: CLOCK_MONOTONIC, when the request came.  EXCEPT: the
 *		connection that caused it and needs no copy, or "-".
 *	bind	CONNECTION	UNTIL	SESSION	IDENTITY...	JSON
 *		UNTIL: wall seconds.  Identities: 1 to BUS_IDENTITIES, the
 *		first names the account; JSON is handed on in "bound".  On a
 *		bound connection a renewal, of the same account only.
 *	join	CONNECTION	ASKED	CONVERSATION	ROLE	CUSTOMER	SELLER
 *		ASKED: the id by which the client knows it.  ROLE: his:
 *		customer or seller.  The two party ids as stored.
 *	admit	IDENTITY	ASKED	CONVERSATION	ROLE	CUSTOMER	SELLER
 *		The same for every connection bound to that identity, if any;
 *		whoever else is there in that role leaves.
 *	revoke	SESSION	UNTIL		ended; no bind of it until then
 *	lost				a commit was not published: as "api"
 *
 * hub -> api:
 *	hello	1			at once
 *	stats				each second; what follows, to the end of
 *	...				the packet, is Prometheus text
 */
#ifndef WS_BUS_H
#define WS_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

#define BUS_VERSION 1
#define BUS_FRAME_MAX (128 * 1024) /* api -> hub */
#define BUS_PACKET_MAX (64 * 1024) /* hub -> relay, and hub -> api */
#define BUS_CONNECTION_BYTES 33    /* hex, with NUL */
#define BUS_IDENTITIES 3
#define BUS_CONVERSATION_MAX 128
#define BUS_IDENTITY_MAX 1312 /* 320 code points, and what stands before */

/*
 * Listen at path with this mode.  A live listener there is never stolen, a
 * dead one's file is replaced.  The descriptor (non-blocking, close-on-exec),
 * or -1 with errno: EADDRINUSE (some process answers there), ENOTSOCK (a
 * file), ENAMETOOLONG.
 */
int bus_listen(const char *path, mode_t mode);

/*
 * Connect without waiting; non-blocking, close-on-exec.  -1 with errno:
 * EAGAIN (the backlog is full), ENOENT, ECONNREFUSED (nobody listens).
 */
int bus_connect(const char *path);

/* Accept one; -1 with errno as accept4(2). */
int bus_accept(int listener);

/*
 * Send one packet of 1 to BUS_FRAME_MAX bytes, without waiting.  0, or -1
 * with errno: EMSGSIZE, EAGAIN (the peer's queue is full), EPIPE (it is gone).
 */
int bus_send(int fd, const char *packet, size_t len);

/* The same for a packet that lies in pieces (1 to IOV_MAX). */
int bus_send_parts(int fd, struct iovec *part, size_t count);

/*
 * Receive one packet.  Its length; 0: the peer is gone; -1 with errno: EAGAIN
 * (there is none), EMSGSIZE (longer than cap: it is dropped).
 */
ssize_t bus_receive(int fd, char *packet, size_t cap);

/* May the peer publish: is he of our own user (SO_PEERCRED), or root? */
bool bus_peer_is_own(int fd);

#endif
