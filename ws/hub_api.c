/*
 * hub_api.c: what the api says (bus.h); see hub.h.
 *
 * It is believed; a line about somebody who is not here is ignored, for he
 * may have left in the meantime.
 */
#include <stdlib.h>
#include <string.h>

#include "ws/hub.h"

/* A time far beyond any credential's, still safe to count in milliseconds. */
#define UNTIL_MAX 100000000000LL

/* Every bound client is to pull, not all at the same moment. */
static void
resync_all(struct hub *hub)
{
	int64_t now = hub->timers.now_ms;
	int64_t spread = hub->options.resync_ms;
	int64_t n = (int64_t)hub->rooms.bound_count, i = 0;

	LIST_EACH(at, &hub->relay_list) {
		struct hub_client *client =
		    LIST_ITEM(at, struct hub_client, all);

		if (client->connection.bindings == 0)
			continue;
		if (!client->resync.place)
			timer_set(&hub->timers, &client->resync,
			    now + spread * i / n);
		i++;
	}
}

static bool
take_lost(struct hub_client *api, const struct frame *frame, struct span *rest)
{
	(void)frame;
	(void)rest;
	resync_all(api->hub);
	return true;
}

/* --- events --- */

static void
deliver(struct hub *hub, const struct identity *identity, struct parcel *parcel)
{
	LIST_EACH(at, &identity->bindings) {
		struct connection *connection =
		    LIST_ITEM(at, struct binding, of_identity)->connection;

		if (connection->generation == hub->generation)
			continue;
		connection->generation = hub->generation;
		hub_connection_put(connection, parcel);
	}
}

/* The lines that follow: who gets what. */
static bool
take_publish(
    struct hub_client *api, const struct frame *frame, struct span *rest)
{
	struct hub *hub = api->hub;
	struct hub_client *except = hub_client_find(hub, frame->field[3]);
	struct span line[3] = {SPAN("event"), frame->field[1], {NULL, 0}};
	struct frame party;
	long long began_us;

	if (frame->count < 4 || !frame_number(frame, 2, &began_us)) {
		/* What follows are names of people, no kinds of lines. */
		*rest = (struct span){rest->at + rest->len, 0};
		return false;
	}
	hub->metrics.events[metric_event(frame->field[1])]++;
	hub->generation++;
	if (except) /* it counts as one that has it */
		except->connection.generation = hub->generation;
	while (frame_next(rest, &party)) {
		struct identity *identity =
		    rooms_identity(&hub->rooms, party.field[0]);
		struct parcel *parcel;

		if (!identity || party.count < 2)
			continue;
		line[2] = party.field[1];
		parcel = parcel_new(line, 3);
		parcel->began_us = began_us;
		deliver(hub, identity, parcel);
		parcel_release(parcel);
	}
	return true;
}

/* --- who it is --- */

struct proof {
	struct span session, json;
	const struct span *identity;
	size_t identities;
	int64_t until;
};

static bool
take_proof(const struct frame *frame, struct proof *proof)
{
	long long until;

	if (frame->count < 6 || !frame_number(frame, 2, &until))
		return false;
	*proof = (struct proof){
	    .session = frame->field[3],
	    .json = frame->field[frame->count - 1],
	    .identity = &frame->field[4],
	    .identities = frame->count - 5,
	    .until = until < UNTIL_MAX ? until : UNTIL_MAX,
	};
	for (size_t i = 0; i < proof->identities; i++)
		if (proof->identity[i].len == 0 ||
		    proof->identity[i].len > BUS_IDENTITY_MAX)
			return false;
	return true;
}

/* Why it may not be bound, NULL: it may. */
static const char *
refuse(const struct hub_client *client, const struct proof *proof)
{
	const struct hub *hub = client->hub;
	const struct identity *account;

	if (hub_session_is_ended(hub, proof->session))
		return "revoked";
	if (client->connection.bindings > 0)
		return connection_is_of(&client->connection, proof->identity[0])
			   ? NULL
			   : "auth_failed";
	account = rooms_identity(&hub->rooms, proof->identity[0]);
	if (account &&
	    account->accounts >= (size_t)hub->options.account_connections)
		return "rate_limited";
	return NULL;
}

