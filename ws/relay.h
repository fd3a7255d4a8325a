/*
 * relay.h: the relay, one browser on a WebSocket: its state, and what its
 * files ask of each other.
 *
 *	relay.c		options, start		relay_loop.c	poll(2), timers
 *	relay_client.c	what it says		relay_say.c	what we say to it
 *	relay_output.c	lines to stdout		relay_ending.c	ways to end
 *	relay_link.c	the hub			relay_proof.c	who it is
 *	relay_task.c	events that wait	relay_errand.c	one to the api
 *	relay_request.c	as a request		relay_answer.c	what came of it
 *	relay_memory.c	pages, descriptors	relay_chat.c	/chat alone
 */
#ifndef WS_RELAY_H
#define WS_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ws/bus.h"
#include "ws/dialect.h"
#include "ws/event.h"
#include "ws/fcgi_client.h"
#include "ws/line.h"
#include "ws/queue.h"
#include "ws/rate.h"

#define RELAY_LINE_MAX (64 * 1024L)   /* of a client */
#define RELAY_OUTPUT_MAX (256 * 1024) /* to it, waiting */
#define RELAY_TASKS_MAX (256 * 1024)  /* its events, waiting */
#define RELAY_TOKEN_MAX 8192          /* as the api's */
#define RELAY_BEARER_MAX (sizeof("Bearer ") + RELAY_TOKEN_MAX)
#define RELAY_HEX_BYTES 33 /* 32 hex digits, NUL */
#define RELAY_REST_MS 1000 /* from the last sign of life */
#define RELAY_AUTH_ACK_MAX 64
#define RELAY_LAST_FRAME_MAX 1024
#define RELAY_SESSION_MAX 256 /* of a support chat, as JSON */

struct relay_options {
	const char *hub, *api; /* paths */
	long line_bytes;
	long events_per_second, events_burst, joins_burst;
	long flood_ms;     /* drops that long: ended */
	long proof_ms;     /* to prove who it is */
	long heartbeat_ms; /* between our pings */
	long pong_ms;      /* what Socket.IO's clients are told to wait */
	long silence_ms;   /* nothing heard: ended */
	long deadline_ms;  /* of an event */
	long stall_ms;     /* nothing taken: ended */
	long drain_ms;     /* from the last frame to the end */
};

#define NEVER INT64_MAX

/* What is due at a time; relay_loop.c has the table of what is done then. */
enum relay_timer {
	TIMER_PING,
	TIMER_SILENCE,
	TIMER_PROOF,    /* it has not proved who it is */
	TIMER_STALL,    /* it takes nothing */
	TIMER_LINK,     /* connect to the hub */
	TIMER_BIND,     /* ask for the session (again) */
	TIMER_REPEAT,   /* send the task's request again */
	TIMER_DEADLINE, /* of the first task */
	TIMER_REST,     /* give memory back */
	TIMER_DRAIN,    /* the last frame had its time */
	TIMERS
};

enum stage {
	STAGE_OPEN,
	STAGE_DRAINING, /* the last frame is said; what it says is dropped */
	STAGE_ALONE,    /* the client is away; tasks are left, nothing else */
	STAGE_OVER
};

/* Why we end a connection; relay_ending.c has the words. */
enum ending {
	END_AUTH_FAILED,
	END_REVOKED,
	END_TOO_LARGE,
	END_SLOW_CONSUMER,
	END_IDLE,
	END_RATE_LIMITED,
	END_SERVER_RESTART,
	ENDINGS
};

/* What the request to the api is for. */
enum errand {
	ERRAND_NONE,
	ERRAND_BIND, /* GET /api/session; on /chat its init again */
	ERRAND_TASK  /* the first of the queue */
};

struct proof {
	bool asking;   /* the api is to say who this is */
	bool due;      /* and the time for it has come */
	bool accepted; /* it said so */
	bool heard;    /* the hub said "bound" since we asked */
	bool in_band;  /* the client asked for it, and waits */
	bool bound;    /* the hub knows */
	bool greeted;
	char ack[RELAY_AUTH_ACK_MAX]; /* of what it asked in band */
	size_t ack_len;
};

/* An event that waits for the api; the spans are lent by the queue. */
struct task {
	const struct event_row *row;
	int64_t deadline_ms;
	struct span data, ack;
};

/* Of /chat: its client proves itself by init. */
struct chat {
	bool is_open;        /* one was answered ... */
	bool is_agent;       /* ... to an agent; else to a visitor, ... */
	struct span session; /* ... whose this is: a JSON string */
	int64_t seen;        /* number of the newest line of the history */
	struct task init;    /* the last that was answered */
};

struct relay {
	const struct relay_options *options;
	const struct dialect *dialect;
	enum stage stage;
	int64_t now_ms; /* steady, of this turn */
	int64_t due[TIMERS];
	char sid[RELAY_HEX_BYTES];

	struct line_reader in;
	struct queue out;
	bool pull_due; /* something was lost: "resync" */
	struct rate events, joins;
	int64_t dropped_ms, flood_ms; /* the last drop, the first of a row */

	int hub;                               /* -1: not connected */
	char connection[BUS_CONNECTION_BYTES]; /* "": not yet greeted */
	char *packet;

	struct proof proof;
	struct queue tasks;
	struct fcgi_client api;
	enum errand errand;
	char request_id[RELAY_HEX_BYTES]; /* of the first task; "": new */
	bool unknown;                     /* it may have been carried out */
	struct queue scratch;
	struct chat chat;

