/*
 * The kinds of change, one function each (see change_plan.h).
 */
#include "cgi/change_plan.h"

#include <stdio.h>
#include <string.h>

#include "cgi/store_archive.h"
#include "cgi/window.h"

/* Raise, never lower: concurrent marks may come in any order. */
static void
set_max(bson_t *set, const char *field, int64_t value)
{
	char ref[64];

	snprintf(ref, sizeof(ref), "$%s", field);
	BCON_APPEND(set, field, "{", "$max", "[", BCON_UTF8(ref),
	    BCON_INT64(value), "]", "}");
}

/* The ordinal of the other's last message up to seq. */
static enum store_result
ordinal_at(const struct plan *plan, int64_t seq, int64_t *n)
{
	const struct conversation *c = &plan->found->c;
	enum side other = other_side(plan->found->side);

	if (seq >= c->archived_seq) {
		*n = window_ordinal(c, other, seq);
		return STORE_OK;
	}
	return store_archive_ordinal(plan->store, &c->oid, other, seq, n);
}

/* The own read or send ends "marked unread", which he alone could see. */
static void
end_marked_unread(struct plan *plan)
{
	BSON_APPEND_BOOL(&plan->filter, plan->own->marked_unread, true);
	BSON_APPEND_BOOL(&plan->set, plan->own->marked_unread, false);
	set_mark_was(&plan->set, plan->found->side);
	set_changed(&plan->set, plan->found->side, plan->now_ms);
	plan->derive = true;
}

static enum store_result
plan_read(struct plan *plan, int64_t seq, int64_t delivered)
{
	const struct conversation *c = &plan->found->c;
	const struct mark *mark = &c->mark[plan->found->side];
	int64_t had = conversation_delivered(c, plan->found->side);
	enum store_result result;
	int64_t n;

	seq = seq > c->seq ? c->seq : seq;
	delivered = delivered > c->seq ? c->seq : delivered;
	if (seq <= mark->seq && delivered <= had) {
		if (seq >= 0 && c->marked_unread[plan->found->side])
			end_marked_unread(plan);
		return STORE_OK;
	}
	if (delivered > had) {
		BCON_APPEND(&plan->filter, plan->own->delivered, "{", "$lt",
		    BCON_INT64(delivered), "}");
		set_max(&plan->set, plan->own->delivered, delivered);
	}
	if (seq > mark->seq) {
		result = ordinal_at(plan, seq, &n);
		if (result != STORE_OK)
			return result;
		BCON_APPEND(&plan->filter, plan->own->mark_seq, "{", "$lt",
		    BCON_INT64(seq), "}");
		set_max(&plan->set, plan->own->mark_seq, seq);
		set_max(&plan->set, plan->own->mark_n, n);
	}
	if (seq >= 0) {
		BSON_APPEND_BOOL(&plan->set, plan->own->marked_unread, false);
		plan->derive = true;
	}
	set_mark_was(&plan->set, plan->found->side);
	set_visible_change(&plan->set, plan->now_ms);
	return STORE_OK;
}

static enum store_result
plan_mark_seq(struct plan *plan)
{
	return plan_read(
	    plan, plan->change->read_seq, plan->change->delivered_seq);
}

static enum store_result
plan_read_all(struct plan *plan)
{
	return plan_read(plan, plan->found->c.seq, -1);
}

/* Ids of the other's messages mean their highest seq; others are ignored. */
static enum store_result
plan_mark_ids(struct plan *plan)
{
	const struct conversation *c = &plan->found->c;
	enum side other = other_side(plan->found->side);
	enum store_result result;
	int64_t highest = -1;

	for (size_t i = 0; i < plan->change->id_count; i++) {
		struct stored_message m;

		if (window_find(c, other, &plan->change->ids[i], &m) &&
		    m.seq > highest)
			highest = m.seq;
	}
	if (highest <= c->archived_seq && c->archived_seq > 0) {
		result = store_archive_highest(plan->store, &c->oid, other,
		    plan->change->ids, plan->change->id_count, &highest);
		if (result != STORE_OK)
			return result;
	}
	return highest < 0 ? STORE_OK : plan_read(plan, highest, -1);
}

