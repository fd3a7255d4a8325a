/*
 * The new document from what upgrade.c understood of the old.
 */
#include "cgi/bson_put.h"
#include "cgi/clock.h"
#include "cgi/upgrade_work.h"

static void
write_names(bson_t *out, const struct work *work)
{
	static const char *const id_field[] = {"customerId", "sellerId"};
	static const char *const name_field[] = {"customerName", "sellerName"};
	char key[KEY_BYTES];
	bson_t ids;

	put_string(out, "id", work->id);
	put_array_begin(out, "ids", &ids);
	put_string(&ids, "0", work->id);
	put_array_end(out, &ids);
	for (enum side side = SIDE_CUSTOMER; side < SIDE_NONE; side++) {
		put_string(out, id_field[side], work->party[side]);
		value_put_text(out, name_field[side], work->was.name[side],
		    PERSON_NAME_MAX);
	}
	if (!*work->listing || !*work->party[SIDE_CUSTOMER] ||
	    !*work->party[SIDE_SELLER])
		return; /* one of several that nothing tells apart */
	conversation_key(key, work->listing, work->party[SIDE_CUSTOMER],
	    work->party[SIDE_SELLER]);
	put_string(out, "key", key);
}

static void
write_listing(bson_t *out, const struct work *work)
{
	const struct original *was = &work->was;

	if (was->has_vehicle_number)
		put_int(out, "vehicleId", was->vehicle_number);
	else if (*work->listing)
		put_string(out, "vehicleId", work->listing);
	else
		put_null(out, "vehicleId");
	value_put_text(out, "vehicleName", was->vehicle_name, LISTING_NAME_MAX);
	if (was->vehicle_price >= 0)
		put_double(out, "vehiclePrice", was->vehicle_price);
	else
		put_null(out, "vehiclePrice");
}

static void
put_mark(bson_t *out, const char *field, struct mark mark)
{
	bson_t child;

	put_document_begin(out, field, &child);
	put_int(&child, "seq", mark.seq);
	put_int(&child, "n", mark.n);
	put_document_end(out, &child);
}

static void
put_marks(bson_t *out, const char *field, const struct mark mark[2])
{
	bson_t child;

	put_document_begin(out, field, &child);
	put_mark(&child, "customer", mark[SIDE_CUSTOMER]);
	put_mark(&child, "seller", mark[SIDE_SELLER]);
	put_document_end(out, &child);
}

/*
 * A flag that says "read" means all of it.  One that says "unread" where
 * every message was read was set by hand.
 */
static void
write_reading(bson_t *out, const struct work *work)
{
	static const struct mark none[2];
	const struct thread *thread = &work->thread;
	struct mark mark[2];
	bool unread[2], by_hand[2];

	for (enum side side = SIDE_CUSTOMER; side < SIDE_NONE; side++) {
		int64_t others = thread->sent[SIDE_SELLER - side];
		enum said said = work->was.is_read[side];

		mark[side] = thread_mark(thread, side);
		if (said == SAID_YES)
			mark[side] = (struct mark){
			    .seq = (int64_t)thread->count, .n = others};
		unread[side] = others > mark[side].n;
		by_hand[side] = others > 0 && !unread[side] && said == SAID_NO;
	}
	put_side_ints(out, "sent", thread->sent[SIDE_CUSTOMER],
	    thread->sent[SIDE_SELLER]);
	put_marks(out, "marks", mark);
	put_side_ints(out, "delivered", 0, 0);
	put_marks(out, "cleared", none);
	put_side_bools(out, "hidden", false, false);
	put_side_bools(out, "archived", false, false);
	put_side_bools(
	    out, "markedUnread", by_hand[SIDE_CUSTOMER], by_hand[SIDE_SELLER]);
	put_bool(out, "isReadByCustomer",
	    !unread[SIDE_CUSTOMER] && !by_hand[SIDE_CUSTOMER]);
	put_bool(out, "isReadBySeller",
	    !unread[SIDE_SELLER] && !by_hand[SIDE_SELLER]);
}

/* Nobody recorded who flagged it. */
static void
write_flags(bson_t *out, const struct work *work)
{
	const struct original *was = &work->was;
	bson_t flags, flag;

	put_bool(out, "isFlagged", was->is_flagged);
	put_document_begin(out, "flags", &flags);
	if (was->is_flagged) {
		put_document_begin(&flags, "unknown", &flag);
		value_put_text(
		    &flag, "reason", was->flag_reason, FLAG_REASON_MAX);
		put_date(&flag, "at",
		    was->flagged.known ? was->flagged.ms : work->updated_ms);
		put_document_end(&flags, &flag);
	}
	put_document_end(out, &flags);
}

/* Fields that neither application's code knows stay. */
static void
write_others(bson_t *out, const bson_t *original)
{
	bson_iter_t it;

	if (!bson_iter_init(&it, original))
		return;
	while (bson_iter_next(&it))
		if (!upgrade_owns(bson_iter_key(&it)))
			put_value(out, bson_iter_key(&it), &it);
}

bson_t *
upgrade_write_document(const struct work *work, const bson_t *original)
{
	int64_t count = (int64_t)work->thread.count;
	char last[ISO_BYTES];
	bson_t *out = bson_new();

	iso_write(last, work->last_ms);
	put_oid(out, "_id", &work->was.oid);
	put_int(out, "v", 1);
	write_names(out, work);
	write_listing(out, work);
	thread_write_window(
	    out, &work->thread, work->archived, work->last_ms, work->now_ms);
	put_string(out, "lastMessageAt", last);
	put_int(out, "seq", count);
	put_int(out, "rev", count);
	put_int(out, "archivedSeq", (int64_t)work->archived);
	write_reading(out, work);
	write_flags(out, work);
	put_side_ints(out, "changed", work->now_ms, work->now_ms);
	put_date(out, "createdAt", work->created_ms);
	put_date(out, "updatedAt", work->updated_ms);
	write_others(out, original);
	return out;
}

bson_t *
upgrade_write_bucket(
    const struct work *work, size_t k, int64_t before[SIDE_NONE + 1])
{
	size_t from = k * BUCKET_MESSAGES, to = from + BUCKET_MESSAGES;
	bson_t *out = bson_new();
	bson_t id;

	put_document_begin(out, "_id", &id);
	put_oid(&id, "c", &work->was.oid);
	put_int(&id, "k", (int64_t)k);
	put_document_end(out, &id);
	put_int(out, "rev", (int64_t)to);
	put_side_ints(
	    out, "before", before[SIDE_CUSTOMER], before[SIDE_SELLER]);
	thread_write(out, &work->thread, from, to, work->last_ms);
	for (size_t i = from; i < to; i++)
		before[work->thread.message[i].m.sender]++;
	return out;
}
