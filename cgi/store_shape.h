/*
 * store_shape.h: the documents, as they lie in MongoDB.
 *
 * conversations, one document each.  Field names and types are those of the
 * original application, so that its tools read ours; what is ours:
 *
 *	_id ObjectId      v 1
 *	id string         ids [id, aliases...] (unique)    key string (unique)
 *	customerId, customerName, sellerId, sellerName string
 *	vehicleId int64|string|null   vehicleName string   vehiclePrice double|null
 *	messages [message]: the window, in order of seq: messages with a pending
 *	    offer or request of up to archivedSeq, then all after archivedSeq
 *	lastMessageAt "2026-11-24T08:00:00.000Z"
 *	seq, rev, archivedSeq int64
 *	sent {customer, seller} int64: messages sent by each
 *	marks {customer, seller} {seq, n, was} int64: read mark, the ordinal of
 *	    the other's last message up to there, and where the mark stood
 *	    before the last write that may have raised it
 *	delivered {customer, seller} int64
 *	cleared {customer, seller} {seq, n} int64: hidden up to there
 *	hidden, archived, markedUnread {customer, seller} bool
 *	isReadByCustomer, isReadBySeller bool: derived, indexed
 *	isFlagged bool   flags {customer|seller|unknown: {reason, at}}
 *	changed {customer, seller} int64: ms, only grows: list sync
 *	createdAt, updatedAt date
 *
 * message: id int64|double|string, sender user|seller|system, text, timestamp,
 *	receivedAt string, type string, payload document or absent, seq, rev, n
 *	int64 (n: its ordinal among its sender's), answer {by, response, price,
 *	text, reply} once answered, original true where the original application
 *	wrote it.
 *
 * tombstone of a purged conversation: _id, v, id, ids, customerId, sellerId,
 *	changed, purged date.
 *
 * archive, one bucket each: _id {c: the conversation's _id, k int64}, rev
 *	int64 (highest of its messages), before {customer, seller} int64 (sent
 *	before its first message), messages: exactly 32k+1 .. 32k+32.
 */
#ifndef CGI_STORE_SHAPE_H
#define CGI_STORE_SHAPE_H

#include <bson/bson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cgi/identity.h"
#include "cgi/schema.h"

#define BUCKET_MESSAGES 32
#define WINDOW_ROLL 64 /* seq - archivedSeq that makes a roll due */
#define WINDOW_MAX 128 /* a send rolls first */
#define ALIASES_MAX 16
#define PENDING_MAX 8 /* a party */

struct mark {
	int64_t seq, n, was;
};

/* One stored message; everything is lent by the document. */
struct stored_message {
	bson_iter_t id;   /* int32, int64, double or utf8 */
	enum side sender; /* SIDE_NONE: system */
	const char *text;
	uint32_t text_len;
	const char *timestamp, *received_at;
	enum message_type type;
	int64_t seq, rev, n;
	bool has_payload;
	bson_iter_t payload;    /* of the document field */
	const char *status;     /* payload.status or "" */
	const char *expires_at; /* payload.expiresAt or "" */
	double offer_price;     /* 0 = none */
	bool has_answer;
	bson_iter_t answer;
	bool original;
};

/* False where from is no document, or has no id. */
bool stored_message_read(struct stored_message *m, const bson_iter_t *from);

/* Does it wait for an answer at wall time now (ISO text)? */
bool stored_message_is_pending(
    const struct stored_message *m, const char *now_iso);

/* One conversation; everything is lent by the document.  Arrays: by side. */
struct conversation {
	bson_oid_t oid;
	bool purged;
	bool upgraded; /* has v */
	const char *id;
	bson_iter_t ids; /* the array field */
	bool has_ids;
	const char *party[2];
	const char *name[2];
	bson_iter_t vehicle_id;
	bool has_vehicle_id;
	const char *vehicle_name;
	bool has_price;
	double price;
	bson_iter_t messages; /* the array field */
	bool has_messages;
	const char *last_message_at;
	int64_t seq, rev, archived_seq;
	int64_t sent[2], delivered[2], changed[2];
	struct mark mark[2], cleared[2];
	bool hidden[2], archived[2], marked_unread[2], is_read[2];
	bool is_flagged, flagged[2];
	const char *flag_reason[2]; /* by reporter; [] see flags */
	int64_t flagged_at[2];
	const char *flag_any_reason;
	int64_t flag_any_at;
	int64_t created_at, updated_at;
};

/* Fields of a wrong type count as absent; false where doc is no BSON. */
bool conversation_read(struct conversation *c, const bson_t *doc);

/* Which party the caller is; the customer's side wins. */
enum side conversation_side(
    const struct conversation *c, const struct caller *caller);

int64_t conversation_unread(const struct conversation *c, enum side side);

/* What a side has received: what it has read, at least. */
int64_t conversation_delivered(const struct conversation *c, enum side side);

/* The canonical text of (listing, customer, seller) in key. */
#define KEY_BYTES (2 * IDENTITY_BYTES + 4 * LISTING_ID_MAX + 8)
void conversation_key(char out[KEY_BYTES], const char *listing,
    const char *customer, const char *seller);

/* A message as sent that will wait for an answer: offer or test drive. */
bool message_waits(const struct message *m);

/*
 * Append a message, as sent, to *out: the client's part and what is known
 * before the write: id, sender, text, timestamp, receivedAt, type, payload.
 */
void message_to_bson(bson_t *out, const struct message *m, enum side sender,
    const char *now_iso);
void message_id_append(
    bson_t *out, const char *field, const struct message_id *id);
/* field: {$in: [both forms]} where an id has two, else the plain id. */
void message_id_match(
    bson_t *out, const char *field, const struct message_id *id);
/* As it is stored; false where it is none that a client could name. */
bool message_id_from_stored(struct message_id *id, const bson_iter_t *stored);
bool message_id_equals(const struct message_id *id, const bson_iter_t *stored);

/* P2's "same content": text, type, payload without status, counterPrice. */
bool message_is_same(const struct message *m, const struct stored_message *s);

#endif
