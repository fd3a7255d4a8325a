/*
 * made_json.h: JSON that chance made, with the value that it stands for.  The
 * same seed makes the same text.
 */
#ifndef TESTS_MADE_JSON_H
#define TESTS_MADE_JSON_H

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ws/scan.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* A text, and where chance stands. */
struct made {
	unsigned seed;
	size_t len;
	char text[8192];
};

static unsigned
dice(struct made *m, unsigned sides)
{
	m->seed = m->seed * 1664525 + 1013904223;
	return (m->seed >> 8) % sides;
}

static void
put(struct made *m, const char *s)
{
	size_t len = strlen(s);

	if (m->len + len < sizeof(m->text)) {
		memcpy(m->text + m->len, s, len);
		m->len += len;
	}
}

static void
put_blanks(struct made *m)
{
	static const char *const blanks[] = {"", "", "", " ", "\n\t", "\r "};

	put(m, blanks[dice(m, COUNT(blanks))]);
}

/* Both are written: how JSON may write it, and what it then is. */
static void
put_string(struct made *m, char *value)
{
	/* clang-format off */
	static const struct {
		const char *json, *is;
	} pieces[] = {
		{"a", "a"}, {"Z", "Z"}, {" ", " "}, {"$", "$"}, {".", "."},
		{"\\u0061", "a"}, {"\\n", "\n"}, {"\\/", "/"}, {"/", "/"},
		{"\\\"", "\""}, {"\\\\", "\\"}, {"\\u00E9", "\xc3\xa9"},
		{"\xc3\xa9", "\xc3\xa9"}, {"\\u20ac", "\xe2\x82\xac"},
		{"\\ud83d\\ude00", "\xf0\x9f\x98\x80"},
		{"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
		{"\\u0001", "\x01"}, {"\x7f", "\x7f"}, {"<b>", "<b>"},
	};
	/* clang-format on */

	*value = '\0';
	put(m, "\"");
	for (unsigned n = dice(m, 6); n > 0; n--) {
		size_t i = dice(m, COUNT(pieces));

		put(m, pieces[i].json);
		strcat(value, pieces[i].is);
	}
	put(m, "\"");
}

static struct json_object *
put_scalar(struct made *m)
{
	char value[64];
	long long n;

	switch (dice(m, 6)) {
	case 0:
		put(m, "true");
		return json_object_new_boolean(1);
	case 1:
		put(m, "null");
		return NULL;
	case 2:
		n = (long long)dice(m, 1 << 24) * dice(m, 1 << 24);
		n *= dice(m, 2) ? 1 : -1;
		(void)snprintf(value, sizeof(value), "%lld", n);
		put(m, value);
		return json_object_new_int64(n);
	case 3:
		(void)snprintf(value, sizeof(value), "%u.%02ue%u", dice(m, 99),
		    dice(m, 99), dice(m, 9));
		put(m, value);
		return json_object_new_double(strtod(value, NULL));
	default:
		put_string(m, value);
		return json_object_new_string(value);
	}
}

static struct json_object *put_value(struct made *m, int depth);

static struct json_object *
put_array(struct made *m, int depth)
{
	struct json_object *array = json_object_new_array();

	put(m, "[");
	for (unsigned n = dice(m, 5); n > 0; n--) {
		json_object_array_add(array, put_value(m, depth));
		put(m, n > 1 ? "," : "");
	}
	put_blanks(m);
	put(m, "]");
	return array;
}

static struct json_object *
put_object(struct made *m, int depth)
{
	struct json_object *object = json_object_new_object();
	char key[16];

	put(m, "{");
	for (unsigned n = dice(m, 5); n > 0; n--) {
		(void)snprintf(
		    key, sizeof(key), "%c%u", 'a' + (int)dice(m, 26), n);
		put_blanks(m);
		put(m, "\"");
		put(m, key);
		put(m, "\"");
		put_blanks(m);
		put(m, ":");
		json_object_object_add(object, key, put_value(m, depth));
		put(m, n > 1 ? "," : "");
	}
	put_blanks(m);
	put(m, "}");
	return object;
}

static struct json_object *
put_value(struct made *m, int depth)
{
	struct json_object *value;
	unsigned kind = depth == 0 ? dice(m, 2) : dice(m, 5);

	put_blanks(m);
	if (kind > 1 || depth == SCAN_DEPTH)
		value = put_scalar(m);
	else if (kind == 1)
		value = put_object(m, depth + 1);
	else
		value = put_array(m, depth + 1);
	put_blanks(m);
	return value;
}

/* A value of any kind; gives what it stands for. */
static struct json_object *
make(struct made *m, unsigned seed)
{
	m->seed = seed;
	m->len = 0;
	return put_value(m, 0);
}

/* Put piece in the place of cut bytes at. */
static void
replace(struct made *m, size_t at, size_t cut, const char *piece, size_t len)
{
	size_t tail = m->len - at - cut;

	if (m->len - cut + len > sizeof(m->text))
		return;
	memmove(m->text + at + len, m->text + at + cut, tail);
	memcpy(m->text + at, piece, len);
	m->len += len - cut;
}

/* Break it in one to three places, by what JSON's readers disagree about. */
__attribute__((unused)) static void
mutate(struct made *m)
{
	static const char bytes[] = "\"\\{}[]:,u0d8e.-+ \x80\xc3\xed\xff\x01";
	static const char *const pieces[] = {"NaN", "-Infinity", "-01", "1.",
	    "\\u0000", "\\ud800", "\\udc00", "\xc0\x80", "\xed\xa0\x80", "True",
	    "/**/", "\"a\":1,\"a\":2", "9007199254740993", "1e999", "[[[[[[[["};

	for (unsigned n = 1 + dice(m, 3); n > 0 && m->len > 1; n--) {
		size_t at = dice(m, (unsigned)m->len);
		const char *piece = pieces[dice(m, COUNT(pieces))];

		switch (dice(m, 4)) {
		case 0: /* another byte */
			m->text[at] = bytes[dice(m, sizeof(bytes) - 1)];
			break;
		case 1: /* one less */
			replace(m, at, 1, "", 0);
			break;
		case 2: /* the rest again, or cut */
			replace(m, m->len, 0, m->text + at, m->len - at);
			break;
		default:
			replace(m, at, dice(m, 2), piece, strlen(piece));
			break;
		}
	}
}

#endif
