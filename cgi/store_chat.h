/*
 * store_chat.h: sessions of the support chat: found, opened, handed over.
 *
 * An owner (an account, or a guest's cookie) has one active session, by the
 * unique index on activeFor.  A session opens to its owner alone, and to
 * agents; its id alone opens nothing.
 */
#ifndef CGI_STORE_CHAT_H
#define CGI_STORE_CHAT_H

#include "cgi/chat_shape.h"
#include "cgi/guest.h"
#include "cgi/store.h"

/* Who asks: an account, a guest, or (at the hand-over) both. */
struct chat_asker {
	const struct caller *caller; /* NULL: not signed in */
	const struct guest *guest;   /* hash "": none */
	bool is_agent;               /* role agent or admin */
};

/* A session document, read; s lends from doc. */
struct chat_found {
	bson_t doc;
	struct chat_session s;
};
void chat_found_init(struct chat_found *found);
void chat_found_release(struct chat_found *found);

/* Take doc over (it is moved out) and read it. */
void chat_found_take(struct chat_found *found, bson_t *doc);

/*
 * A session by its id: the asker's own, or any for an agent.  STORE_OK (what
 * is shown of it needs store_settle()), STORE_ABSENT (absent and not his are
 * the same), STORE_DOWN.
 */
enum store_result store_chat_look(struct store *store,
    const struct chat_asker *asker, const char *id, struct chat_found *found);

/* The asker's active session.  STORE_OK, STORE_ABSENT, STORE_DOWN. */
enum store_result store_chat_active(struct store *store,
    const struct chat_asker *asker, struct chat_found *found);

/*
 * The same, made where there is none; also when many ask at once there is
 * one.  STORE_OK (it was there), STORE_CREATED, STORE_DOWN, STORE_UNKNOWN.
 */
enum store_result store_chat_open(struct store *store,
    const struct chat_asker *asker, const char *user_name,
    struct chat_found *found);

/*
 * A signed-in asker with a guest's cookie: the guest's sessions become the
 * account's, once; the active one stays active unless the account has one:
 * then it is closed.  STORE_OK (*moved: was there any?), STORE_BUSY,
 * STORE_DOWN, STORE_UNKNOWN.
 */
enum store_result store_chat_hand_over(
    struct store *store, const struct chat_asker *asker, bool *moved);

#endif
