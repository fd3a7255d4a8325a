/*
 * Rolls: from the window into buckets (store_archive.h says why a crash
 * between the two is harmless).
 */
#include "cgi/auto.h"
#include "cgi/clock.h"
#include "cgi/log.h"
#include "cgi/metrics.h"
#include "cgi/store_archive.h"
#include "cgi/window.h"

#define ROLLS_MAX 4096 /* of one call: 131,072 messages */

/* What one roll found to do. */
struct roll {
	struct conversation c;
	char now_iso[ISO_BYTES];
	int64_t first, last; /* seq: what the new bucket holds */
	int64_t rev;         /* highest of the bucket */
	int64_t before[2];   /* ordinals before it */
	bson_t copies;       /* array for the bucket */
	bson_t leave;        /* array of seq: they leave the window */
	uint32_t copied, left;
};

static void
append_indexed(bson_t *array, uint32_t i, const bson_iter_t *it)
{
	char space[16];
	const char *key;

	bson_uint32_to_string(i, &key, space, sizeof(space));
	bson_append_iter(array, key, -1, it);
}

static void
leave(struct roll *roll, int64_t seq)
{
	char space[16];
	const char *key;

	bson_uint32_to_string(roll->left++, &key, space, sizeof(space));
	BSON_APPEND_INT64(&roll->leave, key, seq);
}

/* Into the new bucket; it leaves the window unless it still waits. */
static void
copy(struct roll *roll, const bson_iter_t *it, const struct stored_message *m)
{
	if (m->sender != SIDE_NONE &&
	    (roll->before[m->sender] < 0 || m->n <= roll->before[m->sender]))
		roll->before[m->sender] = m->n - 1;
	if (m->rev > roll->rev)
		roll->rev = m->rev;
	append_indexed(&roll->copies, roll->copied++, it);
	if (!stored_message_is_pending(m, roll->now_iso))
		leave(roll, m->seq);
}

/* The final state of a message that stayed behind, into its old bucket. */
static enum store_result
settle_in_bucket(struct store *store, const struct roll *roll,
    const bson_iter_t *it, const struct stored_message *m)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t update = BSON_INITIALIZER;
	AUTO_BSON bson_t set = BSON_INITIALIZER;
	AUTO_BSON bson_t doc = BSON_INITIALIZER;
	struct store_write write = {
	    .collection = store->archive,
	    .filter = &filter,
	    .update = &update,
	};
	enum store_result result;

	append_bucket_id(&filter, &roll->c.oid, (m->seq - 1) / BUCKET_MESSAGES);
	BSON_APPEND_INT64(&filter, "messages.seq", m->seq);
	bson_append_iter(&set, "messages.$", -1, it);
	BCON_APPEND(&update, "$set", BCON_DOCUMENT(&set), "$max", "{", "rev",
	    BCON_INT64(m->rev), "}");
	bson_destroy(&doc);
	result = store_write(store, &write, &doc);
	return result == STORE_ABSENT ? STORE_OK : result; /* purged */
}

static enum store_result
sort_out(struct store *store, struct roll *roll)
{
	struct stored_message m;
	enum store_result result;
	bson_iter_t it;

	for (window_begin(&roll->c, &it); window_next(&it, &m);) {
		if (m.seq >= roll->first && m.seq <= roll->last)
			copy(roll, &it, &m);
		if (m.seq >= roll->first ||
		    stored_message_is_pending(&m, roll->now_iso))
			continue;
		result = settle_in_bucket(store, roll, &it, &m);
		if (result != STORE_OK)
			return result;
		leave(roll, m.seq);
	}
	return STORE_OK;
}

/*
 * Where a side has no message in the new bucket, what it had sent before it
 * is counted back from what it has sent in all.
 */
static void
complete_before(struct roll *roll)
{
	for (int side = 0; side < 2; side++)
		if (roll->before[side] < 0)
			roll->before[side] = window_ordinal(
			    &roll->c, (enum side)side, roll->last);
}

