/*
 * hub.h: the parts of the hub, which hands each event to exactly the
 * connections that it concerns.
 *
 * One thread, one epoll set, turns: read what came, do what is due, then send
 * to each client what gathered for it, then free who has left.  Nobody is
 * ever waited for.  Who is connected as whom, and where, is room.h's.
 */
#ifndef WS_HUB_H
#define WS_HUB_H

#include <stdbool.h>
#include <stdint.h>

#include "ws/bus.h"
#include "ws/frame.h"
#include "ws/hub_metrics.h"
#include "ws/peer.h"
#include "ws/room.h"
#include "ws/timers.h"

struct hub_options {
	const char *relays, *publish; /* paths */
	long queue_bytes;
	long account_connections;
	long joins;
	long offline_ms, typing_ms, resync_ms;
	long last_seen;
	long stall_ms;    /* a client that reads nothing is dropped */
	long farewell_ms; /* from "end" to the close, if it does not */
};

struct hub;

/* What epoll points to. */
struct watch {
	int fd;
	void (*ready)(struct hub *hub, struct watch *watch, uint32_t events);
};

struct hub {
	struct hub_options options;
	int set; /* epoll */
	struct watch relays, publishers, signals;
	bool is_stopping;
	bool is_full; /* no descriptors; told once */
	struct timers timers;
	struct timer rest; /* of the listeners, without descriptors */
	struct timer stats;
	struct rooms rooms;
	struct hub_metrics metrics;
	struct index connections; /* clients that are relays, by id */
	struct list relay_list, publisher_list;
	struct list due;     /* clients that something gathered for */
	struct list leaving; /* to be freed at the end of the turn */
	struct index ended;  /* sessions, see hub_session.c */
	struct list ended_list;
	size_t ended_count;
	uint64_t generation; /* of the last event */
	char packet[BUS_FRAME_MAX];
};

/* A relay, or an api that publishes. */
struct hub_client {
	struct span id; /* first: see index.h */
	struct watch watch;
	struct hub *hub;
	struct peer peer;
	struct list all; /* in relay_list, publisher_list or leaving */
	struct list due;
	bool is_publisher;
	bool is_stuck;   /* we wait for EPOLLOUT */
	bool is_ended;   /* was told to leave */
	bool is_gone;    /* is freed at the end of this turn */
	bool is_counted; /* among those that ended */
	size_t dialect;  /* a row of hub_metrics.c */
	struct connection connection;
	char *session;
	struct timer until;    /* the end of its credential */
	struct timer resync;   /* its turn to be told */
	struct timer patience; /* to be dropped */
	char bytes[BUS_CONNECTION_BYTES];
};

/* --- hub_loop.c --- */

/* Open both paths.  False with one sentence in why. */
bool hub_loop_open(
    struct hub *hub, const struct hub_options *options, char why[256]);

/* Until SIGTERM or SIGINT. */
void hub_loop_run(struct hub *hub);

/* --- hub_client.c --- */

/* Takes the descriptor. */
void hub_client_new(struct hub *hub, int fd, bool is_publisher);

/* The relay of that id, NULL: it has left, or was told to. */
struct hub_client *hub_client_find(const struct hub *hub, struct span id);

/* --- hub_send.c --- */

/* One more line; the parcel is lent.  Or one of these fields. */
void hub_client_put(struct hub_client *client, struct parcel *parcel);
void hub_client_say(
    struct hub_client *client, const struct span *field, size_t count);

/* The same to the client of that connection. */
void hub_connection_put(struct connection *connection, struct parcel *parcel);

/* Tell it to leave, and why; it is nobody's from now on. */
void hub_client_end(struct hub_client *client, const char *code);

/* It ended, or is about to, for that reason; the first one counts. */
void hub_client_count_end(struct hub_client *client, struct span code);

/* Close it; it is freed at the end of the turn. */
void hub_client_drop(struct hub_client *client);

/* At the end of a turn: send what gathered, free who has left. */
void hub_flush(struct hub *hub);
void hub_bury(struct hub *hub);

/* --- hub_api.c, hub_relay.c --- */

/* A packet of that client; it is lent. */
void hub_take_api(struct hub_client *client, struct span packet);
void hub_take_relay(struct hub_client *client, struct span packet);

/* --- hub_stats.c --- */

/* From now on, each second while a publisher is there. */
void hub_stats_start(struct hub *hub);

/* --- hub_session.c --- */

/* No bind of that session until then (wall seconds). */
void hub_session_end(struct hub *hub, struct span session, int64_t until);
bool hub_session_is_ended(const struct hub *hub, struct span session);

#endif
