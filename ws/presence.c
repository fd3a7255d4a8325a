/*
 * presence.c: identities and who is bound to them; see room.h.
 *
 * An identity is kept while somebody is bound to it, a room has it as a
 * party, or it is among the newest of whom we know when they were last seen.
 */
#include "ws/room.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void went_offline(struct timer *timer);

struct identity *
rooms_identity(const struct rooms *rooms, struct span name)
{
	return index_find(&rooms->identities, name);
}

struct identity *
identity_get(struct rooms *rooms, struct span name)
{
	struct identity *identity = rooms_identity(rooms, name);

	if (identity)
		return identity;
	identity = calloc(1, sizeof(*identity) + name.len);
	if (!identity)
		abort(); /* out of memory */
	memcpy(identity->bytes, name.at, name.len);
	identity->name = (struct span){identity->bytes, name.len};
	identity->rooms = rooms;
	identity->gone.fire = went_offline;
	list_init(&identity->bindings);
	list_init(&identity->sides);
	list_init(&identity->departed);
	index_add(&rooms->identities, identity);
	return identity;
}

void
identity_settle(struct identity *identity)
{
	if (identity->online || !list_is_empty(&identity->bindings) ||
	    !list_is_empty(&identity->sides) ||
	    !list_is_empty(&identity->departed))
		return;
	index_remove(&identity->rooms->identities, identity);
	free(identity);
}

/* --- when somebody was last seen --- */

static void
forget_departed(struct identity *identity)
{
	if (list_is_empty(&identity->departed))
		return;
	list_remove(&identity->departed);
	identity->rooms->departed_count--;
}

static void
remember_departed(struct identity *identity)
{
	struct rooms *rooms = identity->rooms;

	list_add(&rooms->departed, &identity->departed);
	rooms->departed_count++;
	if (rooms->departed_count <= (size_t)rooms->limits.last_seen)
		return;
	identity = LIST_ITEM(rooms->departed.next, struct identity, departed);
	forget_departed(identity);
	identity->seen_ms = 0;
	identity_settle(identity);
}

static void
went_offline(struct timer *timer)
{
	struct identity *identity = LIST_ITEM(timer, struct identity, gone);

	identity->online = false;
	rooms_tell_presence(identity);
	remember_departed(identity);
}

/* --- bindings --- */

static void
link_identity(struct connection *connection, struct identity *identity)
{
	struct binding *binding = &connection->binding[connection->bindings];
	struct rooms *rooms = identity->rooms;

	*binding =
	    (struct binding){.identity = identity, .connection = connection};
	if (connection->bindings++ == 0 && identity->accounts++ == 0)
		rooms->account_count++;
	list_init(&binding->of_identity);
	list_add(&identity->bindings, &binding->of_identity);
	timer_clear(rooms->timers, &identity->gone);
	forget_departed(identity);
	if (identity->online)
		return;
	identity->online = true;
	rooms_tell_presence(identity);
}

/* A tab that is loaded anew is back within moments: nobody hears of it. */
static void
unlink_identity(struct connection *connection)
{
	struct binding *binding = &connection->binding[--connection->bindings];
	struct identity *identity = binding->identity;
	struct rooms *rooms = identity->rooms;

	if (connection->bindings == 0 && --identity->accounts == 0)
		rooms->account_count--;
	list_remove(&binding->of_identity);
	if (!list_is_empty(&identity->bindings))
		return;
	identity->seen_ms = rooms->timers->wall_ms;
	timer_set(rooms->timers, &identity->gone,
	    rooms->timers->now_ms + rooms->limits.offline_ms);
}

bool
connection_has(
    const struct connection *connection, const struct identity *identity)
{
	for (size_t i = 0; i < connection->bindings; i++)
		if (connection->binding[i].identity == identity)
			return true;
	return false;
}

bool
connection_is_of(const struct connection *connection, struct span name)
{
	struct span account = connection->binding[0].identity->name;

	assert(connection->bindings > 0);
	return account.len == name.len &&
	       memcmp(account.at, name.at, name.len) == 0;
}

void
rooms_bind(struct rooms *rooms, struct connection *connection,
    const struct span *name, size_t count)
{
	assert(count > 0 && count <= BUS_IDENTITIES);
	if (connection->bindings == 0)
		rooms->bound_count++;
	while (connection->bindings > 0)
		unlink_identity(connection);
	for (size_t i = 0; i < count; i++) {
		struct identity *identity = identity_get(rooms, name[i]);

		if (!connection_has(connection, identity))
			link_identity(connection, identity);
	}
	rooms_leave_strange(connection);
}

void
rooms_unbind(struct connection *connection)
{
	struct rooms *rooms;

	if (connection->bindings == 0)
		return;
	rooms = connection->binding[0].identity->rooms;
	while (connection->bindings > 0)
		unlink_identity(connection);
	rooms_leave_strange(connection);
	rooms->bound_count--;
}
