/*
 * store_upgrade_batch.h: upgraded documents on their way into the database,
 * some at a time.  For store_upgrade.c alone.
 */
#ifndef CGI_STORE_UPGRADE_BATCH_H
#define CGI_STORE_UPGRADE_BATCH_H

#include <mongoc/mongoc.h>
#include <stdbool.h>
#include <stddef.h>

#define BATCH_MAX 128

struct upgrade_report {
	size_t upgraded;
	size_t repeated;   /* messages that were there more than once */
	size_t separate;   /* have the listing and parties of another */
	size_t renamed;    /* have the id of another */
	size_t left_alone; /* not of the original, or too large */
	size_t raced;      /* changed between reading and replacing */
};

struct batch {
	mongoc_collection_t *conversations, *archive; /* lent */
	struct batch_item {
		bson_t *filter, *document;
	} item[BATCH_MAX];
	size_t count, bytes;
	mongoc_bulk_operation_t *buckets; /* NULL: none */
	struct upgrade_report report;
	bson_error_t error; /* why something returned false */
};

/*
 * Upgrade one document into the batch, and the batch into the database when
 * it is full.  False with batch->error when the database fails.
 */
bool batch_add(struct batch *batch, const bson_t *original);
bool batch_flush(struct batch *batch);

/* Forget what was not flushed. */
void batch_release(struct batch *batch);

#endif
