/*
 * store_bulk.h: many writes in one, unordered and durable: for the upgrade.
 */
#ifndef CGI_STORE_BULK_H
#define CGI_STORE_BULK_H

#include <mongoc/mongoc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

mongoc_bulk_operation_t *bulk_new(mongoc_collection_t *collection);

/*
 * Run and destroy it.  True where all was done but what the writeErrors of
 * *reply name; *reply must be empty before.  Else *error.
 */
bool bulk_run(
    mongoc_bulk_operation_t *bulk, bson_t *reply, bson_error_t *error);

/* How many documents were found. */
size_t bulk_matched(const bson_t *reply);

/* One entry of writeErrors: which of the bulk, and why. */
struct bulk_error {
	int64_t index, code;
	const char *text;
};
void bulk_error_read(struct bulk_error *error, const bson_iter_t *from);

#endif
