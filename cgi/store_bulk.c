/*
 * Bulks and what they answer (see store_bulk.h).
 */
#include "cgi/store_bulk.h"

#include "cgi/auto.h"
#include "cgi/bson_put.h"
#include "cgi/bson_read.h"

/* Majority is what a standalone calls 1. */
mongoc_bulk_operation_t *
bulk_new(mongoc_collection_t *collection)
{
	AUTO_BSON bson_t opts = BSON_INITIALIZER;
	bson_t concern;

	put_bool(&opts, "ordered", false);
	put_document_begin(&opts, "writeConcern", &concern);
	put_string(&concern, "w", "majority");
	put_bool(&concern, "j", true);
	put_document_end(&opts, &concern);
	return mongoc_collection_create_bulk_operation_with_opts(
	    collection, &opts);
}

bool
bulk_run(mongoc_bulk_operation_t *bulk, bson_t *reply, bson_error_t *error)
{
	bool ok = mongoc_bulk_operation_execute(bulk, reply, error);

	mongoc_bulk_operation_destroy(bulk);
	return ok || ((error->domain == MONGOC_ERROR_SERVER ||
			  error->domain == MONGOC_ERROR_COMMAND) &&
			 bson_has_field(reply, "writeErrors.0") &&
			 !bson_has_field(reply, "writeConcernErrors.0"));
}

size_t
bulk_matched(const bson_t *reply)
{
	bson_iter_t it;
	int64_t n = 0;

	if (bson_iter_init_find(&it, reply, "nMatched"))
		read_int(&n, &it);
	return (size_t)n;
}

void
bulk_error_read(struct bulk_error *error, const bson_iter_t *from)
{
	static const struct bson_field fields[] = {
	    {"index", read_int, offsetof(struct bulk_error, index)},
	    {"code", read_int, offsetof(struct bulk_error, code)},
	    {"errmsg", read_text, offsetof(struct bulk_error, text)},
	};
	bson_iter_t it;

	*error = (struct bulk_error){.index = -1, .text = ""};
	if (BSON_ITER_HOLDS_DOCUMENT(from) && bson_iter_recurse(from, &it))
		(void)bson_read(
		    error, &it, fields, sizeof(fields) / sizeof(fields[0]));
}
