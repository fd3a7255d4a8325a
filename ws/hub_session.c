/*
 * hub_session.c: sessions that ended before their time, see hub.h.
 *
 * The api refuses their tokens itself; this is only for a bind that was on
 * its way when the session ended, so the newest are enough.
 */
#include <stdlib.h>
#include <string.h>

#include "ws/hub.h"

#define REMEMBERED 65536

struct ended {
	struct span name;  /* first: see index.h */
	struct list place; /* the oldest first */
	int64_t until;
	char bytes[];
};

static void
forget(struct hub *hub, struct ended *ended)
{
	index_remove(&hub->ended, ended);
	list_remove(&ended->place);
	hub->ended_count--;
	free(ended);
}

/* Most expire about as they came. */
static void
make_room(struct hub *hub)
{
	while (!list_is_empty(&hub->ended_list)) {
		struct ended *oldest =
		    LIST_ITEM(hub->ended_list.next, struct ended, place);

		if (oldest->until > hub->timers.wall_ms / 1000 &&
		    hub->ended_count < REMEMBERED)
			return;
		forget(hub, oldest);
	}
}

void
hub_session_end(struct hub *hub, struct span session, int64_t until)
{
	struct ended *ended = index_find(&hub->ended, session);

	if (ended)
		forget(hub, ended);
	make_room(hub);
	ended = malloc(sizeof(*ended) + session.len);
	if (!ended)
		abort(); /* out of memory */
	memcpy(ended->bytes, session.at, session.len);
	ended->name = (struct span){ended->bytes, session.len};
	ended->until = until;
	index_add(&hub->ended, ended);
	list_init(&ended->place);
	list_add(&hub->ended_list, &ended->place);
	hub->ended_count++;
}

bool
hub_session_is_ended(const struct hub *hub, struct span session)
{
	const struct ended *ended = index_find(&hub->ended, session);

	return ended && ended->until > hub->timers.wall_ms / 1000;
}
