/*
 * dialect.h: three ways to say the same on a WebSocket, one table of functions
 * each; told apart by path.  Pure: text in, text out; states are relay.c's.
 *
 * Native (/ws): {"event":s,"data":any,"ack":any} both ways.
 * Socket.IO 5 over Engine.IO 4 (/socket.io/, WebSocket only): open 0{...},
 * connect 40, event 42, ack 43, ping 2 and pong 3, leave 41 and 1.
 * Support chat (/chat): {"type":s,...}.
 */
#ifndef WS_DIALECT_H
#define WS_DIALECT_H

#include <stdbool.h>
#include <stddef.h>

#include "ws/event.h"
#include "ws/queue.h"
#include "ws/span.h"

enum said_kind {
	SAID_NOTHING, /* a pong, an empty line: only a sign of life */
	SAID_EVENT,   /* event, data, ack; event "auth" is SAID_AUTH */
	SAID_AUTH,    /* token (absent: the cookie), ack */
	SAID_LEAVE,
	SAID_PING,  /* data goes back by pong() */
	SAID_FLAW,  /* code, reason: the connection survives */
	SAID_REPLY, /* text, a whole line: a refusal of the protocol's own */
};

#define SAID_TEXT_BYTES 128

/* What one line of the client says; lent by the line. */
struct said {
	enum said_kind kind;
	struct span event; /* name, with its quotes */
	struct span data;  /* a JSON value; absent where there is none */
	struct span ack;   /* native: a JSON value; Socket.IO: digits */
	struct span token; /* a JSON string with its quotes */
	const char *code, *reason; /* static */
	char text[SAID_TEXT_BYTES];
};

/* What our side fills greetings with. */
struct greeting {
	struct span ids_epoch; /* {"ids":[...],"epoch":"..."} */
	const char *sid;       /* hex */
	long ping_ms, timeout_ms, line_bytes;
};

struct dialect {
	const char *name; /* as on the bus */
	const char *path;
	bool idle_rule;                   /* a silent client is dropped */
	const struct event_table *events; /* that its clients may send */
	const char *message_id; /* where it is in the data of a send */
	/* What is said to events before the proof, and without a join. */
	const char *prove_first, *join_first;

	/* Take one line apart. */
	void (*read)(struct span line, struct said *said);

	/*
	 * Each puts one line, with its LF, or none where it has no such, into
	 * a queue that was begun.  name: a plain word, without quotes.
	 */
	void (*open)(struct queue *out, const struct greeting *greeting);
	void (*bound)(struct queue *out, const struct greeting *greeting);
	void (*event)(struct queue *out, struct span name, struct span data);
	/* answer: a JSON object; failed: it is a failure envelope */
	void (*ack)(struct queue *out, struct span ack, struct span answer,
	    bool failed);
	void (*ping)(struct queue *out);
	void (*pong)(struct queue *out, struct span data);
	/* The answer to a proof that failed before the greeting. */
	void (*refused)(struct queue *out);
};

extern const struct dialect dialect_native, dialect_socketio, dialect_chat;

/* By PATH_INFO; NULL for any other path. */
const struct dialect *dialect_find(const char *path);

/*
 * Put {"code","reason","message"[,"conversationId","messageId"]}, the data of
 * every "error".  Ids are JSON values of the client's; absent ones, and what
 * can be no id, are left out.
 */
void error_data(struct queue *out, const char *code, const char *reason,
    struct span conversation_id, struct span message_id);

/*
 * A whole frame: the "error" event with that data, in this dialect.  Where
 * that would pass 2 KiB, the code stands for the reason, and no ids.
 */
void error_frame(const struct dialect *dialect, struct queue *out,
    const char *code, const char *reason, struct span conversation_id,
    struct span message_id);

#endif
