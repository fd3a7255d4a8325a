/*
 * bson_read.h: the fields of a BSON document into a C struct, by a table.
 *
 * Tolerant: a field of another type than its reader wants leaves the struct
 * as it was, so the defaults are whatever stood there before.
 */
#ifndef CGI_BSON_READ_H
#define CGI_BSON_READ_H

#include <bson/bson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bson_field {
	const char *name;
	void (*read)(void *at, const bson_iter_t *it);
	size_t offset; /* of what read() fills in the struct */
};

/* Read what is left of *it; false where the bytes are no BSON. */
bool bson_read(void *object, bson_iter_t *it, const struct bson_field *table,
    size_t count);

/*
 * Readers.  Text must hold no NUL; numbers are int32, int64 or double; a
 * scalar is text or a number, and a bson_iter_t not filled has no raw.
 */
void read_text(void *at, const bson_iter_t *it);    /* const char * */
void read_bool(void *at, const bson_iter_t *it);    /* bool */
void read_int(void *at, const bson_iter_t *it);     /* int64_t, integral */
void read_double(void *at, const bson_iter_t *it);  /* double, finite */
void read_ms(void *at, const bson_iter_t *it);      /* int64_t: date or int */
void read_present(void *at, const bson_iter_t *it); /* bool */
void read_scalar(void *at, const bson_iter_t *it);  /* bson_iter_t */

/* A number that is an integer: int32, int64, or a double that equals one. */
bool bson_integer(const bson_iter_t *it, int64_t *n);

#endif
