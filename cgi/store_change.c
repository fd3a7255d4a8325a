/*
 * Writing what change_plan.c decides (see store_change.h).
 */
#include "cgi/store_change.h"

#include "cgi/append_stages.h"
#include "cgi/auto.h"
#include "cgi/change_plan.h"
#include "cgi/clock.h"
#include "cgi/metrics.h"
#include "cgi/store_append.h"

static enum store_result
may_change(const struct caller *caller, const struct change *change,
    const struct found *found)
{
	enum side side = found->side;

	if (side != SIDE_NONE && found->c.hidden[side] &&
	    change->kind != CHANGE_HIDE && caller->role != ROLE_ADMIN)
		return STORE_ABSENT;
	if (change->kind == CHANGE_RESOLVE)
		return caller->role == ROLE_ADMIN ? STORE_OK : STORE_FORBIDDEN;
	return side_may(side, change->claim, change->forbidden)
		   ? STORE_OK
		   : STORE_FORBIDDEN;
}

static enum store_result
write_plan(struct plan *plan, bson_t *doc)
{
	AUTO_BSON bson_t update = BSON_INITIALIZER;
	struct store_write write = {
	    .collection = plan->store->conversations,
	    .conversation_id = plan->found->c.id,
	    .filter = &plan->filter,
	    .update = &update,
	    .is_pipeline = true,
	};

	BSON_APPEND_OID(&plan->filter, "_id", &plan->found->c.oid);
	BCON_APPEND(
	    &plan->filter, "purged", "{", "$exists", BCON_BOOL(false), "}");
	BCON_APPEND(&update, "0", "{", "$set", BCON_DOCUMENT(&plan->set), "}");
	if (plan->derive)
		stage_is_read(&update, plan->found->side);
	return store_write(plan->store, &write, doc);
}

static void
note_before(struct changed *changed, const struct found *found)
{
	const struct conversation *c = &found->c;

	*changed = (struct changed){.wrote = false};
	for (int side = 0; side < 2; side++)
		changed->flagged |= c->flagged[side] ? 1u << side : 0;
	if (found->side == SIDE_NONE)
		return;
	changed->was_unread = c->marked_unread[found->side];
	changed->delivered = conversation_delivered(c, found->side);
}

static enum store_result
try_change(struct store *store, const struct caller *caller,
    const struct change *change, struct found *found, struct changed *changed)
{
	struct plan plan = {
	    .store = store,
	    .found = found,
	    .change = change,
	    .now_ms = clock_wall_ms(),
	    .filter = BSON_INITIALIZER,
	    .set = BSON_INITIALIZER,
	};
	enum store_result result =
	    store_look(store, caller, change->conversation_id, found);
	bson_t doc;

	if (result == STORE_OK)
		result = may_change(caller, change, found);
	if (result != STORE_OK)
		return store_refuse(store, result);
	note_before(changed, found);
	if (found->side != SIDE_NONE)
		plan.own = &party_fields[found->side];
	result = plan_change(&plan);
	if (result == STORE_OK && bson_empty(&plan.set)) {
		result = store_refuse(store, STORE_OK);
	} else if (result == STORE_OK) {
		result = write_plan(&plan, &doc);
		changed->wrote = result == STORE_OK;
		if (result == STORE_OK)
			found_take(found, &doc, caller);
		else if (result == STORE_ABSENT)
			result = STORE_AGAIN;
		bson_destroy(&doc);
	}
	bson_destroy(&plan.filter);
	bson_destroy(&plan.set);
	return result;
}

enum store_result
store_change(struct store *store, const struct caller *caller,
    const struct change *change, struct found *found, struct changed *changed)
{
	for (int i = 0; i < STORE_TRIES; i++) {
		enum store_result result =
		    try_change(store, caller, change, found, changed);

		if (result != STORE_AGAIN)
			return result;
		metrics_count(METRIC_RETRIES, 1);
	}
	return STORE_BUSY;
}
