/*
 * bson_json.h: one BSON value, written straight to JSON.
 */
#ifndef CGI_BSON_JSON_H
#define CGI_BSON_JSON_H

#include <bson/bson.h>

#include "cgi/buffer.h"

/* A number or a string in the type in which it was given; else null. */
void bson_scalar_json(struct buffer *b, const bson_iter_t *value);

#endif
