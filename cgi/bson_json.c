/*
 * bson_json.c: see bson_json.h.
 */
#include "cgi/bson_json.h"

#include "cgi/json_out.h"

void
bson_scalar_json(struct buffer *b, const bson_iter_t *value)
{
	const char *text;
	uint32_t len;

	switch (bson_iter_type(value)) {
	case BSON_TYPE_UTF8:
		text = bson_iter_utf8(value, &len);
		json_string(b, text, len);
		break;
	case BSON_TYPE_INT32:
	case BSON_TYPE_INT64:
		json_int(b, bson_iter_as_int64(value));
		break;
	case BSON_TYPE_DOUBLE:
		json_double(b, bson_iter_double(value));
		break;
	default:
		buffer_puts(b, "null");
	}
}
