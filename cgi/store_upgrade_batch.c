/*
 * Buckets go first, then the documents, each in one unordered bulk.
 *
 * A replacement matches its document only as it was read: without v, and with
 * the same updatedAt, which the original application sets at every write.
 */
#include "cgi/store_upgrade_batch.h"

#include <string.h>

#include "cgi/auto.h"
#include "cgi/bson_put.h"
#include "cgi/bson_read.h"
#include "cgi/clock.h"
#include "cgi/log.h"
#include "cgi/store_bulk.h"
#include "cgi/upgrade.h"

#define BATCH_BYTES (4 * 1024 * 1024)
#define DOCUMENT_BYTES (16 * 1024 * 1024)
#define NAMED_MAX 20 /* conversations that the log names for one reason */
#define DUPLICATE_KEY 11000

/* A duplicate key is a newer copy: another process upgraded this one. */
static bool
flush_buckets(struct batch *batch)
{
	AUTO_BSON bson_t reply = BSON_INITIALIZER;
	mongoc_bulk_operation_t *bulk = batch->buckets;

	batch->buckets = NULL;
	return !bulk || bulk_run(bulk, &reply, &batch->error);
}

static const char *
id_of(const bson_t *document)
{
	const char *id = "";
	bson_iter_t it;

	if (bson_iter_init_find(&it, document, "id"))
		read_text(&id, &it);
	return id;
}

static void
leave_alone(struct batch *batch, const bson_t *document, const char *why)
{
	if (batch->report.left_alone++ < NAMED_MAX)
		log_error("conversation %.128s stays as it was: %.200s",
		    id_of(document), why);
}

/* Replace a document alone; *error has the code 0 where nothing was wrong. */
static bool
replace(struct batch *batch, const bson_t *filter, const bson_t *document,
    struct bulk_error *error)
{
	AUTO_BSON bson_t reply = BSON_INITIALIZER;
	mongoc_bulk_operation_t *bulk = bulk_new(batch->conversations);
	bson_iter_t it, first;

	mongoc_bulk_operation_replace_one_with_opts(
	    bulk, filter, document, NULL, NULL);
	if (!bulk_run(bulk, &reply, &batch->error))
		return false;
	*error = (struct bulk_error){.code = 0};
	if (bson_iter_init(&it, &reply) &&
	    bson_iter_find_descendant(&it, "writeErrors.0", &first))
		bulk_error_read(error, &first);
	else if (bulk_matched(&reply) == 0)
		batch->report.raced++;
	batch->report.upgraded += bulk_matched(&reply);
	return true;
}

/* Its key is another's, or even its id: without the one, then the other. */
static bool
make_room(struct batch *batch, const struct batch_item *item)
{
	const char *id = id_of(item->document);
	struct bulk_error error;
	bson_t *next = upgrade_without_key(item->document);
	bool ok = replace(batch, item->filter, next, &error);

	bson_destroy(next);
	if (!ok)
		return false;
	if (error.code != DUPLICATE_KEY) {
		if (batch->report.separate++ < NAMED_MAX)
			log_warn("conversation %s has the vehicle and parties "
				 "of another; both stay",
			    id);
		return true;
	}
	if (batch->report.renamed++ < NAMED_MAX)
		log_warn("conversation %s: another has this id, so it gets "
			 "one of ours",
		    id);
	next = upgrade_with_own_id(item->document);
	ok = replace(batch, item->filter, next, &error);
	bson_destroy(next);
	return ok;
}

static bool
settle_errors(struct batch *batch, const bson_t *reply)
{
	bson_iter_t errors, it;

	if (!bson_iter_init_find(&errors, reply, "writeErrors") ||
	    !bson_iter_recurse(&errors, &it))
		return true;
	while (bson_iter_next(&it)) {
		const struct batch_item *item;
		struct bulk_error error;

		bulk_error_read(&error, &it);
		if (error.index < 0 || error.index >= (int64_t)batch->count)
			continue;
		item = &batch->item[error.index];
		batch->report.raced--; /* flush() took it for that */
		if (error.code != DUPLICATE_KEY)
			leave_alone(batch, item->document, error.text);
		else if (!make_room(batch, item))
			return false;
	}
	return true;
}

static bool
flush_documents(struct batch *batch)
{
	AUTO_BSON bson_t reply = BSON_INITIALIZER;
	mongoc_bulk_operation_t *bulk;

	if (batch->count == 0)
		return true;
	bulk = bulk_new(batch->conversations);
	for (size_t i = 0; i < batch->count; i++)
		mongoc_bulk_operation_replace_one_with_opts(bulk,
		    batch->item[i].filter, batch->item[i].document, NULL, NULL);
	if (!bulk_run(bulk, &reply, &batch->error))
		return false;
	batch->report.upgraded += bulk_matched(&reply);
	batch->report.raced += batch->count - bulk_matched(&reply);
	return settle_errors(batch, &reply);
}

static void
empty(struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		bson_destroy(batch->item[i].filter);
		bson_destroy(batch->item[i].document);
	}
	batch->count = 0;
	batch->bytes = 0;
}

bool
batch_flush(struct batch *batch)
{
	bool ok = flush_buckets(batch) && flush_documents(batch);

	empty(batch);
	return ok;
}

void
batch_release(struct batch *batch)
{
	if (batch->buckets)
		mongoc_bulk_operation_destroy(batch->buckets);
	batch->buckets = NULL;
	empty(batch);
}

static bson_t *
filter_of(const bson_t *original)
{
	bson_t *filter = bson_new();
	bson_iter_t it;

	if (bson_iter_init_find(&it, original, "_id"))
		put_value(filter, "_id", &it);
	put_null(filter, "v");
	if (bson_iter_init_find(&it, original, "updatedAt"))
		put_value(filter, "updatedAt", &it);
	else
		put_null(filter, "updatedAt");
	return filter;
}

/* Written over an older copy or none, never over a newer one. */
static void
add_bucket(struct batch *batch, const bson_t *bucket)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t opts = BSON_INITIALIZER;
	bson_iter_t id, rev;
	bson_t older;

	if (!bson_iter_init_find(&id, bucket, "_id") ||
	    !bson_iter_init_find(&rev, bucket, "rev"))
		return;
	put_value(&filter, "_id", &id);
	put_document_begin(&filter, "rev", &older);
	put_value(&older, "$lte", &rev);
	put_document_end(&filter, &older);
	put_bool(&opts, "upsert", true);
	if (!batch->buckets)
		batch->buckets = bulk_new(batch->archive);
	mongoc_bulk_operation_replace_one_with_opts(
	    batch->buckets, &filter, bucket, &opts, NULL);
	batch->bytes += bucket->len;
}

bool
batch_add(struct batch *batch, const bson_t *original)
{
	struct upgrade up;

	if (!upgrade_conversation(&up, original, clock_wall_ms())) {
		leave_alone(batch, original, "its _id is no ObjectId");
		return true;
	}
	if (up.document->len > DOCUMENT_BYTES) {
		leave_alone(batch, original, "it would be too large");
		upgrade_release(&up);
		return true;
	}
	for (size_t k = 0; k < up.bucket_count; k++)
		add_bucket(batch, up.buckets[k]);
	batch->report.repeated += up.repeated;
	batch->bytes += up.document->len;
	batch->item[batch->count++] = (struct batch_item){
	    .filter = filter_of(original),
	    .document = bson_copy(up.document),
	};
	upgrade_release(&up);
	return (batch->count < BATCH_MAX && batch->bytes < BATCH_BYTES) ||
	       batch_flush(batch);
}
