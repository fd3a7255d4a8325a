/*
 * options.c: see options.h.
 */
#include "ws/options.h"

#include <stdlib.h>
#include <string.h>

static bool
text_take(const struct option_row *row, const char *value, const char **out)
{
	size_t len = strlen(value);

	*out = value;
	return (long)len >= row->min && (long)len <= row->max;
}

static bool
number_take(const struct option_row *row, const char *value, long *out)
{
	char *end;

	*out = strtol(value, &end, 10); /* too many digits: LONG_MAX */
	return *value >= '0' && *value <= '9' && !*end && *out >= row->min &&
	       *out <= row->max;
}

static bool
value_take(void *values, const struct option_row *row, const char *value,
    char why[256])
{
	void *out = (char *)values + row->at;
	bool is_text = row->kind == OPTION_TEXT;

	if (!value) {
		(void)snprintf(why, 256, "--%s must be given", row->name);
		return false;
	}
	if (is_text ? text_take(row, value, out) : number_take(row, value, out))
		return true;
	(void)snprintf(why, 256, "--%s must be %s%ld to %ld%s", row->name,
	    is_text ? "" : "a number from ", row->min, row->max,
	    is_text ? " bytes" : "");
	return false;
}

/* The value in "--name=value" where it is of this name, or NULL. */
static const char *
value_in(const char *argument, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(argument, "--", 2) != 0 ||
	    strncmp(argument + 2, name, len) != 0 || argument[2 + len] != '=')
		return NULL;
	return argument + 2 + len + 1;
}

static bool
is_known(const struct option_row *rows, size_t count, const char *argument)
{
	for (size_t i = 0; i < count; i++)
		if (value_in(argument, rows[i].name))
			return true;
	return false;
}

static const char *
value_of(const struct option_row *row, int argc, char **argv)
{
	for (int i = argc - 1; i > 0; i--) {
		const char *value = value_in(argv[i], row->name);

		if (value)
			return value;
	}
	return row->preset;
}

bool
options_take(void *values, const struct option_row *rows, size_t count,
    int argc, char **argv, char why[256])
{
	for (int i = 1; i < argc; i++) {
		if (is_known(rows, count, argv[i]))
			continue;
		(void)snprintf(why, 256,
		    "%.100s is no option (they are written --name=value)",
		    argv[i]);
		return false;
	}
	for (size_t i = 0; i < count; i++)
		if (!value_take(
			values, &rows[i], value_of(&rows[i], argc, argv), why))
			return false;
	return true;
}

/* --- README's table --- */

static void
print_preset(FILE *out, const struct option_row *row)
{
	if (!row->preset)
		(void)fputs("must be given", out);
	else if (!*row->preset)
		(void)fputs("empty", out);
	else
		(void)fprintf(out, "`%s`", row->preset);
	if (row->kind == OPTION_NUMBER)
		(void)fprintf(out, " (%ld to %ld)", row->min, row->max);
}

void
options_print(FILE *out, const struct option_row *rows, size_t count)
{
	(void)fputs("| option | default | meaning |\n|---|---|---|\n", out);
	for (size_t i = 0; i < count; i++) {
		(void)fprintf(out, "| `--%s` | ", rows[i].name);
		print_preset(out, &rows[i]);
		(void)fprintf(out, " | %s |\n", rows[i].help);
	}
}