static enum store_result
write_bucket(struct store *store, const struct roll *roll)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t bucket = BSON_INITIALIZER;
	AUTO_BSON bson_t doc = BSON_INITIALIZER;
	int64_t k = (roll->first - 1) / BUCKET_MESSAGES;
	struct store_write write = {
	    .collection = store->archive,
	    .filter = &filter,
	    .update = &bucket,
	    .upsert = true,
	};
	enum store_result result;

	append_bucket_id(&filter, &roll->c.oid, k);
	BCON_APPEND(&filter, "rev", "{", "$lt", BCON_INT64(roll->rev), "}");
	append_bucket_id(&bucket, &roll->c.oid, k);
	BCON_APPEND(&bucket, "rev", BCON_INT64(roll->rev), "before", "{",
	    "customer", BCON_INT64(roll->before[SIDE_CUSTOMER]), "seller",
	    BCON_INT64(roll->before[SIDE_SELLER]), "}", "messages",
	    BCON_ARRAY(&roll->copies));
	bson_destroy(&doc);
	result = store_write(store, &write, &doc);
	/* A duplicate key: a copy as new or newer is there already. */
	return result == STORE_REUSED ? STORE_OK : result;
}

/* STORE_ABSENT: another roll was faster, or the conversation is purged. */
static enum store_result
shrink_window(struct store *store, const struct roll *roll)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t update = BSON_INITIALIZER;
	AUTO_BSON bson_t doc = BSON_INITIALIZER;
	struct store_write write = {
	    .collection = store->conversations,
	    .filter = &filter,
	    .update = &update,
	};

	BSON_APPEND_OID(&filter, "_id", &roll->c.oid);
	BSON_APPEND_INT64(&filter, "archivedSeq", roll->c.archived_seq);
	BCON_APPEND(&update, "$set", "{", "archivedSeq", BCON_INT64(roll->last),
	    "}", "$pull", "{", "messages", "{", "seq", "{", "$in",
	    BCON_ARRAY(&roll->leave), "}", "}", "}");
	bson_destroy(&doc);
	return store_write(store, &write, &doc);
}

static enum store_result
run_roll(struct store *store, struct roll *roll)
{
	enum store_result result = sort_out(store, roll);

	if (result != STORE_OK)
		return result;
	if (roll->copied != BUCKET_MESSAGES) {
		log_error("conversation %s: %u messages where %d should be",
		    roll->c.id, roll->copied, BUCKET_MESSAGES);
		return STORE_DOWN;
	}
	complete_before(roll);
	result = write_bucket(store, roll);
	if (result != STORE_OK)
		return result;
	metrics_count(METRIC_ROLLS, 1);
	return shrink_window(store, roll);
}

/* One step; STORE_ABSENT: nothing to do (any more). */
static enum store_result
roll_once(struct store *store, const bson_oid_t *oid)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t doc = BSON_INITIALIZER;
	struct roll roll = {.before = {-1, -1}};
	enum store_result result;

	BSON_APPEND_OID(&filter, "_id", oid);
	bson_destroy(&doc);
	result = store_find_one(
	    store, store->conversations, &filter, NULL, false, &doc);
	if (result != STORE_OK)
		return result;
	(void)conversation_read(&roll.c, &doc);
	if (roll.c.purged)
		return store_archive_erase(store, oid) == STORE_OK
			   ? STORE_ABSENT
			   : STORE_DOWN;
	if (roll.c.seq - roll.c.archived_seq < WINDOW_ROLL)
		return STORE_ABSENT;
	roll.first = roll.c.archived_seq + 1;
	roll.last = roll.c.archived_seq + BUCKET_MESSAGES;
	iso_write(roll.now_iso, clock_wall_ms());
	bson_init(&roll.copies);
	bson_init(&roll.leave);
	result = run_roll(store, &roll);
	bson_destroy(&roll.copies);
	bson_destroy(&roll.leave);
	/* The guard failed: look again, a purge may want our bucket gone. */
	return result == STORE_ABSENT ? STORE_OK : result;
}

enum store_result
store_roll(struct store *store, const bson_oid_t *oid)
{
	enum store_result result = STORE_OK;

	for (int i = 0; i < ROLLS_MAX && result == STORE_OK; i++)
		result = roll_once(store, oid);
	return result == STORE_ABSENT ? STORE_OK : result;
}