	/* What proves who it is: "Bearer TOKEN", or the browser's headers
	 * where that is empty; and what did until the newest one is proved. */
	char *credential, *previous;
	char *init, *session; /* the data of chat.init; chat.session */
};

/* --- relay_loop.c --- */

/* Serve one client on descriptors 0 and 1, to the end. */
void relay_run(
    const struct relay_options *options, const struct dialect *dialect);

/* CLOCK_MONOTONIC or CLOCK_REALTIME. */
int64_t clock_now_ms(int clock);
int64_t jitter_ms(int64_t from, int64_t to);
void random_hex(char out[RELAY_HEX_BYTES]);

/* --- relay_client.c --- */

void client_read(struct relay *r);
void client_ping(struct relay *r);

/* --- relay_say.c: each says nothing once the last frame is said --- */

void say_open(struct relay *r);
void say_bound(struct relay *r, struct span ids_epoch);
void say_refused(struct relay *r);
void say_ping(struct relay *r);
void say_pong(struct relay *r, struct span data);
void say_line(struct relay *r, const char *line);
void say_event(struct relay *r, struct span name, struct span data);
void say_error(struct relay *r, const char *code, const char *reason,
    struct span conversation_id, struct span message_id);
/* Only where an ack is asked for; answer: a JSON object. */
void say_ack(struct relay *r, struct span ack, struct span answer, bool failed);
/* written: JSON, false or "unknown". */
void say_ack_failure(struct relay *r, struct span ack, const char *code,
    const char *reason, const char *written);
/* An event failed: its ack says so, and an error in any case. */
void say_failure(struct relay *r, const struct task *task, const char *code,
    const char *reason, const char *written);

/* The ids in the data of an event; absent ones are. */
struct span data_conversation(struct span data);
struct span data_message_id(const struct relay *r, struct span data);

/* --- relay_output.c --- */

void output_write(struct relay *r);
bool output_is_full(const struct relay *r);

/* --- relay_ending.c --- */

/* We end it: the last frame, and a while for it to arrive. */
void ending_begin(struct relay *r, enum ending why);
/* By the hub's word for it. */
void ending_named(struct relay *r, struct span code);
/* The client is away, or has had its while. */
void ending_leave(struct relay *r);

void ending_idle(struct relay *r);
void ending_stalled(struct relay *r);

/* --- relay_link.c --- */

void link_connect(struct relay *r);
void link_read(struct relay *r);
/* Say one line; false where the hub does not take it. */
bool link_say(struct relay *r, const char *line);
/* The last line. */
void link_leave(struct relay *r, const char *code);

/* --- relay_proof.c --- */

void proof_start(struct relay *r);
/* Ask for it (again); it was told to the api, and the hub will say so. */
void proof_ask(struct relay *r);
void proof_told(struct relay *r);
bool proof_has_credential(const struct relay *r);
void proof_auth(struct relay *r, const struct said *said);
void proof_connected(struct relay *r);
void proof_lost(struct relay *r);
void proof_bound(struct relay *r, struct span ids_epoch);
/* The api's answer to the session request; 0: none came. */
void proof_answer(struct relay *r, int status);
void proof_again(struct relay *r);
void proof_overdue(struct relay *r);

/* --- relay_errand.c --- */

/* Begin what is due, one at a time. */
void errand_begin(struct relay *r);
void errand_ready(struct relay *r);
/* Break off a session request. */
void errand_forget_bind(struct relay *r);
void errand_overdue(struct relay *r);

/* --- relay_request.c: false where it does not fit --- */

bool make_bind_request(struct relay *r);
bool make_task_request(struct relay *r, const struct task *task);

/* --- relay_task.c --- */

/* False: there is no room. */
bool task_put(struct relay *r, const struct task *task);
bool task_first(const struct relay *r, struct task *task);
/* Is there one behind the first? */
bool task_follows(const struct relay *r);
void task_done(struct relay *r);

/* --- relay_answer.c --- */

/* What the client is told of the answer to its event. */
void answer_take(
    struct relay *r, const struct task *task, int status, struct span body);
/* The answer to the session request, or to an init that we repeat. */
void answer_take_bind(struct relay *r, int status, struct span body);
/* Does an envelope of failure say that nothing was written? */
bool answer_is_unwritten(struct span body);

/* --- relay_chat.c --- */

/* Has the client sent an init that is answered, or may still be? */
bool chat_is_begun(const struct relay *r);
/* Is one at the api?  Then the hub waits. */
bool chat_is_opening(const struct relay *r);
/* One that cannot be answered any more. */
void chat_forgo(struct relay *r, const struct task *init);
/* The api's answer to it; false: it makes no sense. */
bool chat_opened(struct relay *r, const struct task *init, struct span answer);
/* The session that a request is to name, absent: the api knows. */
struct span chat_session(const struct relay *r, const struct task *task);
/* The api's answer to a message. */
void chat_sent(struct relay *r, struct span answer);
/* Is the session no more the visitor's?  Then the api finds another. */
bool chat_forget(struct relay *r, int status);
/* The room of its typing; false: there is none. */
bool chat_room(
    const struct relay *r, const struct task *task, char *room, size_t cap);
/* An event of the hub, as its client is to see it. */
void chat_event(struct relay *r, struct span name, struct span data);

/* --- relay_memory.c --- */

void memory_init(struct relay *r);
/* Whether idle: give all pages back. */
void memory_rest(struct relay *r);
/* Copy the descriptor table, of which websocketd's was large. */
void memory_shrink_table(void);

#endif
