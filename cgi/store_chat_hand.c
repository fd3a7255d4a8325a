/*
 * A guest's sessions become an account's (see store_chat.h).
 */
#include "cgi/auto.h"
#include "cgi/bson_put.h"
#include "cgi/store_append.h"
#include "cgi/store_chat_one.h"
#include "cgi/versions.h"

/* One session to the account: with that status, if it is an active one. */
static enum store_result
give(struct store *store, const struct chat_asker *asker,
    enum chat_status status, struct chat_found *found)
{
	const struct caller *caller = asker->caller;
	const struct chat_session *s = &found->s;
	char owner[CHAT_OWNER_BYTES];
	struct chat_change change;

	chat_owner(owner, asker);
	chat_change_begin(&change, found);
	put_string(&change.filter, "owner", s->owner);
	put_string(&change.filter, "status", chat_status_names[s->status]);
	put_string(&change.set, "owner", owner);
	put_string(&change.set, "userId", caller->ids[0]);
	if (*caller->name)
		put_string(&change.set, "userName", caller->name);
	if (s->status == CHAT_ACTIVE)
		chat_change_status(&change, status, owner);
	put_string(&change.unset, "expiresAt", "");
	return chat_change_run(store, &change, found);
}

/*
 * STORE_ABSENT: it has changed, or another request has handed it over.
 * STORE_REUSED: the account has got an active one just now.
 */
static enum store_result
hand_over(struct store *store, const struct chat_asker *asker,
    struct chat_found *found)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	pthread_mutex_t *turn = chat_lock(store, found->s.id);
	struct chat_found active;
	enum store_result result;

	if (!turn)
		return STORE_DOWN;
	chat_found_init(&active);
	chat_match_owner(&filter, "activeFor", asker);
	result = chat_find_by(store, &filter, "active", false, &active);
	if (result == STORE_OK)
		result = give(store, asker, CHAT_CLOSED, found);
	else if (result == STORE_ABSENT)
		result = give(store, asker, CHAT_ACTIVE, found);
	chat_found_release(&active);
	chat_unlock(turn);
	return result;
}

static enum store_result
hand_over_all(struct store *store, const struct chat_asker *asker,
    const char *owner, bool *moved)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	struct chat_found found;
	enum store_result result = STORE_OK;
	int raced = 0;

	put_string(&filter, "owner", owner);
	chat_found_init(&found);
	while (result == STORE_OK && raced < STORE_TRIES) {
		result = chat_find_by(store, &filter, "owner", false, &found);
		if (result != STORE_OK)
			break;
		result = hand_over(store, asker, &found);
		*moved = *moved || result == STORE_OK;
		if (result == STORE_ABSENT || result == STORE_REUSED) {
			raced++;
			result = STORE_OK;
		}
	}
	chat_found_release(&found);
	if (result == STORE_ABSENT)
		return STORE_OK; /* nothing is left to the guest */
	return result == STORE_OK ? STORE_BUSY : result;
}

enum store_result
store_chat_hand_over(
    struct store *store, const struct chat_asker *asker, bool *moved)
{
	const struct chat_asker guest = {.guest = asker->guest};
	char owner[CHAT_OWNER_BYTES];
	enum store_result result;

	*moved = false;
	chat_owner(owner, &guest);
	result = hand_over_all(store, asker, owner, moved);
	if (*moved)
		versions_bump(owner); /* the writes have bumped the new one */
	return result;
}
