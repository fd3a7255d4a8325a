/*
 * settings.c: see settings.h; the table is in settings_table.c.
 */
#include "cgi/settings.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cgi/settings_file.h"
#include "cgi/settings_table.h"
#include "cgi/text.h"

#define VARIABLE_BYTES 64

static void
variable_name(char out[VARIABLE_BYTES], const struct setting *setting)
{
	bool ours = strcmp(setting->name, "mongodb_uri") != 0;

	(void)snprintf(
	    out, VARIABLE_BYTES, "%s%s", ours ? "PARLEY_" : "", setting->name);
	for (; *out; out++)
		*out = (char)toupper((unsigned char)*out);
}

/* --- values --- */

static bool
string_take(const struct setting *row, const char *value, const char **out)
{
	size_t len = strlen(value);

	*out = value;
	return (long)len >= row->min && (long)len <= row->max;
}

static bool
flag_take(const char *value, bool *out)
{
	*out = strcmp(value, "on") == 0;
	return *out || strcmp(value, "off") == 0;
}

static bool
number_take(const struct setting *row, const char *value, long *out)
{
	char *end;

	*out = strtol(value, &end, 10); /* too many digits: LONG_MAX */
	return isdigit((unsigned char)*value) && !*end && *out >= row->min &&
	       *out <= row->max;
}

/* What a value of this setting must be. */
static void
rule_write(char *out, size_t cap, const struct setting *row)
{
	switch (row->kind) {
	case STRING:
		(void)snprintf(
		    out, cap, "must be %ld to %ld bytes", row->min, row->max);
		break;
	case FLAG:
		(void)snprintf(out, cap, "must be on or off");
		break;
	case NUMBER:
		(void)snprintf(out, cap, "must be a number from %ld to %ld",
		    row->min, row->max);
		break;
	}
}

static bool
value_take(struct settings *s, const struct setting *row, const char *value,
    char why[256])
{
	void *out = (char *)s + row->at;
	char rule[80];
	bool good = false;

	if (!value) {
		(void)snprintf(why, 256, "%s must be set", row->name);
		return false;
	}
	switch (row->kind) {
	case STRING:
		good = string_take(row, value, out);
		break;
	case FLAG:
		good = flag_take(value, out);
		break;
	case NUMBER:
		good = number_take(row, value, out);
		break;
	}
	if (good)
		return true;
	rule_write(rule, sizeof(rule), row);
	(void)snprintf(why, 256, "%s %s", row->name, rule);
	return false;
}

/* --- all of them --- */

/* What is wrong with them, or NULL; those of tokens are jwt_keys.c's. */
static const char *
conflict(const struct settings *s)
{
	if (!text_is_token(s->cookie_name, strlen(s->cookie_name), 128) ||
	    strpbrk(s->cookie_name, "()<>@,;:\\\"/[]?={}"))
		return "cookie_name must be a name as RFC 6265 has it";
	return NULL;
}

static bool
refuse_unknown(const struct settings_file *file, char why[256])
{
	for (size_t i = 0; i < file->count; i++) {
		size_t row = 0;

		while (row < setting_count &&
		       strcmp(settings[row].name, file->line[i].name) != 0)
			row++;
		if (row < setting_count)
			continue;
		(void)snprintf(why, 256,
		    "%.100s (line %d of the file) is no setting",
		    file->line[i].name, file->line[i].number);
		return false;
	}
	return true;
}

/* From the environment, else the file, else the table; NULL where nowhere. */
static const char *
value_of(const struct setting *row, const struct settings_file *file)
{
	char variable[VARIABLE_BYTES];
	const char *value;

	variable_name(variable, row);
	value = getenv(variable);
	if (!value)
		value = settings_file_value(file, row->name);
	return value ? value : row->preset;
}

bool
settings_take(struct settings *s, char why[256])
{
	const char *path = getenv("PARLEY_CONFIG");
	struct settings_file file = {.count = 0};
	const char *wrong;

	if (path && *path && !settings_file_read(&file, path, why))
		return false;
	if (!refuse_unknown(&file, why))
		return false;
	for (size_t i = 0; i < setting_count; i++) {
		const char *value = value_of(&settings[i], &file);

		if (!value_take(s, &settings[i], value, why))
			return false;
	}
	wrong = conflict(s);
	if (wrong)
		(void)snprintf(why, 256, "%s", wrong);
	return !wrong;
}

/* --- README's table --- */

static void
print_preset(FILE *out, const struct setting *row)
{
	if (!row->preset)
		(void)fputs("must be set", out);
	else if (!*row->preset)
		(void)fputs("empty", out);
	else
		(void)fprintf(out, "`%s`", row->preset);
	if (row->kind == NUMBER)
		(void)fprintf(out, " (%ld to %ld)", row->min, row->max);
}

void
settings_print(FILE *out)
{
	char variable[VARIABLE_BYTES];

	(void)fputs("| setting | variable | default | meaning |\n"
		    "|---|---|---|---|\n",
	    out);
	for (size_t i = 0; i < setting_count; i++) {
		variable_name(variable, &settings[i]);
		(void)fprintf(
		    out, "| `%s` | `%s` | ", settings[i].name, variable);
		print_preset(out, &settings[i]);
		(void)fprintf(out, " | %s |\n", settings[i].help);
	}
}
