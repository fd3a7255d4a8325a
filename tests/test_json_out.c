/*
 * JSON text, written straight into a buffer.
 */
#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "cgi/json_out.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))

static struct buffer b;

static void
release(void)
{
	buffer_release(&b);
}

TestSuite(json_out, .fini = release);

Test(json_out, only_quote_backslash_and_controls_are_escaped)
{
	static const struct {
		const char *text, *json;
	} cases[] = {
	    {"", "\"\""},
	    {"plain", "\"plain\""},
	    {"say \"hi\"", "\"say \\\"hi\\\"\""},
	    {"back\\slash", "\"back\\\\slash\""},
	    {"two\nlines\r\n\tand", "\"two\\nlines\\r\\n\\tand\""},
	    {"\x01\x1f", "\"\\u0001\\u001f\""},
	    {"\b\f", "\"\\u0008\\u000c\""},
	    {"\x7f", "\"\x7f\""},
	    {"<script>&amp;</script>", "\"<script>&amp;</script>\""},
	    {"a/b", "\"a/b\""},
	    {"gr\xc3\xbc\xc3\x9f \xf0\x9f\x9a\x97",
		"\"gr\xc3\xbc\xc3\x9f \xf0\x9f\x9a\x97\""},
	    {"\"", "\"\\\"\""},
	    {"\"\"", "\"\\\"\\\"\""},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		buffer_reset(&b);
		json_puts(&b, cases[i].text);
		cr_expect_str_eq(b.data, cases[i].json);
	}
}

Test(json_out, a_nul_inside_is_escaped_too)
{
	json_string(&b, "a\0b", 3);
	cr_expect_str_eq(b.data, "\"a\\u0000b\"");
}

Test(json_out, integers_are_written_whole)
{
	static const struct {
		int64_t n;
		const char *json;
	} cases[] = {
	    {0, "0"},
	    {7, "7"},
	    {-1, "-1"},
	    {10, "10"},
	    {1767400000000123, "1767400000000123"},
	    {-9007199254740991, "-9007199254740991"},
	    {INT64_MAX, "9223372036854775807"},
	    {INT64_MIN, "-9223372036854775808"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		buffer_reset(&b);
		json_int(&b, cases[i].n);
		cr_expect_str_eq(b.data, cases[i].json);
	}
}

Test(json_out, numbers_are_the_shortest_that_read_back_equal)
{
	static const struct {
		double n;
		const char *json;
	} cases[] = {
	    {0, "0"},
	    {-0.0, "0"},
	    {1, "1"},
	    {-17, "-17"},
	    {0.1, "0.1"},
	    {0.1 + 0.2, "0.30000000000000004"},
	    {18500.5, "18500.5"},
	    {19999.99, "19999.99"},
	    {1.0 / 3, "0.3333333333333333"},
	    {1e15, "1000000000000000"},
	    {9007199254740992.0, "9007199254740992"},
	    {1e21, "1e+21"},
	    {1.5e-7, "1.5e-07"},
	    {1.7976931348623157e308, "1.7976931348623157e+308"},
	    {NAN, "null"},
	    {INFINITY, "null"},
	    {-INFINITY, "null"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		buffer_reset(&b);
		json_double(&b, cases[i].n);
		cr_expect_str_eq(b.data, cases[i].json);
	}
}

Test(json_out, any_number_reads_back_equal)
{
	srand48(4);
	for (int i = 0; i < 100000; i++) {
		double n = ldexp(drand48() - 0.5, (int)(drand48() * 200) - 100);

		buffer_reset(&b);
		json_double(&b, n);
		cr_assert_eq(strtod(b.data, NULL), n, "%a", n);
	}
}

Test(json_out, truth_is_a_word)
{
	json_boolean(&b, true);
	json_boolean(&b, false);
	cr_expect_str_eq(b.data, "truefalse");
}
