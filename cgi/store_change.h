/*
 * store_change.h: changes to a conversation that append no message: marks,
 * archive, clear, hide, flags; and the purge.
 *
 * Each looks first, writes only where something changes (repeats are quiet),
 * and guards in its filter what it decided on.  What one party alone can see
 * leaves rev and updatedAt alone and enters the list sync of that party only.
 */
#ifndef CGI_STORE_CHANGE_H
#define CGI_STORE_CHANGE_H

#include "cgi/store_look.h"

enum change_kind {
	CHANGE_MARK_IDS, /* read up to the highest of ids */
	CHANGE_MARK_SEQ, /* read_seq, delivered_seq or both; -1: not */
	CHANGE_READ_ALL,
	CHANGE_UNREAD,  /* the flag beside the mark */
	CHANGE_ARCHIVE, /* yes or no */
	CHANGE_CLEAR,   /* hide what is there, for the caller */
	CHANGE_HIDE,    /* clear, and leave his lists until news comes */
	CHANGE_FLAG,    /* with reason */
	CHANGE_RESOLVE, /* an admin's: no flags any more */
};

struct change {
	enum change_kind kind;
	const char *conversation_id;
	enum side claim;
	bool forbidden;
	const struct message_id *ids;
	size_t id_count;
	int64_t read_seq, delivered_seq;
	bool yes;
	const char *reason;
};

/* What it did; and what it ended, which the document no longer shows. */
struct changed {
	bool wrote;
	bool was_unread;   /* marked so by the caller */
	int64_t delivered; /* up to here his side had received */
	unsigned flagged;  /* sides (1 << enum side) that had reported */
};

/*
 * STORE_OK with found as it is now, and *changed; STORE_ABSENT (also where the caller hides
 * it, but for CHANGE_HIDE), STORE_FORBIDDEN, STORE_BUSY, STORE_DOWN,
 * STORE_UNKNOWN.
 */
enum store_result store_change(struct store *store, const struct caller *caller,
    const struct change *change, struct found *found, struct changed *changed);

#endif
