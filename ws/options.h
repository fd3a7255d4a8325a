/*
 * options.h: the options of hub and relay, typed, checked and named in one
 * table each: --name=value on the command line.
 *
 * Arguments, because websocketd hands on no environment; no getopt_long(),
 * because the table also makes --help and README's rows.
 */
#ifndef WS_OPTIONS_H
#define WS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum option_kind {
	OPTION_TEXT,   /* const char * */
	OPTION_NUMBER, /* long */
};

struct option_row {
	const char *name; /* "line-bytes" */
	enum option_kind kind;
	size_t at;          /* offset in the program's struct */
	const char *preset; /* NULL: must be given */
	long min, max;      /* of a number, of a text's bytes */
	const char *help;
};

/*
 * Fill *values from argv[1] on, which lends the texts; of an option given
 * twice the last counts.  False with what is wrong in why, for people:
 * "--line-bytes must be a number from 1024 to 65536".
 */
bool options_take(void *values, const struct option_row *rows, size_t count,
    int argc, char **argv, char why[256]);

/* The table as Markdown rows, which README.md holds (a test compares). */
void options_print(FILE *out, const struct option_row *rows, size_t count);

#endif
