/*
 * room.c: conversations that somebody has joined; see room.h.
 *
 * A room is there while it has members.  Its two sides are linked from the
 * identities of the parties, so that presence finds its rooms.
 */
#include "ws/room.h"

#include <stdlib.h>
#include <string.h>

#include "ws/room_event.h"

struct room;

struct side {
	struct list of_identity;
	struct identity *identity;
	struct room *room;
};

struct room {
	struct span name; /* first: see index.h */
	struct rooms *rooms;
	struct side side[ROLES];
	struct list members;
	char bytes[];
};

struct membership {
	struct list of_room, of_connection;
	struct room *room;
	struct connection *connection;
	enum role role;
	bool is_typing;  /* as was told */
	int64_t told_ms; /* when "true" was passed on, 0: never */
	struct timer silence;
	struct span asked;
	char bytes[];
};

void
rooms_init(struct rooms *rooms, const struct rooms_limits *limits,
    struct timers *timers,
    void (*say)(struct connection *to, struct parcel *parcel))
{
	*rooms =
	    (struct rooms){.limits = *limits, .timers = timers, .say = say};
	list_init(&rooms->departed);
}

void
rooms_connection(struct connection *connection)
{
	list_init(&connection->memberships);
}

/* --- rooms --- */

static struct room *
room_new(struct rooms *rooms, const struct join *join)
{
	struct span name = join->conversation;
	struct room *room = calloc(1, sizeof(*room) + name.len);

	if (!room)
		abort(); /* out of memory */
	memcpy(room->bytes, name.at, name.len);
	room->name = (struct span){room->bytes, name.len};
	room->rooms = rooms;
	list_init(&room->members);
	for (int role = 0; role < ROLES; role++) {
		struct side *side = &room->side[role];

		side->room = room;
		side->identity = identity_get(rooms, join->party[role]);
		list_init(&side->of_identity);
		list_add(&side->identity->sides, &side->of_identity);
	}
	index_add(&rooms->rooms, room);
	rooms->room_count++;
	return room;
}

static void
room_settle(struct room *room)
{
	struct rooms *rooms = room->rooms;

	if (!list_is_empty(&room->members))
		return;
	for (int role = 0; role < ROLES; role++) {
		list_remove(&room->side[role].of_identity);
		identity_settle(room->side[role].identity);
	}
	index_remove(&rooms->rooms, room);
	rooms->room_count--;
	free(room);
}

/* --- what members are told --- */

static void
say(const struct membership *to, struct parcel *parcel)
{
	to->room->rooms->say(to->connection, parcel);
	parcel_release(parcel);
}

/* Nobody hears of his own side, nor of himself where he is both. */
static void
say_presence(const struct membership *to, enum role role)
{
	const struct identity *party = to->room->side[role].identity;

	if (to->role != role && !connection_has(to->connection, party))
		say(to, presence_event(to->asked, party, role));
}

void
rooms_tell_presence(const struct identity *identity)
{
	LIST_EACH(at, &identity->sides) {
		struct side *side = LIST_ITEM(at, struct side, of_identity);
		enum role role = (enum role)(side - side->room->side);

		LIST_EACH(member, &side->room->members)
			say_presence(
			    LIST_ITEM(member, struct membership, of_room),
			    role);
	}
}

static void
say_typing(struct membership *typist, bool is_typing)
{
	typist->is_typing = is_typing;
	LIST_EACH(at, &typist->room->members) {
		struct membership *to =
		    LIST_ITEM(at, struct membership, of_room);

		if (to->role != typist->role)
			say(to,
			    typing_event(to->asked, typist->role, is_typing));
	}
}

static void
fell_silent(struct timer *timer)
{
	say_typing(LIST_ITEM(timer, struct membership, silence), false);
}

/* --- memberships --- */

static bool
is_same(struct span one, struct span other)
{
	return one.len == other.len && memcmp(one.at, other.at, one.len) == 0;
}

