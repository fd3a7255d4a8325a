/*
 * store_append.h: the send: one statement commits it.
 *
 * A findAndModify with a pipeline matches the id, the caller as party and "no
 * message of this sender with this id", and assigns seq, rev and ordinal,
 * derives the sender, appends, sets times and marks.  No transaction and no
 * counter document: single-document atomicity is all it relies on.  Which
 * party the caller is and how far the archive reaches are guessed (hints.h)
 * and checked in the filter; where nothing matches, a deciding read tells
 * why, or corrects the guess for another try, at most STORE_TRIES times.
 */
#ifndef CGI_STORE_APPEND_H
#define CGI_STORE_APPEND_H

#include "cgi/store_look.h"

#define STORE_TRIES 8
#define APPEND_MAX 32 /* messages in one statement */

/* How far the sender's read mark rises with his send. */
#define READ_TO_NEW (-1)    /* to the new message */
#define READ_UNCHANGED (-2) /* a merged snapshot proves nothing seen */

struct append {
	const char *conversation_id;
	const struct message *message; /* its id is set */
	int64_t read_seq;              /* a seq, or READ_TO_NEW */
	enum side claim; /* the role that the request claims, or SIDE_NONE */
	bool forbidden;  /* claims what is not the caller's: look only */
};

/* What a send, or an answer to an offer, leaves to its handler. */
struct appended {
	struct found found;            /* after it, or as it stands */
	bson_t bucket;                 /* lends message where archived */
	struct stored_message message; /* the one appended before or now */
	bool has_message;
};
void appended_init(struct appended *a);
void appended_release(struct appended *a);

/*
 * STORE_OK, STORE_DUPLICATE (both with message), STORE_ABSENT,
 * STORE_FORBIDDEN (a claim is not the caller's; an admin who is no party),
 * STORE_REUSED, STORE_FULL, STORE_BUSY, STORE_DOWN, STORE_UNKNOWN.
 */
enum store_result store_append(struct store *store, const struct caller *caller,
    const struct append *append, struct appended *a);

/*
 * The same statement for 1..APPEND_MAX messages whose ids are new to the
 * conversation just found; *doc is the document after it.  STORE_ABSENT: it
 * has changed meanwhile, look again.
 */
enum store_result store_append_batch(struct store *store,
    const struct caller *caller, const struct found *found,
    const struct message *const *messages, size_t count, bson_t *doc);

/* Note for store_after() that the window is full. */
void append_note_roll(struct store *store, const struct conversation *c);

#endif
