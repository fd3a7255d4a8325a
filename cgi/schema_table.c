/*
 * schema_table.c: see schema_table.h.
 */
#include "cgi/schema_table.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cgi/text.h"

void
field_path(char out[FLAW_FIELD_BYTES], const char *parent, const char *name)
{
	(void)snprintf(out, FLAW_FIELD_BYTES, "%s%s%s", parent,
	    *parent && *name ? "." : "", name);
}

bool
field_wrong(
    struct flaw *flaw, const char *parent, const char *name, const char *rule)
{
	char path[FLAW_FIELD_BYTES];

	field_path(path, parent, name);
	return flaw_set(
	    flaw, BAD_FIELD, path, "%s %s", *path ? path : "the body", rule);
}

bool
given_wrong(const struct given *given, const char *rule, ...)
{
	char text[FLAW_REASON_BYTES];
	va_list args;

	va_start(args, rule);
	(void)vsnprintf(text, sizeof(text), rule, args);
	va_end(args);
	return field_wrong(
	    given->flaw, given->parent, given->field->name, text);
}

bool
table_take(const struct table *table, const char *parent,
    struct json_object *object, void *out, struct flaw *flaw)
{
	struct given given = {.parent = parent, .flaw = flaw};

	if (!json_object_is_type(object, json_type_object))
		return field_wrong(flaw, parent, "", "must be an object");
	for (size_t i = 0; i < table->count; i++) {
		const struct field *field = &table->field[i];

		given.field = field;
		json_object_object_get_ex(object, field->name, &given.value);
		if (!given.value && field->required)
			return given_wrong(&given, "is required");
		if (given.value &&
		    !field->take(&given, (char *)out + field->at))
			return false;
	}
	return true;
}

static bool
table_has(const struct table *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++)
		if (strcmp(table->field[i].name, name) == 0)
			return true;
	return false;
}

/* Names are the client's: those with controls are not repeated to people. */
static const char *
shown(const char *name)
{
	return text_has_control(name, strlen(name))
		   ? "a name with control characters"
		   : name;
}

bool
table_refuse_others(
    const struct table *table, struct json_object *object, struct flaw *flaw)
{
	json_object_object_foreach(object, name, value)
	{
		(void)value;
		if (!table_has(table, name))
			return flaw_set(flaw, UNKNOWN_FIELD, shown(name),
			    "%s is not a field of this request", shown(name));
	}
	return true;
}
