/*
 * room_event.h: the two events that the hub makes itself, as lines of the bus.
 *
 *	user:presence {"conversationId","userEmail","userRole","isOnline",
 *		"lastSeen"}
 *	conversation:typing {"conversationId","userRole","isTyping"}
 * Ids come from lines of the bus, so they hold no controls.  Both give.
 */
#ifndef WS_ROOM_EVENT_H
#define WS_ROOM_EVENT_H

#include "ws/room.h"

/* That party is present, or when it was last. */
struct parcel *presence_event(
    struct span conversation, const struct identity *party, enum role role);

struct parcel *typing_event(
    struct span conversation, enum role role, bool is_typing);

#endif