static bool
take_bind(struct hub_client *api, const struct frame *frame, struct span *rest)
{
	struct hub *hub = api->hub;
	struct hub_client *client = hub_client_find(hub, frame->field[1]);
	struct proof proof;
	const char *refusal;

	(void)rest;
	if (!client || !take_proof(frame, &proof))
		return false;
	refusal = refuse(client, &proof);
	if (refusal) {
		hub_client_end(client, refusal);
		return true;
	}
	free(client->session);
	client->session = strndup(proof.session.at, proof.session.len);
	if (!client->session)
		abort(); /* out of memory */
	rooms_bind(
	    &hub->rooms, &client->connection, proof.identity, proof.identities);
	timer_set(&hub->timers, &client->until,
	    hub->timers.now_ms + proof.until * 1000 - hub->timers.wall_ms);
	hub_client_say(
	    client, (const struct span[]){SPAN("bound"), proof.json}, 2);
	return true;
}

static bool
take_revoke(
    struct hub_client *api, const struct frame *frame, struct span *rest)
{
	struct hub *hub = api->hub;
	struct span session = frame->field[1];
	long long until;

	(void)rest;
	if (!frame_number(frame, 2, &until))
		return false;
	hub_session_end(hub, session, until);
	LIST_EACH(at, &hub->relay_list) {
		struct hub_client *client =
		    LIST_ITEM(at, struct hub_client, all);

		if (client->session && span_is(session, client->session))
			hub_client_end(client, "revoked");
	}
	return true;
}

/* --- where it is --- */

/* Both kinds of line have the same fields; false: no room has such ids. */
static bool
take_room(const struct frame *frame, struct join *join)
{
	*join = (struct join){
	    .asked = frame->field[2],
	    .conversation = frame->field[3],
	    .role =
		frame_is(frame, 4, "customer") ? ROLE_CUSTOMER : ROLE_SELLER,
	    .party = {frame->field[5], frame->field[6]},
	};
	return join->asked.len <= BUS_CONVERSATION_MAX &&
	       join->conversation.len <= BUS_CONVERSATION_MAX &&
	       join->party[ROLE_CUSTOMER].len <= BUS_IDENTITY_MAX &&
	       join->party[ROLE_SELLER].len <= BUS_IDENTITY_MAX;
}

static void
enter(struct hub_client *client, const struct join *join)
{
	if (!rooms_join(&client->hub->rooms, &client->connection, join))
		hub_client_say(client,
		    (const struct span[]){
			SPAN("refuse"), SPAN("rate_limited"), join->asked},
		    3);
}

static bool
take_join(struct hub_client *api, const struct frame *frame, struct span *rest)
{
	struct hub_client *client = hub_client_find(api->hub, frame->field[1]);
	struct join join;

	(void)rest;
	if (!client || client->connection.bindings == 0 ||
	    !take_room(frame, &join))
		return false;
	enter(client, &join);
	return true;
}

static bool
take_admit(struct hub_client *api, const struct frame *frame, struct span *rest)
{
	struct rooms *rooms = &api->hub->rooms;
	const struct identity *identity =
	    rooms_identity(rooms, frame->field[1]);
	struct join join;

	(void)rest;
	if (!take_room(frame, &join))
		return false;
	rooms_dismiss(rooms, join.conversation, join.role, identity);
	if (!identity)
		return true;
	LIST_EACH(at, &identity->bindings) {
		struct connection *connection =
		    LIST_ITEM(at, struct binding, of_identity)->connection;

		enter(LIST_ITEM(connection, struct hub_client, connection),
		    &join);
	}
	return true;
}

/* --- all of it --- */

static const struct {
	const char *kind;
	size_t fields; /* at least */
	/* False: it makes no sense, or concerns nobody who is here. */
	bool (*take)(struct hub_client *api, const struct frame *frame,
	    struct span *rest);
} kinds[] = {
    {"publish", 1, take_publish}, {"bind", 6, take_bind},
    {"join", 7, take_join}, {"admit", 7, take_admit},
    {"revoke", 3, take_revoke}, {"lost", 1, take_lost},
    {"api", 2, take_lost}, /* what it did before it came may be lost */
};

static bool
take_line(struct hub_client *api, const struct frame *frame, struct span *rest)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (frame_is(frame, 0, kinds[i].kind) &&
		    frame->count >= kinds[i].fields)
			return kinds[i].take(api, frame, rest);
	return false;
}

void
hub_take_api(struct hub_client *api, struct span packet)
{
	struct frame frame;
	const char *end = packet.at + packet.len;

	while (frame_next(&packet, &frame))
		api->hub->metrics.ignored += !take_line(api, &frame, &packet);
	api->hub->metrics.ignored += packet.at != end;
}
