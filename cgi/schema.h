/*
 * schema.h: every field that a client may send: name, type, limits, default.
 *
 * One table per shape in schema_*.c says it all; one function (schema_table.h)
 * walks it over json-c's objects into the structs below.  Flaws name the field
 * by its path ("message.payload.offerPrice").  Unknown fields are ignored
 * inside a conversation or message (first clients send many) and UNKNOWN_FIELD
 * at the top level of PUT and PATCH.  null counts as absent.
 *
 * All strings are lent by the parsed body; lengths are in code points.
 */
#ifndef CGI_SCHEMA_H
#define CGI_SCHEMA_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cgi/clock.h"
#include "cgi/flaw.h"
#include "cgi/text.h"

#define CONVERSATION_ID_MAX 128 /* printable ASCII */
#define MESSAGE_ID_MAX 64       /* printable ASCII, or an integer */
#define MESSAGE_TEXT_MAX 4000
#define PERSON_NAME_MAX 200
#define LISTING_ID_MAX 128
#define LISTING_NAME_MAX 300
#define FLAG_REASON_MAX 1000
#define URL_MAX 2000
#define MARK_IDS_MAX 500
#define SERVER_ID_PREFIX "parley-"

/*
 * A message id: an integer within +-(2^53-1) or a string of 1..64 printable
 * ASCII; 7 and "7" are one id.  text is always its canonical text; number is
 * set when was_number, or when text is the canonical form of such an integer
 * (also_number).  Clients may not give ids that begin with "parley-" to their
 * messages, but name the server's messages by them (offerMessageId, ...).
 */
struct message_id {
	char text[MESSAGE_ID_MAX + 1]; /* "" = absent */
	int64_t number;
	bool was_number;
	bool also_number;
};

enum message_type {
	TYPE_NONE, /* not given, and no offerPrice */
	TYPE_TEXT,
	TYPE_OFFER,
	TYPE_TEST_DRIVE,
	TYPE_IMAGE,
	TYPE_VOICE,
	TYPE_SYSTEM, /* refused from clients: BAD_FIELD */
};
extern const char *const message_type_names[]; /* wire names; [0] is "" */

/* Which party: as claimed by a request, or as derived. */
enum side {
	SIDE_CUSTOMER, /* sender "user" */
	SIDE_SELLER,   /* sender "seller" */
	SIDE_NONE,     /* not claimed; or: no party (an admin) */
};
extern const char *const side_names[];   /* "customer", "seller", "" */
extern const char *const sender_names[]; /* "user", "seller", "system" */

struct payload {
	double offer_price;         /* > 0; 0 = absent; required for offers */
	double counter_price;       /* the server's, in a counter; 0 = absent */
	char expires_at[ISO_BYTES]; /* normalised; "" = absent */
	const char *date, *time; /* NULL = absent; required for test drives */
	const char *image_url;   /* https, required for images */
	const char *audio_url;   /* https, required for voice */
	double duration_seconds; /* 0..86400; -1 = absent */
	struct message_id original_message_id;
};

/*
 * A message as sent.  TYPE_OFFER whatever its type says where
 * payload.offerPrice is a number.  status and counterPrice of a sent payload
 * are the server's and ignored.  timestamp: "" when absent, no ISO time (then
 * it is ignored, not refused), or more than a minute ahead of now.
 * text: 1..4000, not only blanks; may be empty or absent when the type is
 * offer, test drive, image or voice.  sender: "user", "seller" or "system"
 * as claimed, else BAD_FIELD; SYSTEM claims are kept as claims_system (403
 * by the handler, as for the other's role).
 */
struct message {
	struct message_id id;
	enum side claim; /* from sender; SIDE_NONE = not claimed */
	bool claims_system;
	const char *text; /* "" where absent */
	size_t text_bytes;
	char timestamp[ISO_BYTES];
	enum message_type type;
	struct payload payload;
};

bool message_take(struct message *m, struct json_object *from, const char *path,
    int64_t now_ms, struct flaw *flaw);

/* message id rules alone; path names the field in the flaw. */
bool message_id_take(struct message_id *id, struct json_object *from,
    const char *path, struct flaw *flaw);
/* From a header (Idempotency-Key) or made by the server (may_be_server). */
void message_id_from_number(struct message_id *id, int64_t number);
bool message_id_from_text(
    struct message_id *id, const char *text, bool may_be_server);

