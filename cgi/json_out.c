/*
 * json_out.c: see json_out.h.
 */
#include "cgi/json_out.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXACT_INTEGERS 9007199254740992.0 /* 2^53 */

static void
escape(struct buffer *b, unsigned char c)
{
	switch (c) {
	case '"':
		buffer_put(b, "\\\"", 2);
		break;
	case '\\':
		buffer_put(b, "\\\\", 2);
		break;
	case '\n':
		buffer_put(b, "\\n", 2);
		break;
	case '\r':
		buffer_put(b, "\\r", 2);
		break;
	case '\t':
		buffer_put(b, "\\t", 2);
		break;
	default:
		buffer_printf(b, "\\u%04x", c);
		break;
	}
}

/*
 * How many bytes from here on need no escape: eight at a time, by the high
 * bit of each byte of a word.  x - n borrows where x < n; x ^ c is 0 where
 * x is c.  Bytes of 0x80 and more are parts of UTF-8 and need none.
 */
static size_t
plain(const char *text, size_t len)
{
	const uint64_t ones = 0x0101010101010101;
	size_t i = 0;
	uint64_t x, quote, slash;

	for (; i + sizeof(x) <= len; i += sizeof(x)) {
		memcpy(&x, text + i, sizeof(x));
		quote = x ^ ones * '"';
		slash = x ^ ones * '\\';
		if (((x - ones * 0x20) | (quote - ones) | (slash - ones)) & ~x &
		    ones * 0x80)
			break;
	}
	while (i < len && (unsigned char)text[i] >= 0x20 && text[i] != '"' &&
	       text[i] != '\\')
		i++;
	return i;
}

/* Long runs need no escape, so text is copied in runs. */
void
json_string(struct buffer *b, const char *text, size_t len)
{
	size_t run;

	buffer_char(b, '"');
	while ((run = plain(text, len)) < len) {
		buffer_put(b, text, run);
		escape(b, (unsigned char)text[run]);
		text += run + 1;
		len -= run + 1;
	}
	buffer_put(b, text, run);
	buffer_char(b, '"');
}

void
json_puts(struct buffer *b, const char *text)
{
	json_string(b, text, strlen(text));
}

void
json_int(struct buffer *b, int64_t n)
{
	char digits[24];
	char *end = digits + sizeof(digits);
	char *at = end;
	uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	do
		*--at = (char)('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (n < 0)
		*--at = '-';
	buffer_put(b, at, (size_t)(end - at));
}

void
json_boolean(struct buffer *b, bool yes)
{
	buffer_puts(b, yes ? "true" : "false");
}

/* JSON has no word for NaN and infinity; an old document may hold one. */
void
json_double(struct buffer *b, double n)
{
	char digits[32];

	if (!isfinite(n)) {
		buffer_puts(b, "null");
		return;
	}
	if (n == trunc(n) && fabs(n) <= EXACT_INTEGERS) {
		json_int(b, (int64_t)n);
		return;
	}
	for (int precision = 15; precision <= 17; precision++) {
		(void)snprintf(digits, sizeof(digits), "%.*g", precision, n);
		if (strtod(digits, NULL) == n)
			break;
	}
	buffer_puts(b, digits);
}
