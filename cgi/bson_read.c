/*
 * A table of fields, walked once over a document.  This is the hot read:
 * documents keep the order of their fields, so the search for a key starts
 * behind the field that was found last and nearly always ends there.
 */
#include "cgi/bson_read.h"

#include <math.h>
#include <string.h>

/* Doubles beyond it skip integers; it also fits an int64_t. */
#define EXACT_MAX 9007199254740992.0

/* Keys are short: a call for each would cost more than it compares. */
static bool
is_named(const struct bson_field *field, const char *key)
{
	const char *name = field->name;

	while (*name && *name == *key) {
		name++;
		key++;
	}
	return *name == *key;
}

bool
bson_read(
    void *object, bson_iter_t *it, const struct bson_field *table, size_t count)
{
	size_t next = 0;

	while (bson_iter_next(it)) {
		const char *key = bson_iter_key(it);
		const struct bson_field *field;
		size_t tried = 0;

		do {
			field = &table[next];
			next = next + 1 == count ? 0 : next + 1;
		} while (!is_named(field, key) && ++tried < count);
		if (tried < count)
			field->read((char *)object + field->offset, it);
	}
	return it->err_off == 0;
}

void
read_text(void *at, const bson_iter_t *it)
{
	uint32_t len;
	const char *text;

	if (!BSON_ITER_HOLDS_UTF8(it))
		return;
	text = bson_iter_utf8(it, &len);
	if (strlen(text) == len)
		*(const char **)at = text;
}

void
read_bool(void *at, const bson_iter_t *it)
{
	if (BSON_ITER_HOLDS_BOOL(it))
		*(bool *)at = bson_iter_bool(it);
}

bool
bson_integer(const bson_iter_t *it, int64_t *n)
{
	double d;

	if (BSON_ITER_HOLDS_INT32(it) || BSON_ITER_HOLDS_INT64(it)) {
		*n = bson_iter_as_int64(it);
		return true;
	}
	if (!BSON_ITER_HOLDS_DOUBLE(it))
		return false;
	d = bson_iter_double(it);
	if (!(fabs(d) <= EXACT_MAX) || d != trunc(d))
		return false;
	*n = (int64_t)d;
	return true;
}

void
read_int(void *at, const bson_iter_t *it)
{
	int64_t n;

	if (bson_integer(it, &n))
		*(int64_t *)at = n;
}

void
read_double(void *at, const bson_iter_t *it)
{
	if (!BSON_ITER_HOLDS_NUMBER(it))
		return;
	if (isfinite(bson_iter_as_double(it)))
		*(double *)at = bson_iter_as_double(it);
}

void
read_ms(void *at, const bson_iter_t *it)
{
	if (BSON_ITER_HOLDS_DATE_TIME(it))
		*(int64_t *)at = bson_iter_date_time(it);
	else
		read_int(at, it);
}

void
read_present(void *at, const bson_iter_t *it)
{
	*(bool *)at = !BSON_ITER_HOLDS_NULL(it);
}

void
read_scalar(void *at, const bson_iter_t *it)
{
	if (BSON_ITER_HOLDS_NUMBER(it) || BSON_ITER_HOLDS_UTF8(it))
		*(bson_iter_t *)at = *it;
}
