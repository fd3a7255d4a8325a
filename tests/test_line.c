/*
 * Lines out of a stream: the same ones however it is cut.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "ws/line.h"

#define CAP 8

static char found[256];

static void
note(struct span line)
{
	size_t used = strlen(found);

	snprintf(found + used, sizeof(found) - used, "[%.*s]", (int)line.len,
	    line.at);
}

/* Feed text in pieces of at most step bytes; what came is in found. */
static void
feed(const char *text, size_t len, size_t step)
{
	static char bytes[CAP];
	struct line_reader reader;
	struct span line;

	found[0] = '\0';
	line_init(&reader, bytes, sizeof(bytes));
	while (len > 0) {
		size_t room, n;
		char *to = line_room(&reader, &room);

		n = room < step ? room : step;
		n = n < len ? n : len;
		cr_assert_gt(n, 0);
		memcpy(to, text, n);
		line_filled(&reader, n);
		text += n;
		len -= n;
		while (line_next(&reader, &line))
			note(line);
		if (line_is_too_long(&reader)) {
			strcat(found, "too long");
			return;
		}
	}
}

Test(line, any_cut_gives_the_same_lines)
{
	static const struct {
		const char *text, *lines;
	} rows[] = {
	    {"", ""},
	    {"a\n", "[a]"},
	    {"a\nbc\n", "[a][bc]"},
	    {"\n\n", "[][]"},
	    {"a\r\nb\r\r\n", "[a][b\r]"},
	    {"\r\n", "[]"},
	    {"a\rb\n", "[a\rb]"},
	    {"a\nb", "[a]"},
	    {"1234567\n", "[1234567]"},
	    {"12345678\n", "too long"},
	    {"ab\n12345678\n", "[ab]too long"},
	    {"ab\n1234567\ncd\n", "[ab][1234567][cd]"},
	    {"123456\r\nx\n", "[123456][x]"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t step = 1; step <= CAP; step++) {
			feed(rows[i].text, strlen(rows[i].text), step);
			cr_expect_str_eq(found, rows[i].lines,
			    "row %zu in pieces of %zu: %s", i, step, found);
		}
}

Test(line, a_nul_is_a_byte_like_others)
{
	feed("a\0b\nc\n", 6, 3);
	cr_expect_str_eq(found, "[a][c]"); /* printed up to the NUL */
}