/*
 * Identities that clients name beside what they send.  userEmail: must be the
 * caller's own; userRole: "customer"|"user"|"seller"; readBy: either of both
 * forms.  Anything else than a string is BAD_FIELD; unknown words of userRole
 * are BAD_FIELD.  An identity of blanks claims nothing.  The handler compares
 * and answers 403.
 */
struct claims {
	const char *user_email; /* NULL = absent */
	const char *read_by;    /* an identity; NULL = absent, or a role */
	enum side side;         /* from userRole or a role in readBy */
	bool conflicting;       /* userRole and readBy name both sides */
};

struct offer_response {
	struct message_id offer_id;
	const char *response; /* accepted rejected countered withdrawn */
	struct message_id id; /* of the reply */
	double counter_price; /* > 0, required for countered, else ignored */
	const char *text;     /* responseMessage, NULL = none */
	size_t text_bytes;
};

struct test_drive_response {
	struct message_id message_id;
	const char *response; /* confirmed rejected */
	struct message_id id;
	const char *text;
	size_t text_bytes;
};

enum put_kind { PUT_MESSAGE, PUT_OFFER_RESPONSE, PUT_TEST_DRIVE_RESPONSE };

/* PUT: conversationId and exactly one of the three. */
struct put_request {
	const char *conversation_id;
	struct claims claims;
	enum put_kind kind;
	struct message message;
	int64_t read_seq; /* -1 = absent; else 0..2^53-1 */
	struct offer_response offer;
	struct test_drive_response test_drive;
};
bool put_request_take(struct put_request *r, struct json_object *body,
    int64_t now_ms, struct flaw *flaw);

enum patch_kind {
	PATCH_MARK_IDS,    /* markReadMessageIds */
	PATCH_MARK_SEQ,    /* readSeq, deliveredSeq or both */
	PATCH_THREAD_READ, /* threadReadBy + threadReadState */
	PATCH_ARCHIVE,
	PATCH_CLEAR,        /* clearMessages: true (false is BAD_FIELD) */
	PATCH_FLAG,         /* flag: {reason} 1..1000, not only blanks */
	PATCH_RESOLVE_FLAG, /* resolveFlag: true */
};

/* PATCH: conversationId and one kind of change (two kinds: BAD_FIELD). */
struct patch_request {
	const char *conversation_id;
	struct claims claims;
	enum patch_kind kind;
	struct message_id *mark_ids; /* mark_count of them; patch_release() */
	size_t mark_count;           /* 0..MARK_IDS_MAX; more are BAD_FIELD */
	int64_t read_seq;            /* -1 = absent */
	int64_t delivered_seq;       /* -1 = absent */
	enum side thread_side;
	bool yes; /* threadReadState, archive */
	const char *reason;
};
bool patch_request_take(
    struct patch_request *r, struct json_object *body, struct flaw *flaw);
void patch_request_release(struct patch_request *r);

/* The listing that a conversation is about: an integer, or 1..128 text. */
struct listing_id {
	const char *text; /* canonical text; NULL = absent */
	char digits[24];  /* backs text for integers */
	int64_t number;
	bool is_number;
};

/*
 * POST: a conversation as the first clients send it.  id is required; the
 * others only to create (the handler says so).  Fields that the server owns
 * are ignored.  Identities are normalised; "" = absent.  messages stays as
 * JSON: the handler takes those of the caller's role by message_take().
 */
struct thread_request {
	const char *id;
	struct claims claims;
	char customer_id[IDENTITY_BYTES];
	char seller_id[IDENTITY_BYTES];
	const char *customer_name; /* NULL = absent; 0..200, cut never */
	const char *seller_name;
	struct listing_id vehicle_id;
	const char *vehicle_name;     /* NULL = absent; 0..300 */
	double vehicle_price;         /* >= 0; -1 = absent or null */
	struct json_object *messages; /* array, or NULL */
};
bool thread_request_take(
    struct thread_request *r, struct json_object *body, struct flaw *flaw);

/* DELETE's optional body: {conversationId}; *id NULL where absent. */
bool delete_request_take(
    const char **id, struct json_object *body, struct flaw *flaw);

/* 1..128 printable ASCII; path names the field. */
bool conversation_id_check(
    const char *id, size_t len, const char *path, struct flaw *flaw);
/* A vehicleId= parameter: text, also a number where it reads as one. */
void listing_id_from_text(struct listing_id *id, const char *text);

#endif
