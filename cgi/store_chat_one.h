/*
 * store_chat_one.h: one session: its turn, its document, one change of it.
 * For the store_chat*.c files alone.
 *
 * Changes of a session queue up within this process, so what one of them has
 * read still holds when it writes.  Between processes the filters and unique
 * indexes decide, and who lost looks again.
 */
#ifndef CGI_STORE_CHAT_ONE_H
#define CGI_STORE_CHAT_ONE_H

#include <pthread.h>

#include "cgi/store_chat.h"

/* Wait for the session's turn; NULL after the request's deadline. */
pthread_mutex_t *chat_lock(struct store *store, const char *id);
void chat_unlock(pthread_mutex_t *turn);

/*
 * The name under which a new session of the asker's is kept, and a filter for
 * every name under which one is his.
 */
void chat_owner(char out[CHAT_OWNER_BYTES], const struct chat_asker *asker);
void chat_match_owner(
    bson_t *filter, const char *field, const struct chat_asker *asker);

/* One session by a filter and its index.  As store_find_one(). */
enum store_result chat_find_by(struct store *store, const bson_t *filter,
    const char *index, bool majority, struct chat_found *found);

/*
 * The session of that id, whoever's it is; adopts one of the original
 * application that came late.  STORE_OK, STORE_ABSENT, STORE_DOWN.
 */
enum store_result chat_find(struct store *store, const char *id, bool majority,
    struct chat_found *found);

/* The newest line after number n.  STORE_OK, STORE_ABSENT, STORE_DOWN. */
enum store_result chat_newest_line(
    struct store *store, const char *id, int64_t n, bson_t *doc);

/*
 *	struct chat_change change;
 *
 *	chat_change_begin(&change, found);
 *	put_bool(&change.set, "waiting", true);
 *	result = chat_change_run(store, &change, found);
 *
 * filter: what must hold beside _id.  Gives STORE_OK (found is as it is
 * afterwards), STORE_ABSENT (it does not hold), STORE_REUSED (the owner has
 * another active session), STORE_DOWN or STORE_UNKNOWN, and releases change.
 */
struct chat_change {
	bson_t filter, set, unset;
	bool quiet; /* nobody is told: rev stays */
};
void chat_change_begin(
    struct chat_change *change, const struct chat_found *found);
enum store_result chat_change_run(
    struct store *store, struct chat_change *change, struct chat_found *found);

/* Put into set and unset what another status means. */
void chat_change_status(
    struct chat_change *change, enum chat_status status, const char *owner);

/* Put into set when a guest's session expires; of an account's: nothing. */
void chat_put_expiry(bson_t *set, const char *owner, int64_t now_ms);

/* Put into set what an agent's claim or line means from now on. */
void chat_put_claim(bson_t *set, const char *agent, int64_t now_ms);

/* Claim it, unless another's lease holds by now: STORE_ABSENT. */
enum store_result chat_claim(
    struct store *store, struct chat_found *found, const char *agent);

/* Does another agent's lease hold? */
bool chat_is_anothers(const struct chat_session *s, const char *agent);

#endif
