/*
 * See bson_put.h.
 */
#include "cgi/bson_put.h"

#include <assert.h>
#include <string.h>

static void
must(bool appended)
{
	assert(appended);
	(void)appended;
}

void
put_text(bson_t *out, const char *field, const char *text, size_t len)
{
	must(bson_append_utf8(out, field, -1, text, (int)len));
}

void
put_string(bson_t *out, const char *field, const char *text)
{
	put_text(out, field, text, strlen(text));
}

void
put_int(bson_t *out, const char *field, int64_t n)
{
	must(bson_append_int64(out, field, -1, n));
}

void
put_double(bson_t *out, const char *field, double n)
{
	must(bson_append_double(out, field, -1, n));
}

void
put_bool(bson_t *out, const char *field, bool yes)
{
	must(bson_append_bool(out, field, -1, yes));
}

void
put_date(bson_t *out, const char *field, int64_t wall_ms)
{
	must(bson_append_date_time(out, field, -1, wall_ms));
}

void
put_null(bson_t *out, const char *field)
{
	must(bson_append_null(out, field, -1));
}

void
put_oid(bson_t *out, const char *field, const bson_oid_t *oid)
{
	must(bson_append_oid(out, field, -1, oid));
}

void
put_value(bson_t *out, const char *field, const bson_iter_t *value)
{
	must(bson_append_iter(out, field, -1, value));
}

void
put_document(bson_t *out, const char *field, const bson_t *document)
{
	must(bson_append_document(out, field, -1, document));
}

void
put_document_begin(bson_t *out, const char *field, bson_t *child)
{
	must(bson_append_document_begin(out, field, -1, child));
}

void
put_document_end(bson_t *out, bson_t *child)
{
	must(bson_append_document_end(out, child));
}

void
put_array_begin(bson_t *out, const char *field, bson_t *child)
{
	must(bson_append_array_begin(out, field, -1, child));
}

void
put_array_end(bson_t *out, bson_t *child)
{
	must(bson_append_array_end(out, child));
}

void
put_side_ints(bson_t *out, const char *field, int64_t customer, int64_t seller)
{
	bson_t sides;

	put_document_begin(out, field, &sides);
	put_int(&sides, "customer", customer);
	put_int(&sides, "seller", seller);
	put_document_end(out, &sides);
}

void
put_side_bools(bson_t *out, const char *field, bool customer, bool seller)
{
	bson_t sides;

	put_document_begin(out, field, &sides);
	put_bool(&sides, "customer", customer);
	put_bool(&sides, "seller", seller);
	put_document_end(out, &sides);
}
