/*
 * schema_kinds.c: the kinds of fields that many tables share.
 *
 * Those that name something are in schema_id.c.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cgi/schema.h"
#include "cgi/schema_table.h"
#include "ws/scan.h"

/* --- strings --- */

const char *
given_string(const struct given *given)
{
	if (json_object_is_type(given->value, json_type_string))
		return json_object_get_string(given->value);
	given_wrong(given, "must be a string");
	return NULL;
}

const char *
given_line(const struct given *given)
{
	const char *s = given_string(given);

	if (!s || !text_has_control(s, strlen(s)))
		return s;
	given_wrong(given, "must not hold control characters");
	return NULL;
}

static bool
length_is_right(const struct given *given, const char *s)
{
	double points = (double)text_points(s, strlen(s));
	double min = given->field->min, max = given->field->max;

	if (points >= min && points <= max)
		return true;
	if (min > 0)
		return given_wrong(
		    given, "must be %.0f to %.0f characters", min, max);
	return given_wrong(given, "must be at most %.0f characters", max);
}

/* A line of text: no controls. */
bool
take_line(const struct given *given, void *out)
{
	const char *s = given_line(given);

	if (!s || !length_is_right(given, s))
		return false;
	*(const char **)out = s;
	return true;
}

/* Text as people write it: tabs and newlines too, but not only blanks. */
bool
take_text(const struct given *given, void *out)
{
	const char *s = given_string(given);

	if (!s || !length_is_right(given, s))
		return false;
	if (*s && !text_has_ink(s, strlen(s)))
		return given_wrong(given, "must not be only blanks");
	*(const char **)out = s;
	return true;
}

bool
take_url(const struct given *given, void *out)
{
	static const char scheme[] = "https://";
	const char *s = given_line(given);

	if (!s || !length_is_right(given, s))
		return false;
	if (strncmp(s, scheme, strlen(scheme)) != 0 || !s[strlen(scheme)] ||
	    strchr(s, ' '))
		return given_wrong(
		    given, "must be an address that begins with https://");
	*(const char **)out = s;
	return true;
}

/* "a, b or c" */
static void
list_words(char *out, size_t cap, const char *const *words)
{
	size_t used = 0;

	for (size_t i = 0; words[i] && used < cap; i++) {
		const char *link = i == 0 ? "" : words[i + 1] ? ", " : " or ";

		used += (size_t)snprintf(
		    out + used, cap - used, "%s%s", link, words[i]);
	}
}

int
given_choice(const struct given *given, const char *const *words)
{
	const char *s = given_string(given);
	char list[FLAW_REASON_BYTES];

	if (!s)
		return -1;
	for (int i = 0; words[i]; i++)
		if (strcmp(words[i], s) == 0)
			return i;
	list_words(list, sizeof(list), words);
	given_wrong(given, "must be %s", list);
	return -1;
}

/* detail: the words, ended by NULL. */
bool
take_choice(const struct given *given, void *out)
{
	const char *const *words = given->field->detail;
	int i = given_choice(given, words);

	if (i < 0)
		return false;
	*(const char **)out = words[i];
	return true;
}

/* --- the others --- */

static bool
is_number(const struct given *given)
{
	return json_object_is_type(given->value, json_type_int) ||
	       json_object_is_type(given->value, json_type_double) ||
	       given_wrong(given, "must be a number");
}

bool
take_number(const struct given *given, void *out)
{
	double min = given->field->min, max = given->field->max;
	double n = json_object_get_double(given->value);

	if (!is_number(given))
		return false;
	if (n < min || n > max)
		return given_wrong(
		    given, "must be a number from %g to %g", min, max);
	*(double *)out = n;
	return true;
}

bool
take_price(const struct given *given, void *out)
{
	double n = json_object_get_double(given->value);

	if (!is_number(given))
		return false;
	if (n <= 0 || n > PRICE_MAX)
		return given_wrong(
		    given, "must be above 0 and at most %g", PRICE_MAX);
	*(double *)out = n;
	return true;
}

bool
take_seq(const struct given *given, void *out)
{
	int64_t n = json_object_get_int64(given->value);

	if (!json_object_is_type(given->value, json_type_int) || n < 0 ||
	    n > SCAN_INTEGER_MAX)
		return given_wrong(given, "must be an integer from 0 to %lld",
		    SCAN_INTEGER_MAX);
	*(int64_t *)out = n;
	return true;
}

bool
take_bool(const struct given *given, void *out)
{
	if (!json_object_is_type(given->value, json_type_boolean))
		return given_wrong(given, "must be true or false");
	*(bool *)out = json_object_get_boolean(given->value);
	return true;
}

/* What can only be done, not undone. */
bool
take_true(const struct given *given, void *out)
{
	(void)out;
	if (!json_object_is_type(given->value, json_type_boolean) ||
	    !json_object_get_boolean(given->value))
		return given_wrong(given, "must be true");
	return true;
}

bool
take_array(const struct given *given, void *out)
{
	if (!json_object_is_type(given->value, json_type_array))
		return given_wrong(given, "must be an array");
	*(struct json_object **)out = given->value;
	return true;
}

bool
take_nothing(const struct given *given, void *out)
{
	(void)given;
	(void)out;
	return true;
}

/* detail: the table of the object within, whose struct is at out. */
bool
take_object(const struct given *given, void *out)
{
	char path[FLAW_FIELD_BYTES];

	field_path(path, given->parent, given->field->name);
	return table_take(
	    given->field->detail, path, given->value, out, given->flaw);
}
