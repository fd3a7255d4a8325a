/*
 * Sessions found and opened (see store_chat.h); store_chat_hand.c hands over.
 */
#include "cgi/store_chat.h"

#include <stdio.h>
#include <string.h>

#include "cgi/auto.h"
#include "cgi/bson_put.h"
#include "cgi/clock.h"
#include "cgi/store_append.h"
#include "cgi/store_chat_adopt.h"
#include "cgi/store_chat_one.h"
#include "cgi/store_private.h"
#include "cgi/text.h"

static bool
is_owner(const struct chat_session *s, const struct chat_asker *asker)
{
	static const char account[] = "account:", guest[] = "guest:";

	if (asker->caller)
		return strncmp(s->owner, account, strlen(account)) == 0 &&
		       caller_is(asker->caller, s->owner + strlen(account));
	return *asker->guest->hash &&
	       strncmp(s->owner, guest, strlen(guest)) == 0 &&
	       strcmp(s->owner + strlen(guest), asker->guest->hash) == 0;
}

enum store_result
store_chat_look(struct store *store, const struct chat_asker *asker,
    const char *id, struct chat_found *found)
{
	enum store_result result = chat_find(store, id, true, found);

	if (result == STORE_OK && !asker->is_agent &&
	    !is_owner(&found->s, asker))
		result = STORE_ABSENT;
	return result == STORE_ABSENT ? store_refuse(store, result) : result;
}

static enum store_result
find_active(struct store *store, const struct chat_asker *asker,
    struct chat_found *found)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	enum store_result result;

	store_begin_read(store);
	chat_match_owner(&filter, "activeFor", asker);
	result = chat_find_by(store, &filter, "active", true, found);
	if (result == STORE_OK)
		store_saw_id(store, found->s.id);
	return result;
}

/* field: {$in: [the account's identities]}, as the original kept them */
static void
match_user(bson_t *filter, const struct caller *caller)
{
	bson_t in, ids;
	char position[2] = "0";

	put_document_begin(filter, "userId", &in);
	put_array_begin(&in, "$in", &ids);
	for (size_t i = 0; i < caller->id_count; i++, position[0]++)
		put_string(&ids, position, caller->ids[i]);
	put_array_end(&in, &ids);
	put_document_end(filter, &in);
}

enum store_result
store_chat_active(struct store *store, const struct chat_asker *asker,
    struct chat_found *found)
{
	AUTO_BSON bson_t late = BSON_INITIALIZER;
	enum store_result result;

	if (!asker->caller && !*asker->guest->hash)
		return STORE_ABSENT;
	result = find_active(store, asker, found);
	if (result != STORE_ABSENT || !asker->caller)
		return result;
	match_user(&late, asker->caller);
	result = chat_adopt_late(store, &late);
	/* Absent: another request may have adopted it just now. */
	return result == STORE_OK || result == STORE_ABSENT
		   ? find_active(store, asker, found)
		   : result;
}

/* A session without lines; lastAt comes with the first. */
static void
build(bson_t *doc, const struct chat_asker *asker, const char *user_name)
{
	char id[sizeof("chat_") + TEXT_RANDOM_BYTES];
	char random[TEXT_RANDOM_BYTES], owner[CHAT_OWNER_BYTES];
	const struct caller *caller = asker->caller;
	int64_t now_ms = clock_wall_ms();
	bson_oid_t oid;

	text_random(random);
	snprintf(id, sizeof(id), "chat_%s", random);
	chat_owner(owner, asker);
	bson_oid_init(&oid, NULL);
	if (caller && *caller->name)
		user_name = caller->name;
	BCON_APPEND(doc, "_id", BCON_OID(&oid), "v", BCON_INT32(1), "sessionId",
	    BCON_UTF8(id), "owner", BCON_UTF8(owner), "activeFor",
	    BCON_UTF8(owner), "userId", BCON_UTF8(caller ? caller->ids[0] : id),
	    "userName", BCON_UTF8(user_name), "status", "active", "last",
	    BCON_INT64(0), "rev", BCON_INT64(1), "seen", "{", "visitor",
	    BCON_INT64(0), "support", BCON_INT64(0), "}", "waiting",
	    BCON_BOOL(false), "answered", BCON_BOOL(false), "claimedUntil",
	    BCON_DATE_TIME(0), "createdAt", BCON_DATE_TIME(now_ms), "updatedAt",
	    BCON_DATE_TIME(now_ms));
	chat_put_expiry(doc, owner, now_ms);
}

static enum store_result
insert(struct store *store, const struct chat_asker *asker,
    const char *user_name, struct chat_found *found)
{
	AUTO_BSON bson_t doc = BSON_INITIALIZER;
	struct store_write write = {
	    .collection = store->chat_sessions,
	    .update = &doc,
	    .is_insert = true,
	};
	struct chat_session s;
	enum store_result result;
	bson_t none;

	build(&doc, asker, user_name);
	(void)chat_session_read(&s, &doc);
	write.conversation_id = s.id;
	result = store_write(store, &write, &none);
	bson_destroy(&none);
	if (result != STORE_OK)
		return result;
	chat_found_take(found, &doc);
	return STORE_CREATED;
}

enum store_result
store_chat_open(struct store *store, const struct chat_asker *asker,
    const char *user_name, struct chat_found *found)
{
	for (int i = 0; i < STORE_TRIES; i++) {
		enum store_result result =
		    store_chat_active(store, asker, found);

		if (result == STORE_ABSENT)
			result = insert(store, asker, user_name, found);
		if (result != STORE_REUSED)
			return result;
		/* Another request of his was faster. */
	}
	return STORE_BUSY;
}
