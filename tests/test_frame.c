/*
 * Lines of the bus: fields in place, and everything that is no line.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "ws/frame.h"

/* Lines of a packet as "kind/fields" for each, "!" where a rest is no line. */
static const char *
lines_of(const char *bytes, size_t len)
{
	static char text[512];
	struct span packet = {bytes, len};
	struct frame frame;
	size_t at = 0;

	text[0] = '\0';
	while (frame_next(&packet, &frame))
		at += (size_t)snprintf(text + at, sizeof(text) - at,
		    "%.*s/%zu ", (int)frame.field[0].len, frame.field[0].at,
		    frame.count);
	cr_expect_eq(packet.len, 0);
	if (packet.at != bytes + len)
		snprintf(text + at, sizeof(text) - at, "!");
	return text;
}

Test(frame, a_packet_is_lines_and_a_line_is_fields)
{
#define PACKET(text) text, sizeof(text) - 1
	/* clang-format off */
	static const struct {
		const char *bytes;
		size_t len;
		const char *lines;
	} cases[] = {
		{PACKET(""), ""},
		{PACKET("a\n"), "a/1 "},
		{PACKET("a\tb\n"), "a/2 "},
		{PACKET("a\tb\nc\n"), "a/2 c/1 "},
		{PACKET("\n"), "/1 "},
		{PACKET("\t\t\n"), "/3 "},
		{PACKET("a\tb\t\n"), "a/3 "},
		{PACKET("a\t1\t2\t3\t4\t5\t6\t7\n"), "a/8 "},
		{PACKET("a\t1\t2\t3\t4\t5\t6\t7\t8\t9\nb\n"), "a/8 b/1 "},
		{PACKET("a"), "!"},
		{PACKET("a\nb"), "a/1 !"},
		{PACKET("a\nb\rc\nd\n"), "a/1 !"},
		{PACKET("a\0b\n"), "!"},
		{PACKET("a\x1f\n"), "!"},
		{PACKET("a\x7f\xff\n"), "a\x7f\xff/1 "},	/* not ours to judge */
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		cr_expect_str_eq(lines_of(cases[i].bytes, cases[i].len),
		    cases[i].lines, "%zu", i);
}

Test(frame, fields_are_where_they_stand_and_absent_ones_are_empty)
{
	static const char text[] = "bind\tx\t\t{\"a\":1}\n";
	struct span packet = {text, sizeof(text) - 1};
	struct frame frame;

	cr_assert(frame_next(&packet, &frame));
	cr_expect_eq(frame.count, 4);
	cr_expect(frame_is(&frame, 0, "bind"));
	cr_expect_eq(frame.field[1].at, text + 5);
	cr_expect(frame_is(&frame, 2, ""));
	cr_expect(frame_is(&frame, 3, "{\"a\":1}"));
	cr_expect(frame_is(&frame, 4, ""));
	cr_expect_not(frame_is(&frame, 4, "x"));
	cr_expect_not(frame_is(&frame, 0, "bin"));
	cr_expect_not(frame_is(&frame, 0, "bind2"));
}

Test(frame, numbers_are_decimal_digits_alone)
{
	/* clang-format off */
	static const struct {
		const char *text;
		long long n;	/* -1: none */
	} cases[] = {
		{"0", 0},
		{"7", 7},
		{"007", 7},
		{"999999999999999999", 999999999999999999},
		{"1000000000000000000", -1},
		{"", -1},
		{"-1", -1},
		{"+1", -1},
		{" 1", -1},
		{"1 ", -1},
		{"0x1", -1},
		{"1.0", -1},
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct frame frame = {
		    {{cases[i].text, strlen(cases[i].text)}}, 1};
		long long n = -1;
		bool is_number = frame_number(&frame, 0, &n);

		cr_expect_eq(is_number, cases[i].n >= 0, "%s", cases[i].text);
		if (is_number)
			cr_expect_eq(n, cases[i].n, "%s", cases[i].text);
	}
}
