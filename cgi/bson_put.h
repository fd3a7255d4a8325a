/*
 * bson_put.h: appending to documents of ours, which stay far below the
 * 2 GiB at which an append fails.  So one that fails is our mistake.
 */
#ifndef CGI_BSON_PUT_H
#define CGI_BSON_PUT_H

#include <bson/bson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void put_text(bson_t *out, const char *field, const char *text, size_t len);
void put_string(bson_t *out, const char *field, const char *text);
void put_int(bson_t *out, const char *field, int64_t n);
void put_double(bson_t *out, const char *field, double n);
void put_bool(bson_t *out, const char *field, bool yes);
void put_date(bson_t *out, const char *field, int64_t wall_ms);
void put_null(bson_t *out, const char *field);
void put_oid(bson_t *out, const char *field, const bson_oid_t *oid);
void put_value(bson_t *out, const char *field, const bson_iter_t *value);
void put_document(bson_t *out, const char *field, const bson_t *document);

/* A document or array inside: between begin and end only child is used. */
void put_document_begin(bson_t *out, const char *field, bson_t *child);
void put_document_end(bson_t *out, bson_t *child);
void put_array_begin(bson_t *out, const char *field, bson_t *child);
void put_array_end(bson_t *out, bson_t *child);

/* {customer: a, seller: b} */
void put_side_ints(
    bson_t *out, const char *field, int64_t customer, int64_t seller);
void put_side_bools(bson_t *out, const char *field, bool customer, bool seller);

#endif