static enum store_result
plan_unread(struct plan *plan)
{
	if (plan->found->c.marked_unread[plan->found->side])
		return STORE_OK;
	BCON_APPEND(&plan->filter, plan->own->marked_unread, "{", "$ne",
	    BCON_BOOL(true), "}");
	BSON_APPEND_BOOL(&plan->set, plan->own->marked_unread, true);
	BSON_APPEND_BOOL(&plan->set, plan->own->is_read, false);
	set_changed(&plan->set, plan->found->side, plan->now_ms);
	return STORE_OK;
}

static enum store_result
plan_archive(struct plan *plan)
{
	bool yes = plan->change->yes;

	if (plan->found->c.archived[plan->found->side] == yes)
		return STORE_OK;
	BCON_APPEND(&plan->filter, plan->own->archived, "{", "$ne",
	    BCON_BOOL(yes), "}");
	BSON_APPEND_BOOL(&plan->set, plan->own->archived, yes);
	set_changed(&plan->set, plan->found->side, plan->now_ms);
	return STORE_OK;
}

/* Up to what was seen: a message that comes meanwhile stays visible. */
static void
set_cleared(struct plan *plan)
{
	const struct conversation *c = &plan->found->c;
	enum side other = other_side(plan->found->side);
	char field[64];

	snprintf(field, sizeof(field), "%s.seq", plan->own->cleared);
	set_max(&plan->set, field, c->seq);
	snprintf(field, sizeof(field), "%s.n", plan->own->cleared);
	set_max(&plan->set, field, c->sent[other]);
	BSON_APPEND_BOOL(&plan->set, plan->own->marked_unread, false);
	set_changed(&plan->set, plan->found->side, plan->now_ms);
	plan->derive = true;
}

static enum store_result
plan_clear(struct plan *plan)
{
	const struct conversation *c = &plan->found->c;

	if (c->cleared[plan->found->side].seq < c->seq)
		set_cleared(plan);
	return STORE_OK;
}

static enum store_result
plan_hide(struct plan *plan)
{
	const struct conversation *c = &plan->found->c;

	if (c->hidden[plan->found->side])
		return STORE_OK;
	BCON_APPEND(&plan->filter, "seq", BCON_INT64(c->seq));
	set_cleared(plan);
	BSON_APPEND_BOOL(&plan->set, plan->own->hidden, true);
	return STORE_OK;
}

static enum store_result
plan_flag(struct plan *plan)
{
	const struct conversation *c = &plan->found->c;
	enum side side = plan->found->side;

	if (c->flagged[side] &&
	    strcmp(c->flag_reason[side], plan->change->reason) == 0)
		return STORE_OK;
	BCON_APPEND(&plan->set, "isFlagged", BCON_BOOL(true), plan->own->flag,
	    "{", "reason", "{", "$literal", BCON_UTF8(plan->change->reason),
	    "}", "at", "$$NOW", "}");
	set_changed(&plan->set, side, plan->now_ms);
	return STORE_OK;
}

/* Only a reporter's list changes: the reported party must see nothing. */
static enum store_result
plan_resolve(struct plan *plan)
{
	const struct conversation *c = &plan->found->c;

	if (!c->is_flagged)
		return STORE_OK;
	BSON_APPEND_BOOL(&plan->filter, "isFlagged", true);
	BCON_APPEND(&plan->set, "isFlagged", BCON_BOOL(false), "flags", "{",
	    "$literal", "{", "}", "}");
	for (int side = 0; side < 2; side++)
		if (c->flagged[side])
			set_changed(&plan->set, (enum side)side, plan->now_ms);
	return STORE_OK;
}

static enum store_result (*const planners[])(struct plan *) = {
    [CHANGE_MARK_IDS] = plan_mark_ids,
    [CHANGE_MARK_SEQ] = plan_mark_seq,
    [CHANGE_READ_ALL] = plan_read_all,
    [CHANGE_UNREAD] = plan_unread,
    [CHANGE_ARCHIVE] = plan_archive,
    [CHANGE_CLEAR] = plan_clear,
    [CHANGE_HIDE] = plan_hide,
    [CHANGE_FLAG] = plan_flag,
    [CHANGE_RESOLVE] = plan_resolve,
};

enum store_result
plan_change(struct plan *plan)
{
	return planners[plan->change->kind](plan);
}
