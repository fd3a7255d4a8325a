/*
 * event.h: what a browser may say on a socket, and what becomes of it.
 *
 * One write path: a send is the very request that nginx would send for PUT
 * /api/conversations, or for POST /api/chat.  A row says which request an event
 * becomes and which members of its data go along, under which names; others
 * are ignored, as first clients send many.  Typing and leave go to the hub
 * alone.  Each dialect has its table.
 *
 * To add an event: a row in event.c, its answer in relay_answer.c, the tables in
 * README.md; what it publishes is cgi/publish.c's.
 */
#ifndef WS_EVENT_H
#define WS_EVENT_H

#include <stdbool.h>
#include <stddef.h>

#include "ws/queue.h"
#include "ws/span.h"

enum event_kind {
	EVENT_REQUEST, /* a FastCGI request with a body made of data */
	EVENT_INIT,    /* likewise: it opens a support chat */
	EVENT_JOIN,    /* a GET: the api checks, and tells the hub */
	EVENT_LEAVE,   /* a line to the hub */
	EVENT_TYPING,  /* a line to the hub */
};

#define EVENT_MEMBERS 6
#define EVENT_INIT_MAX 1024 /* bytes of data: it is kept */

struct event_row {
	const char *name;
	enum event_kind kind;
	const char *method, *path, *query; /* of what has a body */
	bool is_send;                      /* answered by message:status too */
	/* Of a line to the hub, and of a join: the id of the room alone. */
	struct event_member {
		const char *from, *to; /* member of data, of the body */
		const char *unless;    /* not where that one is given too */
		bool is_session;       /* that a visitor does not choose */
	} member[EVENT_MEMBERS];
};

struct event_table {
	const struct event_row *row;
	size_t count;
};

extern const struct event_table conversation_events, chat_events;

/* The row of a name (a JSON string, escapes and all), NULL where unknown. */
const struct event_row *event_find(
    const struct event_table *table, struct span name);

/*
 * What is wrong with the data of such an event (bad_field), or NULL.  Only
 * what the api will not see, or could not read, is checked here.
 */
const char *event_flaw(
    const struct event_row *row, struct span data, bool is_agent);

/*
 * Put the body of the request: {"to":value,...}, values as they stand.  session:
 * the value of such a member, absent where it is not known.
 */
void event_body(const struct event_row *row, struct span data,
    struct span session, struct queue *out);

/*
 * The room's id out of data, decoded: 1 to BUS_CONVERSATION_MAX printable ASCII
 * characters without blanks; false where it is none.
 */
bool event_room(
    const struct event_row *row, struct span data, char *out, size_t cap);

#endif
