/*
 * The deciding read (see store_look.h), and statements' common parts.
 */
#include "cgi/store_look.h"

#include <stdio.h>
#include <string.h>

#include "cgi/auto.h"
#include "cgi/hints.h"
#include "cgi/store_upgrade.h"
#include "cgi/versions.h"

/* clang-format off */
#define PARTY(side, Side)                                                      \
	{                                                                      \
		.party = side "Id", .name = side "Name",                       \
		.sent = "sent." side, .sent_ref = "$sent." side,               \
		.mark = "marks." side,                                         \
		.mark_seq = "marks." side ".seq",                              \
		.mark_seq_ref = "$marks." side ".seq",                         \
		.mark_n = "marks." side ".n",                                  \
		.mark_n_ref = "$marks." side ".n",                             \
		.mark_was = "marks." side ".was",                              \
		.cleared = "cleared." side,                                    \
		.cleared_n_ref = "$cleared." side ".n",                        \
		.delivered = "delivered." side,                                \
		.delivered_ref = "$delivered." side,                           \
		.hidden = "hidden." side, .archived = "archived." side,        \
		.marked_unread = "markedUnread." side,                         \
		.marked_unread_ref = "$markedUnread." side,                    \
		.is_read = "isReadBy" Side,                                    \
		.changed = "changed." side, .changed_ref = "$changed." side,   \
		.flag = "flags." side,                                         \
	}

const struct party_fields party_fields[2] = {
	[SIDE_CUSTOMER] = PARTY("customer", "Customer"),
	[SIDE_SELLER] = PARTY("seller", "Seller"),
};
/* clang-format on */

void
found_init(struct found *found)
{
	memset(found, 0, sizeof(*found));
	bson_init(&found->doc);
}

void
found_release(struct found *found)
{
	bson_destroy(&found->doc);
}

void
found_take(struct found *found, bson_t *doc, const struct caller *caller)
{
	bson_destroy(&found->doc);
	bson_init(&found->doc);
	bson_steal(&found->doc, doc);
	bson_init(doc);
	(void)conversation_read(&found->c, &found->doc);
	found->side = conversation_side(&found->c, caller);
}

static void
remember(const char *id, const struct caller *caller, const struct found *found)
{
	struct hint hint = {
	    .side = found->side,
	    .archived_seq = found->c.archived_seq,
	    .oid = found->c.oid,
	};

	if (found->side != SIDE_NONE)
		hints_put(id, caller, &hint);
}

static enum store_result
find_by_id(struct store *store, const struct caller *caller, const char *id,
    bool majority, struct found *found)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	enum store_result result;
	bson_t doc;

	store_begin_read(store);
	found->c.id = NULL;
	BSON_APPEND_UTF8(&filter, "ids", id);
	result = store_find_one(
	    store, store->conversations, &filter, "ids", majority, &doc);
	if (result == STORE_OK) {
		found_take(found, &doc, caller);
		store_saw(store, &found->c);
	}
	bson_destroy(&doc);
	return result;
}

/* A conversation has come to the lists of both. */
static void
bump_both(const struct found *found)
{
	if (!found->c.id)
		return;
	versions_bump(found->c.party[SIDE_CUSTOMER]);
	versions_bump(found->c.party[SIDE_SELLER]);
}

static enum store_result
look(struct store *store, const struct caller *caller, const char *id,
    bool majority, struct found *found)
{
	enum store_result result =
	    find_by_id(store, caller, id, majority, found);

	if (result == STORE_ABSENT && store_upgrade_late(store->conversations,
					  store->archive, id) == STORE_OK) {
		result = find_by_id(store, caller, id, majority, found);
		bump_both(found);
	}
	if (result != STORE_OK)
		return result;
	if (found->c.purged ||
	    (found->side == SIDE_NONE && caller->role != ROLE_ADMIN))
		return STORE_ABSENT;
	remember(id, caller, found);
	return STORE_OK;
}

enum store_result
store_look(struct store *store, const struct caller *caller, const char *id,
    struct found *found)
{
	return look(store, caller, id, false, found);
}

enum store_result
store_look_same(
    struct store *store, const struct caller *caller, struct found *found)
{
	char id[CONVERSATION_ID_MAX + 1]; /* found's own goes with its doc */

	snprintf(id, sizeof(id), "%s", found->c.id);
	return store_look(store, caller, id, found);
}

enum store_result
store_look_settled(struct store *store, const struct caller *caller,
    const char *id, struct found *found)
{
	enum store_result result = look(store, caller, id, true, found);

	return result == STORE_ABSENT ? store_refuse(store, result) : result;
}

bool
side_may(enum side side, enum side claim, bool forbidden)
{
	return side != SIDE_NONE && !forbidden &&
	       (claim == SIDE_NONE || claim == side);
}

static void
append_ids(bson_t *filter, const char *operator, const struct caller * caller)
{
	bson_t ids;

	BSON_APPEND_ARRAY_BEGIN(filter, operator, & ids);
	for (size_t i = 0; i < caller->id_count; i++)
		BSON_APPEND_UTF8(&ids,
		    i == 0   ? "0"
		    : i == 1 ? "1"
			     : "2",
		    caller->ids[i]);
	bson_append_array_end(filter, &ids);
}

void
match_party(bson_t *filter, const struct caller *caller, enum side side)
{
	bson_t in;

	BSON_APPEND_DOCUMENT_BEGIN(filter, party_fields[side].party, &in);
	append_ids(&in, "$in", caller);
	bson_append_document_end(filter, &in);
	if (side == SIDE_CUSTOMER)
		return;
	BSON_APPEND_DOCUMENT_BEGIN(
	    filter, party_fields[SIDE_CUSTOMER].party, &in);
	append_ids(&in, "$nin", caller);
	bson_append_document_end(filter, &in);
}

void
set_changed(bson_t *set, enum side side, int64_t now_ms)
{
	const struct party_fields *fields = &party_fields[side];

	BCON_APPEND(set, fields->changed, "{", "$max", "[", "{", "$add", "[",
	    BCON_UTF8(fields->changed_ref), BCON_INT64(1), "]", "}",
	    BCON_INT64(now_ms), "{", "$toLong", BCON_UTF8("$$NOW"), "}", "]",
	    "}");
}

void
set_mark_was(bson_t *set, enum side side)
{
	const struct party_fields *fields = &party_fields[side];

	BSON_APPEND_UTF8(set, fields->mark_was, fields->mark_seq_ref);
}

void
set_visible_change(bson_t *set, int64_t now_ms)
{
	BCON_APPEND(set, "rev", "{", "$add", "[", "$rev", BCON_INT64(1), "]",
	    "}", "updatedAt", "$$NOW");
	set_changed(set, SIDE_CUSTOMER, now_ms);
	set_changed(set, SIDE_SELLER, now_ms);
}
