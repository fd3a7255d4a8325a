/*
 * settings_file.c: see settings_file.h.
 */
#include "cgi/settings_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cgi/text.h"

const char *
settings_file_value(const struct settings_file *file, const char *name)
{
	for (size_t i = 0; i < file->count; i++)
		if (strcmp(file->line[i].name, name) == 0)
			return file->line[i].value;
	return NULL;
}

static bool
refuse(char why[256], const char *name, int number, const char *what)
{
	(void)snprintf(
	    why, 256, "%.100s (line %d of the file) %s", name, number, what);
	return false;
}

static bool
line_take(struct settings_file *file, char *text, int number, char why[256])
{
	char *name = text_trim(text);
	char *equals = strchr(name, '=');

	if (!*name || *name == '#')
		return true;
	if (!equals)
		return refuse(why, name, number, "has no \"= value\"");
	*equals = '\0';
	name = text_trim(name);
	if (settings_file_value(file, name))
		return refuse(why, name, number, "is set twice");
	if (file->count == SETTINGS_FILE_LINES)
		return refuse(why, name, number, "is a line too many");
	file->line[file->count].name = name;
	file->line[file->count].value = text_trim(equals + 1);
	file->line[file->count].number = number;
	file->count++;
	return true;
}

/* The whole file into text, with a NUL at its end; false with errno. */
static bool
text_read(const char *path, char text[SETTINGS_FILE_BYTES])
{
	FILE *stream = fopen(path, "re");
	size_t len;
	int error;

	if (!stream)
		return false;
	len = fread(text, 1, SETTINGS_FILE_BYTES, stream);
	error = ferror(stream) ? errno : len == SETTINGS_FILE_BYTES ? EFBIG : 0;
	(void)fclose(stream); /* only read */
	if (error == 0 && memchr(text, '\0', len))
		error = EILSEQ;
	if (error == 0)
		text[len] = '\0';
	errno = error;
	return error == 0;
}

bool
settings_file_read(struct settings_file *file, const char *path, char why[256])
{
	static char text[SETTINGS_FILE_BYTES]; /* the values point into it */
	char *next = text;

	file->count = 0;
	if (!text_read(path, text)) {
		(void)snprintf(why, 256, "PARLEY_CONFIG: %.128s: %s", path,
		    strerror(errno));
		return false;
	}
	for (int number = 1; next; number++)
		if (!line_take(file, strsep(&next, "\n"), number, why))
			return false;
	return true;
}
