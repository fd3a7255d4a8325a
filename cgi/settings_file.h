/*
 * settings_file.h: "name = value" lines, as settings.c and people read them.
 *
 * Blank lines and lines that begin with # are left out.  A value goes to the
 * end of its line, so it may hold # and =; blanks around it are dropped.
 */
#ifndef CGI_SETTINGS_FILE_H
#define CGI_SETTINGS_FILE_H

#include <stdbool.h>
#include <stddef.h>

#define SETTINGS_FILE_BYTES (64 * 1024)
#define SETTINGS_FILE_LINES 256

struct settings_file {
	struct {
		const char *name, *value; /* live until the process ends */
		int number;               /* of the line */
	} line[SETTINGS_FILE_LINES];
	size_t count;
};

/* False with one sentence: unreadable, too long, no value, a name twice. */
bool settings_file_read(
    struct settings_file *file, const char *path, char why[256]);

/* The value of a name, or NULL. */
const char *settings_file_value(
    const struct settings_file *file, const char *name);

#endif
