/*
 * scan.c: see scan.h.
 *
 * The open objects and arrays lie on an explicit stack.  Of a key only the
 * place in the text is kept: comparing a new key with those before it, and
 * naming the path of a flaw, decode it again.  That is cheap, since keys are
 * short and mostly differ in their first letters, and costs no memory.
 */
#include "ws/scan.h"

#include <string.h>

#include "ws/json_number.h"
#include "ws/json_string.h"
#include "ws/scan_state.h"

/* The byte here; 0 at the end, since a NUL is refused wherever it stands. */
static unsigned char
peek(const struct scan *in)
{
	return in->at < in->len ? (unsigned char)in->s[in->at] : 0;
}

static void
skip_blanks(struct scan *in)
{
	while (in->at < in->len && memchr(" \t\n\r", in->s[in->at], 4))
		in->at++;
}

/* --- refusing --- */

static bool
refuse(struct scan *in, bool malformed, const char *reason)
{
	in->flaw->reason = reason;
	in->flaw->malformed = malformed;
	in->flaw->offset = in->at;
	scan_path_write(in, in->flaw->path);
	return false;
}

/* No JSON at all. */
static bool
broken(struct scan *in, const char *reason)
{
	return refuse(in, true, reason);
}

/* JSON, but more than scan.h allows. */
static bool
beyond(struct scan *in, const char *reason)
{
	return refuse(in, false, reason);
}

/* --- strings, numbers, words --- */

struct reason {
	bool malformed;
	const char *reason;
};

static const struct reason string_flaws[] = {
    [STRING_NO_END] = {true, "a string has no end"},
    [STRING_CONTROL] = {true, "a string holds a raw control character"},
    [STRING_NO_UTF8] = {true, "a string is not valid UTF-8"},
    [STRING_ESCAPE] = {true, "a string has an unknown escape"},
    [STRING_NUL] = {false, "a string holds a NUL character"},
    [STRING_SURROGATE] = {false, "a string holds half a surrogate pair"},
};

static const struct reason number_flaws[] = {
    [NUMBER_MALFORMED] = {true, "a number is malformed"},
    [NUMBER_LONG] = {false, "a number has too many digits"},
    [NUMBER_INEXACT] = {false, "an integer is beyond 9007199254740991"},
    [NUMBER_INFINITE] = {false, "a number is too large"},
};

static bool
take_string(struct scan *in)
{
	enum json_string result;
	size_t used;

	in->at++;
	result = json_string_check(in->s + in->at, in->len - in->at, &used);
	in->at += used;
	return result == STRING_GOOD ||
	       refuse(in, string_flaws[result].malformed,
		   string_flaws[result].reason);
}

static bool
take_number(struct scan *in)
{
	enum json_number result;
	size_t used;

	result = json_number_check(in->s + in->at, in->len - in->at, &used);
	in->at += used;
	return result == NUMBER_GOOD ||
	       refuse(in, number_flaws[result].malformed,
		   number_flaws[result].reason);
}

static bool
take_word(struct scan *in, const char *word)
{
	size_t len = strlen(word);

	if (in->len - in->at < len || memcmp(in->s + in->at, word, len) != 0)
		return broken(in, "a word is none of true, false, null");
	in->at += len;
	return true;
}

/* --- objects and arrays --- */

static bool
take_open(struct scan *in, char close)
{
	if (in->depth == SCAN_DEPTH)
		return beyond(in, "the nesting is deeper than 8 levels");
	in->level[in->depth++] = (struct level){
	    .close = close,
	    .first_key = in->key_count,
	};
	in->at++;
	return true;
}

static bool
take_value(struct scan *in)
{
	switch (peek(in)) {
	case '{':
		return take_open(in, '}');
	case '[':
		return take_open(in, ']');
	case '"':
		return take_string(in);
	case 't':
		return take_word(in, "true");
	case 'f':
		return take_word(in, "false");
	case 'n':
		return take_word(in, "null");
	default:
		if (peek(in) == '-' || (peek(in) >= '0' && peek(in) <= '9'))
			return take_number(in);
		return broken(in, "a value is missing");
	}
}

static bool
take_key(struct scan *in, struct level *level)
{
	char text[SCAN_KEY_BYTES];
	size_t len;

	if (peek(in) != '"')
		return broken(in, "a key must be a string");
	level->key = (uint32_t)in->at + 1;
	if (!take_string(in))
		return false;
	len = json_string_decode(in->s + level->key, text, sizeof(text));
	if (len > sizeof(text))
		return beyond(in, "a key is longer than 128 bytes");
	if (in->key_count - level->first_key == SCAN_KEYS)
		return beyond(in, "an object has more than 128 keys");
	level->inside = true;
	for (uint32_t i = level->first_key; i < in->key_count; i++)
		if (json_string_equals(in->s + in->key[i], text, len))
			return beyond(in, "a key appears twice");
	in->key[in->key_count++] = level->key;

	skip_blanks(in);
	if (peek(in) != ':')
		return broken(in, "a colon is missing after a key");
	in->at++;
	skip_blanks(in);
	return true;
}

/* One member of the innermost object or array, or its end. */
static bool
take_member(struct scan *in)
{
	struct level *level = &in->level[in->depth - 1];

	level->inside = false;
	skip_blanks(in);
	if (peek(in) == level->close) {
		in->at++;
		in->key_count = level->first_key;
		in->depth--;
		return true;
	}
	if (level->count++ > 0) {
		if (peek(in) != ',')
			return broken(in, "a comma or an end is missing");
		in->at++;
		skip_blanks(in);
	}
	if (level->close == '}' && !take_key(in, level))
		return false;
	level->inside = true;
	return take_value(in);
}

bool
scan_check(const char *s, size_t len, struct scan_flaw *flaw)
{
	struct scan in;

	/* Not "= {...}", which would clear and so touch all of key[], 4 KiB. */
	in.s = s;
	in.len = len;
	in.at = 0;
	in.flaw = flaw;
	in.depth = 0;
	memset(in.level, 0, sizeof(in.level));
	in.key_count = 0;

	if (len > UINT32_MAX)
		return beyond(&in, "the text is longer than 4 GiB");
	skip_blanks(&in);
	if (peek(&in) != '{' && peek(&in) != '[')
		return broken(&in, "it must be a JSON object or array");
	if (!take_value(&in))
		return false;
	while (in.depth > 0)
		if (!take_member(&in))
			return false;
	skip_blanks(&in);
	if (in.at < len)
		return broken(&in, "something follows after the end");
	return true;
}
