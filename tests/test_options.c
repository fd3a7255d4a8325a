/*
 * Options of hub and relay: typed, checked, and README's rows.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "ws/options.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct values {
	const char *hub, *name;
	long bytes, ms;
};

/* clang-format off */
#define AT(member) offsetof(struct values, member)
static const struct option_row rows[] = {
	{"hub", OPTION_TEXT, AT(hub), NULL, 1, 8, "where it is"},
	{"name", OPTION_TEXT, AT(name), "", 0, 4, "who"},
	{"line-bytes", OPTION_NUMBER, AT(bytes), "65536", 1024, 65536, "most"},
	{"line", OPTION_NUMBER, AT(ms), "0", 0, 10, "what the next begins with"},
};
#undef AT
/* clang-format on */

static struct values values;
static char why[256];

/* Arguments between blanks. */
static bool
take(const char *line)
{
	static char copy[256]; /* which values points into */
	char *argv[8] = {copy};
	int argc = 1;

	cr_assert_lt(strlen(line), sizeof(copy));
	strcpy(copy, line);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	return options_take(&values, rows, COUNT(rows), argc, argv, why);
}

Test(options, what_is_not_given_has_its_default)
{
	cr_assert(take("--hub=/h"), "%s", why);
	cr_expect_str_eq(values.hub, "/h");
	cr_expect_str_eq(values.name, "");
	cr_expect_eq(values.bytes, 65536);
	cr_expect_eq(values.ms, 0);
}

Test(options, the_last_of_several_counts)
{
	cr_assert(take("--line-bytes=2048 --hub=a --name=x=y --line=7 "
		       "--hub=b --line-bytes=1024"),
	    "%s", why);
	cr_expect_str_eq(values.hub, "b");
	cr_expect_str_eq(values.name, "x=y");
	cr_expect_eq(values.bytes, 1024);
	cr_expect_eq(values.ms, 7);
}

Test(options, what_is_wrong_is_named)
{
	/* clang-format off */
	static const struct {
		const char *line, *why;
	} cases[] = {
		{"", "--hub must be given"},
		{"--name=x", "--hub must be given"},
		{"--hub=", "--hub must be 1 to 8 bytes"},
		{"--hub=123456789", "--hub must be 1 to 8 bytes"},
		{"--hub=a --name=12345", "--name must be 0 to 4 bytes"},
		{"--hub=a --line=11",
			"--line must be a number from 0 to 10"},
		{"--hub=a --line=", "--line must be a number from 0 to 10"},
		{"--hub=a --line=-1", "--line must be a number from 0 to 10"},
		{"--hub=a --line=+1", "--line must be a number from 0 to 10"},
		{"--hub=a --line=1s", "--line must be a number from 0 to 10"},
		{"--hub=a --line=0x1", "--line must be a number from 0 to 10"},
		{"--hub=a --line=99999999999999999999",
			"--line must be a number from 0 to 10"},
		{"--hub=a --line-bytes=1023",
			"--line-bytes must be a number from 1024 to 65536"},
		{"--hub", "--hub is no option (they are written "
			"--name=value)"},
		{"--hub=a --lines=1", "--lines=1 is no option (they are "
			"written --name=value)"},
		{"hub=a", "hub=a is no option (they are written "
			"--name=value)"},
		{"-hub=a", "-hub=a is no option (they are written "
			"--name=value)"},
		{"--=a", "--=a is no option (they are written "
			"--name=value)"},
		{"-", "- is no option (they are written --name=value)"},
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT(cases); i++) {
		cr_assert_not(take(cases[i].line), "%s", cases[i].line);
		cr_expect_str_eq(why, cases[i].why, "%s", why);
	}
}

Test(options, print_as_rows_of_markdown)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	cr_assert(out);
	options_print(out, rows, COUNT(rows));
	cr_assert_eq(fclose(out), 0);
	cr_expect_str_eq(text,
	    "| option | default | meaning |\n"
	    "|---|---|---|\n"
	    "| `--hub` | must be given | where it is |\n"
	    "| `--name` | empty | who |\n"
	    "| `--line-bytes` | `65536` (1024 to 65536) | most |\n"
	    "| `--line` | `0` (0 to 10) | what the next begins with |\n");
	free(text);
}
