/*
 * Strings as the contract counts and compares them.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "cgi/flaw.h"
#include "cgi/text.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define BYTES(literal) (literal), sizeof(literal) - 1

Test(text, lengths_are_code_points)
{
	cr_expect_eq(text_points("", 0), 0);
	cr_expect_eq(text_points(BYTES("abc")), 3);
	cr_expect_eq(text_points(BYTES("\xc3\xa9\xe2\x82\xac")), 2);
	cr_expect_eq(text_points(BYTES("\xf0\x9f\x98\x80!")), 2);
}

Test(text, blanks_are_cut_off_both_ends)
{
	/* clang-format off */
	static const struct {
		const char *given, *expected;
	} cases[] = {
		{"", ""},
		{"a", "a"},
		{" ", ""},
		{" \t\r\n\v\f", ""},
		{" a  b\r\n", "a  b"},
		{"\ta", "a"},
		{"\xc2\xa0""a", "\xc2\xa0""a"}, /* ASCII blanks alone */
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[16];

		strcpy(text, cases[i].given);
		cr_expect_str_eq(text_trim(text), cases[i].expected, "%zu", i);
	}
}

Test(text, knows_utf8_from_what_only_looks_like_it)
{
	/* clang-format off */
	static const struct {
		const char *text;
		size_t len;
		bool good;
	} cases[] = {
		{BYTES(""), true},
		{BYTES("a\n\x7f"), true},
		{BYTES("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), true},
		{BYTES("a\0b"), false},
		{BYTES("\x80"), false},
		{BYTES("\xc3"), false},
		{BYTES("\xc0\xaf"), false},
		{BYTES("\xed\xa0\x80"), false},
		{BYTES("\xf4\x90\x80\x80"), false},
		{BYTES("abc\xff"), false},
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT(cases); i++)
		cr_expect_eq(text_is_utf8(cases[i].text, cases[i].len),
		    cases[i].good, "case %zu", i);
}

Test(text, tokens_are_printable_ascii_without_blanks)
{
	cr_expect(text_is_token(BYTES("!~conv_17{$}"), 12));
	cr_expect_not(text_is_token("", 0, 12));
	cr_expect_not(text_is_token(BYTES("0123456789012"), 12));
	cr_expect_not(text_is_token(BYTES("a b"), 12));
	cr_expect_not(text_is_token(BYTES("a\x7f"), 12));
	cr_expect_not(text_is_token(BYTES("a\0b"), 12));
	cr_expect_not(text_is_token(BYTES("\xc3\xa9"), 12));
}

Test(text, ink_is_what_one_can_see)
{
	cr_expect_not(text_has_ink("", 0));
	cr_expect_not(text_has_ink(BYTES(" \t\r\n\x01\x7f")));
	cr_expect(text_has_ink(BYTES("  . ")));
	cr_expect(text_has_ink(BYTES(" \xf0\x9f\x98\x80")));
}

Test(text, controls_are_found)
{
	cr_expect_not(text_has_control(BYTES("a \xc3\xa9")));
	cr_expect(text_has_control(BYTES("a\n")));
	cr_expect(text_has_control(BYTES("\x7f")));
	cr_expect(text_has_control(BYTES("\0")));
}

Test(text, identities_are_trimmed_and_lower_cased)
{
	/* clang-format off */
	static const struct {
		const char *given;
		size_t len;
		const char *identity;
	} cases[] = {
		{BYTES("anna@example.org"), "anna@example.org"},
		{BYTES(" \t\n Anna@Example.ORG\r\n "), "anna@example.org"},
		{BYTES("@[`{"), "@[`{"},
		{BYTES("\xc3\x89va"), "\xc3\x89va"},
		{BYTES("Two Words"), "two words"},
		{BYTES(""), ""},
		{BYTES(" \t "), ""},
		{BYTES("a\nb"), ""},
		{BYTES("a\0b"), ""},
		{BYTES("a\xff"), ""},
	};
	/* clang-format on */
	char out[IDENTITY_BYTES];

	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t len = text_identity(out, cases[i].given, cases[i].len);

		cr_expect_str_eq(out, cases[i].identity, "case %zu", i);
		cr_expect_eq(len, strlen(cases[i].identity), "case %zu", i);
	}
}

Test(text, identities_have_320_characters_of_any_size)
{
	char given[IDENTITY_BYTES + 8], out[IDENTITY_BYTES];
	size_t len = 0;

	while (len < (size_t)IDENTITY_MAX * 4) {
		memcpy(given + len, "\xf0\x9f\x98\x80", 4);
		len += 4;
	}
	cr_expect_eq(text_identity(out, given, len), len);
	given[len] = 'a';
	cr_expect_eq(text_identity(out, given, len + 1), 0);
	memset(given, 'A', sizeof(given));
	cr_expect_eq(text_identity(out, given, IDENTITY_MAX), IDENTITY_MAX);
	cr_expect_eq(text_identity(out, given, IDENTITY_MAX + 1), 0);
	cr_expect_eq(text_identity(out, given, sizeof(given)), 0);
}

Test(text, hashes_depend_on_bytes_and_seed_and_spread)
{
	unsigned filled[64] = {0};

	cr_expect_eq(text_hash("ab", 2, 1), text_hash("ab", 2, 1));
	cr_expect_neq(text_hash("ab", 2, 1), text_hash("ba", 2, 1));
	cr_expect_neq(text_hash("ab", 2, 1), text_hash("ab", 2, 2));
	for (unsigned i = 0; i < 6400; i++)
		filled[text_hash(&i, sizeof(i), 0) % 64]++;
	for (size_t i = 0; i < 64; i++)
		cr_expect(filled[i] > 50 && filled[i] < 170, "%u", filled[i]);
}

Test(text, random_ids_are_hex_and_differ)
{
	char one[TEXT_RANDOM_BYTES], other[TEXT_RANDOM_BYTES];

	text_random(one);
	text_random(other);
	cr_expect_eq(strlen(one), 32);
	cr_expect_eq(strspn(one, "0123456789abcdef"), 32, "%s", one);
	cr_expect_str_neq(one, other);
}

Test(flaw, holds_what_fits_and_never_half_a_character)
{
	char text[FLAW_REASON_BYTES * 2];
	struct flaw flaw;

	cr_expect_not(
	    flaw_set(&flaw, UNKNOWN_FIELD, "a.b", "%s is %d", "x", 7));
	cr_expect_eq(flaw.status, 400);
	cr_expect_eq(flaw.code, UNKNOWN_FIELD);
	cr_expect_str_eq(flaw.field, "a.b");
	cr_expect_str_eq(flaw.reason, "x is 7");

	for (size_t shift = 0; shift < 4; shift++) {
		size_t len = shift;

		memset(text, 'a', shift);
		for (; len + 4 < sizeof(text); len += 4)
			memcpy(text + len, "\xf0\x9f\x98\x80", 4);
		text[len] = '\0';
		flaw_set(&flaw, BAD_FIELD, text, "%s", text);
		cr_expect(text_is_utf8(flaw.reason, strlen(flaw.reason)));
		cr_expect(text_is_utf8(flaw.field, strlen(flaw.field)));
		cr_expect_gt(strlen(flaw.field), FLAW_FIELD_BYTES - 5);
	}
}
