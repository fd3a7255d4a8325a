/*
 * json_string.c: see json_string.h.
 */
#include "ws/json_string.h"

#include <string.h>

#include "ws/utf8.h"

#define UNICODE_ESCAPE 6 /* bytes of \uXXXX */

static bool
is_high(unsigned unit)
{
	return unit >= 0xd800 && unit <= 0xdbff;
}

static bool
is_low(unsigned unit)
{
	return unit >= 0xdc00 && unit <= 0xdfff;
}

/* Value of a hex digit, or 16. */
static unsigned
hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = memchr(digits, c, sizeof(digits) - 1);

	return at ? (unsigned)(at - digits) % 16 : 16;
}

/* The UTF-16 unit of the escape \uXXXX at s; false where there is none. */
static bool
unicode_escape(const char *s, size_t left, unsigned *unit)
{
	*unit = 0;
	if (left < UNICODE_ESCAPE || s[0] != '\\' || s[1] != 'u')
		return false;
	for (int i = 2; i < UNICODE_ESCAPE; i++) {
		if (hex_digit(s[i]) == 16)
			return false;
		*unit = *unit * 16 + hex_digit(s[i]);
	}
	return true;
}

/* Check the escape at s; *used its bytes. */
static enum json_string
check_escape(const char *s, size_t left, size_t *used)
{
	unsigned unit, second;

	*used = 2;
	if (left < 2)
		return STRING_NO_END;
	if (memchr("\"\\/bfnrt", s[1], 8))
		return STRING_GOOD;
	if (!unicode_escape(s, left, &unit))
		return STRING_ESCAPE;
	*used = UNICODE_ESCAPE;
	if (unit == 0)
		return STRING_NUL;
	if (!is_high(unit))
		return is_low(unit) ? STRING_SURROGATE : STRING_GOOD;
	if (!unicode_escape(s + *used, left - *used, &second) ||
	    !is_low(second))
		return STRING_SURROGATE;
	*used += UNICODE_ESCAPE;
	return STRING_GOOD;
}

/* Most bytes: ASCII that stands for itself. */
static bool
is_plain(char c)
{
	return (signed char)c >= 0x20 && c != '"' && c != '\\';
}

/* Check what is not plain at s; *used its bytes. */
static enum json_string
check_special(const char *s, size_t left, size_t *used)
{
	if (*s == '\\')
		return check_escape(s, left, used);
	if ((unsigned char)*s < 0x20)
		return STRING_CONTROL;
	*used = utf8_length(s, left);
	return *used > 0 ? STRING_GOOD : STRING_NO_UTF8;
}

enum json_string
json_string_check(const char *s, size_t len, size_t *used)
{
	size_t at = 0, n;

	for (;;) {
		enum json_string result;

		while (at < len && is_plain(s[at]))
			at++;
		*used = at;
		if (at == len)
			return STRING_NO_END;
		if (s[at] == '"')
			break;
		result = check_special(s + at, len - at, &n);
		if (result != STRING_GOOD)
			return result;
		at += n;
	}
	*used = at + 1;
	return STRING_GOOD;
}

/* Decode the byte or escape at *s into out and move *s; its bytes. */
static size_t
decode_one(const char **s, char out[4])
{
	static const char letters[] = "bfnrt", bytes[] = "\b\f\n\r\t";
	const char *letter;
	unsigned unit, second;

	out[0] = *(*s)++;
	if (out[0] != '\\')
		return 1;
	if (!unicode_escape(*s - 1, UNICODE_ESCAPE, &unit)) {
		letter = strchr(letters, **s);
		out[0] = letter ? bytes[letter - letters] : **s;
		++*s;
		return 1;
	}
	*s += UNICODE_ESCAPE - 1;
	if (!is_high(unit))
		return utf8_put(out, unit);
	(void)unicode_escape(*s, UNICODE_ESCAPE, &second); /* was checked */
	*s += UNICODE_ESCAPE;
	return utf8_put(
	    out, 0x10000 + ((unit - 0xd800) << 10) + (second - 0xdc00));
}

size_t
json_string_decode(const char *s, char *out, size_t cap)
{
	size_t len = 0;

	while (*s != '"') {
		char bytes[4];
		size_t n = decode_one(&s, bytes);

		if (len + n > cap)
			return cap + 1;
		memcpy(out + len, bytes, n);
		len += n;
	}
	return len;
}

bool
json_string_equals(const char *s, const char *bytes, size_t len)
{
	for (;;) {
		char one[4];
		size_t n;

		while (len > 0 && *s == *bytes && *s != '"' && *s != '\\') {
			s++;
			bytes++;
			len--;
		}
		if (*s != '\\')
			return *s == '"' && len == 0;
		n = decode_one(&s, one);
		if (n > len || memcmp(one, bytes, n) != 0)
			return false;
		bytes += n;
		len -= n;
	}
}