/* At most some hundred: a walk is enough. */
static struct membership *
find(const struct connection *connection, struct span conversation)
{
	LIST_EACH(at, &connection->memberships) {
		struct membership *membership =
		    LIST_ITEM(at, struct membership, of_connection);

		if (is_same(membership->asked, conversation) ||
		    is_same(membership->room->name, conversation))
			return membership;
	}
	return NULL;
}

static struct membership *
membership_new(
    struct room *room, struct connection *connection, const struct join *join)
{
	struct membership *membership =
	    calloc(1, sizeof(*membership) + join->asked.len);

	if (!membership)
		abort(); /* out of memory */
	memcpy(membership->bytes, join->asked.at, join->asked.len);
	membership->asked = (struct span){membership->bytes, join->asked.len};
	membership->room = room;
	membership->connection = connection;
	membership->role = join->role;
	membership->silence.fire = fell_silent;
	list_init(&membership->of_room);
	list_init(&membership->of_connection);
	list_add(&room->members, &membership->of_room);
	list_add(&connection->memberships, &membership->of_connection);
	connection->joined++;
	return membership;
}

static void
membership_end(struct membership *membership)
{
	struct room *room = membership->room;

	if (membership->is_typing)
		say_typing(membership, false);
	timer_clear(room->rooms->timers, &membership->silence);
	list_remove(&membership->of_room);
	list_remove(&membership->of_connection);
	membership->connection->joined--;
	free(membership);
	room_settle(room);
}

bool
rooms_join(
    struct rooms *rooms, struct connection *connection, const struct join *join)
{
	struct membership *membership = find(connection, join->conversation);
	struct room *room;

	if (membership && !is_same(membership->asked, join->asked)) {
		membership_end(membership); /* by another of its ids now */
		membership = NULL;
	}
	if (!membership) {
		if (connection->joined >= (size_t)rooms->limits.joins)
			return false;
		room = index_find(&rooms->rooms, join->conversation);
		if (!room)
			room = room_new(rooms, join);
		membership = membership_new(room, connection, join);
	}
	say_presence(membership, ROLE_CUSTOMER);
	say_presence(membership, ROLE_SELLER);
	return true;
}

void
rooms_leave(struct connection *connection, struct span conversation)
{
	struct membership *membership = find(connection, conversation);

	if (membership)
		membership_end(membership);
}

static struct membership *
find_other(
    const struct room *room, enum role role, const struct identity *unless)
{
	LIST_EACH(at, &room->members) {
		struct membership *membership =
		    LIST_ITEM(at, struct membership, of_room);

		if (membership->role == role &&
		    !connection_has(membership->connection, unless))
			return membership;
	}
	return NULL;
}

/* With the last of them the room is gone. */
void
rooms_dismiss(struct rooms *rooms, struct span conversation, enum role role,
    const struct identity *unless)
{
	struct room *room;

	while ((room = index_find(&rooms->rooms, conversation))) {
		struct membership *other = find_other(room, role, unless);

		if (!other)
			return;
		membership_end(other);
	}
}

void
rooms_leave_strange(struct connection *connection)
{
	LIST_EACH(at, &connection->memberships) {
		struct membership *membership =
		    LIST_ITEM(at, struct membership, of_connection);
		const struct side *his =
		    &membership->room->side[membership->role];

		if (!connection_has(connection, his->identity))
			membership_end(membership);
	}
}

bool
rooms_typing(
    struct connection *connection, struct span conversation, bool is_typing)
{
	struct membership *typist = find(connection, conversation);
	struct rooms *rooms;
	int64_t now;

	if (!typist)
		return false;
	rooms = typist->room->rooms;
	now = rooms->timers->now_ms;
	if (!is_typing) {
		timer_clear(rooms->timers, &typist->silence);
		say_typing(typist, false);
		return true;
	}
	if (typist->told_ms == 0 || now - typist->told_ms >= TYPING_EVERY_MS) {
		typist->told_ms = now;
		say_typing(typist, true);
	}
	if (typist->is_typing)
		timer_set(rooms->timers, &typist->silence,
		    now + rooms->limits.typing_ms);
	return true;
}
