/*
 * store_look.h: one conversation as it stands, and how the caller stands to
 * it; and the names of the fields that belong to one party.
 */
#ifndef CGI_STORE_LOOK_H
#define CGI_STORE_LOOK_H

#include "cgi/store.h"
#include "cgi/store_shape.h"

/* A document, read; c lends from doc. */
struct found {
	bson_t doc;
	struct conversation c;
	enum side side; /* the caller's; SIDE_NONE: an admin, no party */
};

void found_init(struct found *found);
void found_release(struct found *found);

/* Take doc over (it is moved out) and read it, as caller stands to it. */
void found_take(struct found *found, bson_t *doc, const struct caller *caller);

/*
 * By any id, for decisions: local read, not settled (store_refuse() does).
 * STORE_ABSENT: no such conversation, purged, or the caller is no party and
 * no admin.  Upgrades a document of the original application that arrived
 * late.  Remembers a hint.
 */
enum store_result store_look(struct store *store, const struct caller *caller,
    const char *id, struct found *found);

/* The same conversation anew, by the id that found holds. */
enum store_result store_look_same(
    struct store *store, const struct caller *caller, struct found *found);

/*
 * The same as a client's read: majority where that exists, and a refusal is
 * settled.  What is shown must still be: store_settle() after the last read.
 */
enum store_result store_look_settled(struct store *store,
    const struct caller *caller, const char *id, struct found *found);

/*
 * May this side do what a request asks that claims to come from claim
 * (SIDE_NONE: it does not say), or is otherwise forbidden?  No party may not.
 */
bool side_may(enum side side, enum side claim, bool forbidden);

/*
 * Field names and paths by party, so that statements need no concatenation.
 * A name is a dotted path; a ref is the same with "$", for pipelines.
 */
struct party_fields {
	const char *party;           /* customerId */
	const char *name;            /* customerName */
	const char *sent, *sent_ref; /* sent.customer */
	const char *mark, *mark_seq, *mark_seq_ref, *mark_n, *mark_n_ref;
	const char *mark_was;
	const char *cleared, *cleared_n_ref;
	const char *delivered, *delivered_ref;
	const char *hidden, *archived, *marked_unread, *marked_unread_ref;
	const char *is_read; /* isReadByCustomer */
	const char *changed, *changed_ref;
	const char *flag; /* flags.customer */
};
extern const struct party_fields party_fields[2]; /* by enum side */

static inline enum side
other_side(enum side side)
{
	return side == SIDE_CUSTOMER ? SIDE_SELLER : SIDE_CUSTOMER;
}

/* Append to a filter: the caller is this party (the customer's side wins). */
void match_party(bson_t *filter, const struct caller *caller, enum side side);

/* Append to a $set stage: changed.<side> = max(old + 1, now, $$NOW). */
void set_changed(bson_t *set, enum side side, int64_t now_ms);

/*
 * Likewise for marks.<side>.was: every statement that may raise the mark
 * keeps where it stood, since findAndModify tells the document after it only.
 */
void set_mark_was(bson_t *set, enum side side);

/* Likewise for a change that both see: rev, updatedAt, both changed. */
void set_visible_change(bson_t *set, int64_t now_ms);

#endif
