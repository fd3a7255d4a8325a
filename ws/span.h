/*
 * span.h: a piece of somebody else's text; and the members of JSON that
 * scan_check() has passed, found without parsing it into anything.
 *
 * Our own because the relay hands "data" on untouched, byte for byte, and
 * keeps nothing of it.  Spans of JSON begin and end at the value itself.
 */
#ifndef WS_SPAN_H
#define WS_SPAN_H

#include <stdbool.h>
#include <stddef.h>

struct span {
	const char *at; /* NULL: absent */
	size_t len;
};

#define SPAN(text) ((struct span){(text), sizeof(text) - 1})

struct span span_of(const char *text); /* of a string with NUL */
bool span_is(struct span span, const char *text);

/* Without the blanks of JSON around it. */
struct span span_trimmed(struct span span);

/* The value of a member of an object, absent where there is none. */
struct span json_member(struct span object, const char *key);

/* By a path of members: "message.seq". */
struct span json_path(struct span object, const char *path);

/* Item i of an array, counted from 0; absent beyond its end. */
struct span json_item(struct span array, size_t i);

/* What stands between the braces of an object, or the brackets of an array. */
struct span json_inside(struct span value);

/* What it is, by its first byte: '{' '[' '"' 't' 'f' 'n' or '0'; 0: absent. */
char json_kind(struct span value);

/* The bytes of a string value, decoded, with NUL; false where it is no
 * string or does not fit. */
bool json_text(struct span value, char *out, size_t cap);

#endif
