/*
 * json_string.h: the strings of JSON, in place: check, decode, compare.
 *
 * s is always the byte after the opening quote.
 */
#ifndef WS_JSON_STRING_H
#define WS_JSON_STRING_H

#include <stdbool.h>
#include <stddef.h>

enum json_string {
	STRING_GOOD,
	STRING_NO_END,
	STRING_CONTROL, /* a raw byte below 0x20 */
	STRING_NO_UTF8,
	STRING_ESCAPE,    /* a backslash and something unknown */
	STRING_NUL,       /* \u0000, which is JSON, but no text in C */
	STRING_SURROGATE, /* half of a pair, which no UTF-8 can hold */
};

/* *used: bytes to and with the closing quote, or to what is wrong. */
enum json_string json_string_check(const char *s, size_t len, size_t *used);

/*
 * The rest is for strings that passed.  Decode into out, no NUL added.
 * Returns its bytes, or cap + 1 where they are more than cap.
 */
size_t json_string_decode(const char *s, char *out, size_t cap);

/* Is s, decoded, these bytes? */
bool json_string_equals(const char *s, const char *bytes, size_t len);

#endif
