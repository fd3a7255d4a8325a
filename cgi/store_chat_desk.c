/*
 * Claims and statuses (see store_chat_desk.h).
 */
#include "cgi/store_chat_desk.h"

#include <string.h>

#include "cgi/bson_put.h"
#include "cgi/clock.h"
#include "cgi/store_append.h"
#include "cgi/store_chat_one.h"

void
chat_put_claim(bson_t *set, const char *agent, int64_t now_ms)
{
	put_string(set, "agent", agent);
	put_date(set, "claimedUntil", now_ms + CHAT_LEASE_MS);
	put_bool(set, "answered", true);
}

enum store_result
chat_claim(struct store *store, struct chat_found *found, const char *agent)
{
	struct chat_change change;
	int64_t now_ms = clock_wall_ms();

	chat_change_begin(&change, found);
	BCON_APPEND(&change.filter, "$or", "[", "{", "agent", BCON_UTF8(agent),
	    "}", "{", "claimedUntil", "{", "$lte", BCON_DATE_TIME(now_ms), "}",
	    "}", "]");
	chat_put_claim(&change.set, agent, now_ms);
	return chat_change_run(store, &change, found);
}

bool
chat_is_anothers(const struct chat_session *s, const char *agent)
{
	return chat_is_claimed(s, clock_wall_ms()) &&
	       strcmp(s->agent, agent) != 0;
}

static enum store_result
try_claim(struct store *store, const char *agent, const char *id,
    struct chat_found *found, bool *changed)
{
	enum store_result result = chat_find(store, id, false, found);

	if (result != STORE_OK)
		return store_refuse(store, result);
	if (chat_is_anothers(&found->s, agent))
		return store_refuse(store, STORE_ANSWERED);
	*changed = !chat_is_claimed(&found->s, clock_wall_ms());
	result = chat_claim(store, found, agent);
	return result == STORE_ABSENT ? STORE_AGAIN : result;
}

enum store_result
store_chat_claim(struct store *store, const char *agent, const char *id,
    struct chat_found *found, bool *changed)
{
	pthread_mutex_t *turn = chat_lock(store, id);
	enum store_result result = STORE_AGAIN;

	if (!turn)
		return STORE_DOWN;
	for (int i = 0; i < STORE_TRIES && result == STORE_AGAIN; i++)
		result = try_claim(store, agent, id, found, changed);
	chat_unlock(turn);
	return result == STORE_AGAIN ? STORE_BUSY : result;
}

static enum store_result
set_status(struct store *store, const char *id, enum chat_status status,
    struct chat_found *found, bool *changed)
{
	enum store_result result = chat_find(store, id, false, found);
	struct chat_change change;

	*changed = false;
	if (result != STORE_OK || found->s.status == status)
		return store_refuse(store, result);
	chat_change_begin(&change, found);
	chat_change_status(&change, status, found->s.owner);
	result = chat_change_run(store, &change, found);
	*changed = result == STORE_OK;
	return result;
}

enum store_result
store_chat_set_status(struct store *store, const char *id,
    enum chat_status status, struct chat_found *found, bool *changed)
{
	pthread_mutex_t *turn = chat_lock(store, id);
	enum store_result result;

	if (!turn)
		return STORE_DOWN;
	result = set_status(store, id, status, found, changed);
	chat_unlock(turn);
	return result;
}
