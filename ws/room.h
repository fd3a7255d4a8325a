/*
 * room.h: who is connected as whom, and who is in which conversation.
 *
 * Pure: what there is to say goes out through rooms.say, the time comes from
 * timers.h, so it all tests alone.  Nothing is checked here that the api
 * checks: it alone says who somebody is, and that he may join.
 *
 * A connection is bound to the identities of its account.  A party of a
 * conversation is present while any connection is bound to its identity,
 * joined or not; whoever joined for the other party is told when that
 * changes.  Presence and typing are nowhere but here, in memory.
 */
#ifndef WS_ROOM_H
#define WS_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ws/bus.h"
#include "ws/index.h"
#include "ws/list.h"
#include "ws/parcel.h"
#include "ws/timers.h"

#define TYPING_EVERY_MS 2000 /* between two "true" that are passed on */

enum role { ROLE_CUSTOMER, ROLE_SELLER, ROLES };

struct connection;

struct rooms_limits {
	long joins;      /* rooms of one connection */
	long offline_ms; /* from the last one gone to "offline" */
	long typing_ms;  /* from "true" to "false" by silence */
	long last_seen;  /* identities of whom that is remembered */
};

struct rooms {
	struct rooms_limits limits;
	struct timers *timers;
	/* Say it to that connection; the parcel is lent. */
	void (*say)(struct connection *to, struct parcel *parcel);

	struct index identities, rooms;
	struct list departed; /* identities, those longest gone first */
	size_t departed_count;
	size_t bound_count, account_count, room_count;
};

/* One name of somebody who is connected, was, or is a party of a room. */
struct identity {
	struct span name; /* first: see index.h */
	struct rooms *rooms;
	struct list bindings; /* connections bound to it */
	struct list sides;    /* rooms of which it is a party */
	struct list departed;
	size_t accounts; /* bindings whose account it names */
	bool online;     /* as was told */
	int64_t seen_ms; /* wall, when the last one went; 0: unknown */
	struct timer gone;
	char bytes[];
};

struct binding {
	struct list of_identity;
	struct identity *identity;
	struct connection *connection;
};

/* A part of what owns it; zero, and rooms_connection(), to begin with. */
struct connection {
	struct binding binding[BUS_IDENTITIES]; /* first: the account */
	size_t bindings; /* 0: nobody knows who this is */
	struct list memberships;
	size_t joined;
	uint64_t generation; /* of the last event that it got */
};

void rooms_init(struct rooms *rooms, const struct rooms_limits *limits,
    struct timers *timers,
    void (*say)(struct connection *to, struct parcel *parcel));

/* One that is not bound. */
void rooms_connection(struct connection *connection);

/*
 * It is this account's: 1 to BUS_IDENTITIES names, the first names it.  Or is
 * still, with perhaps other names: what it may not see any more it leaves.
 */
void rooms_bind(struct rooms *rooms, struct connection *connection,
    const struct span *name, size_t count);

/* It is nobody's any more, and in no room. */
void rooms_unbind(struct connection *connection);

/* NULL where nobody is bound to it and no room has it. */
struct identity *rooms_identity(const struct rooms *rooms, struct span name);

/* Is that its account (its first identity)? */
bool connection_is_of(const struct connection *connection, struct span name);

bool connection_has(
    const struct connection *connection, const struct identity *identity);

struct join {
	struct span asked;        /* the id by which the client knows it */
	struct span conversation; /* the id by which all do */
	enum role role;           /* his */
	struct span party[ROLES]; /* as stored */
};

/*
 * Join, and be told at once whether the other party is present; again, where
 * it has joined before.  False: it is in too many rooms.
 */
bool rooms_join(struct rooms *rooms, struct connection *connection,
    const struct join *join);

/* Whoever is there in that role leaves, unless bound to the identity, which may
 * be NULL. */
void rooms_dismiss(struct rooms *rooms, struct span conversation,
    enum role role, const struct identity *unless);

/* By either id; quietly where it is not in it. */
void rooms_leave(struct connection *connection, struct span conversation);

/* False: it has not joined that one. */
bool rooms_typing(
    struct connection *connection, struct span conversation, bool is_typing);

/* For presence.c: that identity came or went; who cares is told. */
void rooms_tell_presence(const struct identity *identity);

/* For room.c: the identity of that name, new where there is none ... */
struct identity *identity_get(struct rooms *rooms, struct span name);
/* ... and it is perhaps needed no more: then it is freed. */
void identity_settle(struct identity *identity);

/* For presence.c: leave all that it may not be in (all where not bound). */
void rooms_leave_strange(struct connection *connection);

#endif
