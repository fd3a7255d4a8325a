/*
 * settings_table.h: what a row of the table of settings says.
 */
#ifndef CGI_SETTINGS_TABLE_H
#define CGI_SETTINGS_TABLE_H

#include <stddef.h>

enum setting_kind {
	STRING, /* min to max bytes */
	FLAG,   /* on or off */
	NUMBER, /* min to max */
};

struct setting {
	const char *name;
	enum setting_kind kind;
	size_t at; /* offset in struct settings */
	long min, max;
	const char *preset; /* NULL: it must be given */
	const char *help;
};

extern const struct setting settings[];
extern const size_t setting_count;

#endif
