/*
 * span.c: see span.h.
 *
 * One walk over the members of an object or array, which skips values without
 * looking into them.  The walk stays inside its span whatever that holds; that
 * keys and strings can be decoded is scan_check()'s promise.
 */
#include "ws/span.h"

#include <string.h>

#include "ws/json_string.h"

struct walk {
	const char *at, *end;
};

struct span
span_of(const char *text)
{
	return (struct span){text, strlen(text)};
}

bool
span_is(struct span span, const char *text)
{
	return span.at && span.len == strlen(text) &&
	       memcmp(span.at, text, span.len) == 0;
}

static bool
is_blank(char c)
{
	return memchr(" \t\n\r", c, 4) != NULL;
}

struct span
span_trimmed(struct span span)
{
	while (span.len > 0 && is_blank(span.at[0])) {
		span.at++;
		span.len--;
	}
	while (span.len > 0 && is_blank(span.at[span.len - 1]))
		span.len--;
	return span;
}

char
json_kind(struct span value)
{
	if (!value.at || value.len == 0)
		return 0;
	return memchr("{[\"tfn", value.at[0], 6) ? value.at[0] : '0';
}

/* --- the walk --- */

static void
skip_blanks(struct walk *walk)
{
	while (walk->at < walk->end && is_blank(*walk->at))
		walk->at++;
}

/* From the opening quote to behind the closing one. */
static void
skip_string(struct walk *walk)
{
	for (walk->at++; walk->at < walk->end && *walk->at != '"'; walk->at++)
		if (*walk->at == '\\' && walk->at + 1 < walk->end)
			walk->at++;
	if (walk->at < walk->end)
		walk->at++;
}

static void
skip_nested(struct walk *walk)
{
	size_t depth = 0;

	while (walk->at < walk->end) {
		char c = *walk->at;

		if (c == '"') {
			skip_string(walk);
			continue;
		}
		depth += c == '{' || c == '[';
		depth -= c == '}' || c == ']';
		walk->at++;
		if (depth == 0)
			return;
	}
}

/* A number, true, false, null. */
static void
skip_word(struct walk *walk)
{
	while (walk->at < walk->end && !memchr(",:]} \t\n\r", *walk->at, 8))
		walk->at++;
}

static struct span
take_value(struct walk *walk)
{
	const char *from;

	skip_blanks(walk);
	from = walk->at;
	switch (json_kind((struct span){from, (size_t)(walk->end - from)})) {
	case '"':
		skip_string(walk);
		break;
	case '{':
	case '[':
		skip_nested(walk);
		break;
	default:
		skip_word(walk);
		break;
	}
	return (struct span){from, (size_t)(walk->at - from)};
}

/* Begin inside an object or array; elsewhere there is nothing to walk. */
static struct walk
walk_into(struct span value, char kind)
{
	if (json_kind(value) != kind)
		return (struct walk){value.at, value.at};
	return (struct walk){value.at + 1, value.at + value.len};
}

/* The comma, or colon, that follows a value, and blanks around it. */
static void
skip_mark(struct walk *walk, char mark)
{
	skip_blanks(walk);
	if (walk->at < walk->end && *walk->at == mark)
		walk->at++;
	skip_blanks(walk);
}

/* The next value; false at the end, as no value begins with an end's byte. */
static bool
walk_on(struct walk *walk, struct span *value)
{
	*value = take_value(walk);
	return value->len > 0;
}

/* --- members --- */

static struct span
find_member(struct span object, const char *key, size_t len)
{
	struct walk walk = walk_into(object, '{');
	struct span name, value;

	while (walk_on(&walk, &name)) {
		skip_mark(&walk, ':');
		value = take_value(&walk);
		if (json_kind(name) == '"' &&
		    json_string_equals(name.at + 1, key, len))
			return value;
		skip_mark(&walk, ',');
	}
	return (struct span){0};
}

struct span
json_member(struct span object, const char *key)
{
	return find_member(object, key, strlen(key));
}

struct span
json_path(struct span object, const char *path)
{
	for (;;) {
		size_t len = strcspn(path, ".");

		object = find_member(object, path, len);
		if (path[len] == '\0')
			return object;
		path += len + 1;
	}
}

struct span
json_item(struct span array, size_t i)
{
	struct walk walk = walk_into(array, '[');
	struct span value;

	while (walk_on(&walk, &value)) {
		if (i-- == 0)
			return value;
		skip_mark(&walk, ',');
	}
	return (struct span){0};
}

struct span
json_inside(struct span value)
{
	if (value.len < 2)
		return (struct span){0};
	return span_trimmed((struct span){value.at + 1, value.len - 2});
}

bool
json_text(struct span value, char *out, size_t cap)
{
	size_t len;

	if (json_kind(value) != '"' || cap == 0)
		return false;
	len = json_string_decode(value.at + 1, out, cap - 1);
	if (len > cap - 1)
		return false;
	out[len] = '\0';
	return true;
}
