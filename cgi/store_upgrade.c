/*
 * Finding the documents of the original application; see store_upgrade.h.
 */
#include "cgi/store_upgrade.h"

#include <stdio.h>

#include "cgi/auto.h"
#include "cgi/bson_put.h"
#include "cgi/clock.h"
#include "cgi/log.h"
#include "cgi/store_upgrade_batch.h"

#define PASSES_MAX 10
#define PROGRESS_COUNT 1000
#define PROGRESS_MS 2000
#define LATE_MS 3000
#define LATE_TRIES 3

AUTO_DEFINE(auto_cursor, mongoc_cursor_t, mongoc_cursor_destroy)
AUTO_DEFINE(auto_collection, mongoc_collection_t, mongoc_collection_destroy)

/* What the log was told last. */
struct progress {
	size_t upgraded;
	int64_t steady_ms;
};

static void
log_progress(struct progress *last, const struct upgrade_report *report)
{
	int64_t now = clock_steady_ms();

	if (report->upgraded < last->upgraded + PROGRESS_COUNT &&
	    now < last->steady_ms + PROGRESS_MS)
		return;
	*last = (struct progress){report->upgraded, now};
	log_info("upgraded %zu conversations so far", report->upgraded);
}

static void
log_report(const struct upgrade_report *report)
{
	if (report->upgraded == 0 && report->left_alone == 0)
		return;
	log_info("upgraded %zu conversations, dropped %zu repeated messages; "
		 "%zu share vehicle and parties with another and stay "
		 "separate, %zu had the id of another, %zu stay as they were",
	    report->upgraded, report->repeated, report->separate,
	    report->renamed, report->left_alone);
}

/*
 * {v: null} in the order of the index v: documents that are replaced move
 * behind the cursor's range, so it meets each once.
 */
static mongoc_cursor_t *
find_originals(mongoc_collection_t *conversations)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t opts = BSON_INITIALIZER;

	put_null(&filter, "v");
	put_string(&opts, "hint", "v");
	put_int(&opts, "batchSize", BATCH_MAX);
	return mongoc_collection_find_with_opts(
	    conversations, &filter, &opts, NULL);
}

static bool
pass(struct batch *batch, struct progress *progress)
{
	AUTO_CURSOR mongoc_cursor_t *cursor =
	    find_originals(batch->conversations);
	const bson_t *original;

	while (mongoc_cursor_next(cursor, &original)) {
		if (!batch_add(batch, original))
			return false;
		log_progress(progress, &batch->report);
	}
	return !mongoc_cursor_error(cursor, &batch->error) &&
	       batch_flush(batch);
}

/* Again while the original application still writes between our reads. */
static bool
passes(struct batch *batch)
{
	struct progress progress = {0, clock_steady_ms()};

	for (int i = 0; i < PASSES_MAX; i++) {
		batch->report.raced = 0;
		batch->report.left_alone = 0;
		if (!pass(batch, &progress))
			return false;
		if (batch->report.raced == 0)
			break;
	}
	return true;
}

bool
store_upgrade_all(mongoc_client_t *client, const char *database, char why[256])
{
	AUTO_COLLECTION mongoc_collection_t *conversations =
	    mongoc_client_get_collection(client, database, "conversations");
	AUTO_COLLECTION mongoc_collection_t *archive =
	    mongoc_client_get_collection(client, database, "archive");
	struct batch batch = {
	    .conversations = conversations,
	    .archive = archive,
	};
	bool ok = passes(&batch);

	batch_release(&batch);
	log_report(&batch.report);
	if (!ok)
		snprintf(why, 256, "upgrade of conversations: %.200s",
		    batch.error.message);
	return ok;
}

static mongoc_cursor_t *
find_late(mongoc_collection_t *conversations, const char *id)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t opts = BSON_INITIALIZER;

	put_null(&filter, "v");
	put_string(&filter, "id", id);
	put_string(&opts, "hint", "v");
	put_int(&opts, "limit", 1);
	put_int(&opts, "maxTimeMS", LATE_MS);
	return mongoc_collection_find_with_opts(
	    conversations, &filter, &opts, NULL);
}

/* Sets *found where there was one; false with batch->error. */
static bool
upgrade_by_id(struct batch *batch, const char *id, bool *found)
{
	AUTO_CURSOR mongoc_cursor_t *cursor =
	    find_late(batch->conversations, id);
	const bson_t *original;

	batch->report.raced = 0;
	if (!mongoc_cursor_next(cursor, &original))
		return !mongoc_cursor_error(cursor, &batch->error);
	*found = true;
	return batch_add(batch, original) && batch_flush(batch);
}

enum store_result
store_upgrade_late(mongoc_collection_t *conversations,
    mongoc_collection_t *archive, const char *id)
{
	struct batch batch = {
	    .conversations = conversations,
	    .archive = archive,
	};
	bool found = false, ok;
	int tries = LATE_TRIES;

	do
		ok = upgrade_by_id(&batch, id, &found);
	while (ok && batch.report.raced > 0 && --tries > 0);
	batch_release(&batch);
	if (!ok) {
		log_error("late upgrade: %.200s", batch.error.message);
		return STORE_DOWN;
	}
	if (batch.report.upgraded > 0)
		log_info("upgraded conversation %.128s, which came late", id);
	return found && batch.report.left_alone == 0 ? STORE_OK : STORE_ABSENT;
}
