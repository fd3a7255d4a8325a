/*
 * The strict scanner: single texts, and json-c as a second opinion.
 */
#include <criterion/criterion.h>

#include "tests/made_json.h"
#include "tests/second_opinion.h"

#define BYTES(literal) (literal), sizeof(literal) - 1
#define DEEP8 "[[[[[[[["
#define PEED8 "]]]]]]]]"

/* Scan a copy that ends where its memory ends: ASan sees a step over. */
static bool
scan(const char *s, size_t len, struct scan_flaw *flaw)
{
	char *copy = malloc(len ? len : 1);
	bool good;

	if (!copy)
		abort();
	memcpy(copy, s, len);
	good = scan_check(copy, len, flaw);
	free(copy);
	return good;
}

Test(scan, takes_what_is_json)
{
	/* clang-format off */
	static const struct {
		const char *text;
		size_t len;
	} cases[] = {
		{BYTES("{}")},
		{BYTES("[]")},
		{BYTES(" \t\r\n{ \t\r\n} \t\r\n")},
		{BYTES("{\"a\":1}")},
		{BYTES("{ \"a\" : 1 , \"b\" : 2 }")},
		{BYTES("[1,2,3]")},
		{BYTES("[true,false,null]")},
		{BYTES("[0,-0,1,-1,10,9007199254740991,-9007199254740991]")},
		{BYTES("[0.0,-0.5,1.25,1e0,1E+2,1e-2,-1.5E+300]")},
		{BYTES("[1e308,1e-400,0e999]")},
		{BYTES("[1.7976931348623157e308]")},
		{BYTES("[0.00000000000000000000000000000000000000000000000000"
			"000000000001]")},
		{BYTES("[\"\"]")},
		{BYTES("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]")},
		{BYTES("[\"\\u0041\\u00e9\\u20aC\\uD83D\\uDE00\"]")},
		{BYTES("[\"\\ud800\\udc00\\udbff\\udfff\"]")},
		{BYTES("[\"\\ud7ff\\ue000\\uffff\"]")},
		{BYTES("[\"\x7f\"]")},
		{BYTES("[\"\xc2\x80\xdf\xbf\"]")},
		{BYTES("[\"\xe0\xa0\x80\xed\x9f\xbf\"]")},
		{BYTES("[\"\xee\x80\x80\xef\xbf\xbf\"]")},
		{BYTES("[\"\xf0\x90\x80\x80\xf3\xbf\xbf\xbf\"]")},
		{BYTES("[\"\xf4\x8f\xbf\xbf\"]")},
		{BYTES("{\"\":1}")},
		{BYTES("{\"a\":{\"a\":{\"a\":1}},\"b\":{\"a\":1}}")},
		{BYTES("[{\"a\":1},{\"a\":1}]")},
		{BYTES("{\"a\":1,\"A\":2,\"a \":3,\"aa\":4}")},
		{BYTES("{\"a\\\"\":1,\"a\":2,\"a\\\"b\":3,\"\\\\\":4}")},
		{BYTES("{\"$ne\":1,\"a.b\":2,\"__proto__\":3}")},
		{BYTES(DEEP8 PEED8)},
		{BYTES("[[],[[]],{\"a\":[]},[[[[[[]]]]]]]")},
		{BYTES("{\"\xc3\xa9\":1,\"e\":2}")},
	};
	/* clang-format on */
	struct scan_flaw flaw;

	for (size_t i = 0; i < COUNT(cases); i++)
		cr_expect(scan(cases[i].text, cases[i].len, &flaw), "%s: %s",
		    cases[i].text, flaw.reason);
}

#define MISSING "a value is missing"
#define KEY "a key must be a string"
#define END "a comma or an end is missing"
#define MORE "something follows after the end"
#define TOP "it must be a JSON object or array"
#define NUMBER "a number is malformed"
#define WORD "a word is none of true, false, null"
#define OPEN "a string has no end"
#define UTF8 "a string is not valid UTF-8"
#define RAW "a string holds a raw control character"
#define ESCAPE "a string has an unknown escape"

Test(scan, refuses_what_is_no_json_and_says_where)
{
	/* clang-format off */
	static const struct {
		const char *text;
		size_t len;
		const char *reason, *path;
	} cases[] = {
		{BYTES(""), TOP, ""},
		{BYTES("  \n"), TOP, ""},
		{BYTES("1"), TOP, ""},
		{BYTES("null"), TOP, ""},
		{BYTES("\"a\""), TOP, ""},
		{BYTES("\xef\xbb\xbf{}"), TOP, ""},
		{BYTES("\0{}"), TOP, ""},
		{BYTES("\v{}"), TOP, ""},
		{BYTES("\xc2\xa0{}"), TOP, ""},
		{BYTES("// a\n{}"), TOP, ""},
		{BYTES("{}{}"), MORE, ""},
		{BYTES("{}x"), MORE, ""},
		{BYTES("{},"), MORE, ""},
		{BYTES("{}\0"), MORE, ""},
		{BYTES("[]]"), MORE, ""},
		{BYTES("{"), KEY, ""},
		{BYTES("{]"), KEY, ""},
		{BYTES("{,}"), KEY, ""},
		{BYTES("{a:1}"), KEY, ""},
		{BYTES("{'a':1}"), KEY, ""},
		{BYTES("{1:1}"), KEY, ""},
		{BYTES("{null:1}"), KEY, ""},
		{BYTES("{\"a\":1,}"), KEY, ""},
		{BYTES("{\"a\":1,,\"b\":2}"), KEY, ""},
		{BYTES("{\"a\":{\"b\":1,}}"), KEY, "a"},
		{BYTES("{\"a\"}"), "a colon is missing after a key", "a"},
		{BYTES("{\"a\" 1}"), "a colon is missing after a key", "a"},
		{BYTES("{\"a\",1}"), "a colon is missing after a key", "a"},
		{BYTES("{\"a\":}"), MISSING, "a"},
		{BYTES("{\"a\"::1}"), MISSING, "a"},
		{BYTES("{\"a\":1 \"b\":2}"), END, ""},
		{BYTES("{\"a\":1]"), END, ""},
		{BYTES("{\"a\":1;\"b\":2}"), END, ""},
		{BYTES("{\"a\":1"), END, ""},
		{BYTES("{\"a\":\"b\"\"c\"}"), END, ""},
		{BYTES("["), MISSING, "[0]"},
		{BYTES("[}"), MISSING, "[0]"},
		{BYTES("[,]"), MISSING, "[0]"},
		{BYTES("[1,]"), MISSING, "[1]"},
		{BYTES("[1,,2]"), MISSING, "[1]"},
		{BYTES("[1"), END, ""},
		{BYTES("[1 2]"), END, ""},
		{BYTES("[1:2]"), END, ""},
		{BYTES("[1}"), END, ""},
		{BYTES("[[1]"), END, ""},
		{BYTES("[1 /* a */]"), END, ""},
		{BYTES("[\0]"), MISSING, "[0]"},
		{BYTES("[1\0]"), END, ""},
		{BYTES("[NaN]"), MISSING, "[0]"},
		{BYTES("[Infinity]"), MISSING, "[0]"},
		{BYTES("[-Infinity]"), NUMBER, "[0]"},
		{BYTES("[undefined]"), MISSING, "[0]"},
		{BYTES("[True]"), MISSING, "[0]"},
		{BYTES("[+1]"), MISSING, "[0]"},
		{BYTES("[.5]"), MISSING, "[0]"},
		{BYTES("[tru]"), WORD, "[0]"},
		{BYTES("[nul"), WORD, "[0]"},
		{BYTES("[fals\xc3\xa9]"), WORD, "[0]"},
		{BYTES("[truefalse]"), END, ""},
		{BYTES("[nullx]"), END, ""},
		{BYTES("[-]"), NUMBER, "[0]"},
		{BYTES("[--1]"), NUMBER, "[0]"},
		{BYTES("[1.]"), NUMBER, "[0]"},
		{BYTES("[1.e5]"), NUMBER, "[0]"},
		{BYTES("[1e]"), NUMBER, "[0]"},
		{BYTES("[1e+]"), NUMBER, "[0]"},
		{BYTES("[1e5.5]"), END, ""},
		{BYTES("[01]"), END, ""},
		{BYTES("[-01]"), END, ""},
		{BYTES("[0x10]"), END, ""},
		{BYTES("[1_000]"), END, ""},
		{BYTES("[1f]"), END, ""},
		{BYTES("{\"a\":[1,{\"b\":-}]}"), NUMBER, "a[1].b"},
		{BYTES("[\"a]"), OPEN, "[0]"},
		{BYTES("[\"a\\"), OPEN, "[0]"},
		{BYTES("[\"a\\\""), OPEN, "[0]"},
		{BYTES("{\"a"), OPEN, ""},
		{BYTES("['a']"), MISSING, "[0]"},
		{BYTES("[\"a\nb\"]"), RAW, "[0]"},
		{BYTES("[\"a\tb\"]"), RAW, "[0]"},
		{BYTES("[\"a\0b\"]"), RAW, "[0]"},
		{BYTES("[\"\x1f\"]"), RAW, "[0]"},
		{BYTES("{\"a\x01\":1}"), RAW, ""},
		{BYTES("[\"\\a\"]"), ESCAPE, "[0]"},
		{BYTES("[\"\\'\"]"), ESCAPE, "[0]"},
		{BYTES("[\"\\0\"]"), ESCAPE, "[0]"},
		{BYTES("[\"\\x41\"]"), ESCAPE, "[0]"},
		{BYTES("[\"\\U0041\"]"), ESCAPE, "[0]"},
		{BYTES("[\"\\u\"]"), ESCAPE, "[0]"},
		{BYTES("[\"\\u12\"]"), ESCAPE, "[0]"},
		{BYTES("[\"\\u12g4\"]"), ESCAPE, "[0]"},
		{BYTES("[\"\\u+123\"]"), ESCAPE, "[0]"},
		{BYTES("[\"\\u 123\"]"), ESCAPE, "[0]"},
		{BYTES("[\"\\u123"), ESCAPE, "[0]"},
		{BYTES("[\"\x80\"]"), UTF8, "[0]"},
		{BYTES("[\"\xbf\"]"), UTF8, "[0]"},
		{BYTES("[\"\xc0\x80\"]"), UTF8, "[0]"},
		{BYTES("[\"\xc1\xbf\"]"), UTF8, "[0]"},
		{BYTES("[\"\xc2\"]"), UTF8, "[0]"},
		{BYTES("[\"\xc2"), UTF8, "[0]"},
		{BYTES("[\"\xe0\x9f\xbf\"]"), UTF8, "[0]"},
		{BYTES("[\"\xe2\x82\"]"), UTF8, "[0]"},
		{BYTES("[\"\xe2\x82\x41\"]"), UTF8, "[0]"},
		{BYTES("[\"\xed\xa0\x80\"]"), UTF8, "[0]"},
		{BYTES("[\"\xed\xbf\xbf\"]"), UTF8, "[0]"},
		{BYTES("[\"\xf0\x8f\xbf\xbf\"]"), UTF8, "[0]"},
		{BYTES("[\"\xf0\x9f\x98\"]"), UTF8, "[0]"},
		{BYTES("[\"\xf4\x90\x80\x80\"]"), UTF8, "[0]"},
		{BYTES("[\"\xf5\x80\x80\x80\"]"), UTF8, "[0]"},
		{BYTES("[\"\xff\"]"), UTF8, "[0]"},
		{BYTES("{\"\xff\":1}"), UTF8, ""},
	};
	/* clang-format on */
	struct scan_flaw flaw;

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *text = cases[i].text;

		cr_assert_not(scan(text, cases[i].len, &flaw), "%s", text);
		cr_expect_str_eq(
		    flaw.reason, cases[i].reason, "%s: %s", text, flaw.reason);
		cr_expect_str_eq(
		    flaw.path, cases[i].path, "%s: %s", text, flaw.path);
		cr_expect(flaw.malformed, "%s", text);
		cr_expect_leq(flaw.offset, cases[i].len, "%s", text);
	}
}

#define INTEGER "an integer is beyond 9007199254740991"
#define DIGITS "a number has too many digits"
#define TWICE "a key appears twice"
#define SURROGATE "a string holds half a surrogate pair"
#define NUL "a string holds a NUL character"
#define NESTING "the nesting is deeper than 8 levels"
#define NINES16 "9999999999999999"

Test(scan, refuses_json_that_others_read_in_several_ways)
{
	/* clang-format off */
	static const struct {
		const char *text, *reason, *path;
	} cases[] = {
		{"{\"a\":1,\"a\":2}", TWICE, "a"},
		{"{\"a\":1,\"b\":2,\"\\u0061\":3}", TWICE, "a"},
		{"{\"\\u0061\":1,\"a\":3}", TWICE, "a"},
		{"{\"\":1,\"\":3}", TWICE, ""},
		{"{\"\xc3\xa9\":1,\"\\u00e9\":2}", TWICE, "\xc3\xa9"},
		{"{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}", TWICE,
			"\xf0\x9f\x98\x80"},
		{"{\"\\/\":1,\"/\":2}", TWICE, "/"},
		{"{\"a\\\"b\":1,\"a\\u0022b\":2}", TWICE, "a\"b"},
		{"{\"\\n\":1,\"\\u000a\":2}", TWICE, "?"},
		{"{\"m\":{\"t\":{},\"t\":[]}}", TWICE, "m.t"},
		{"[[],{\"m\":[{\"t\":1},{\"t\":1,\"t\":1}]}]", TWICE,
			"[1].m[1].t"},
		{"{\"a\":{\"b\":1},\"c\":2,\"a\":3}", TWICE, "a"},
		{"[9007199254740992]", INTEGER, "[0]"},
		{"[-9007199254740992]", INTEGER, "[0]"},
		{"[18446744073709551617]", INTEGER, "[0]"},
		{"[" NINES16 NINES16 NINES16 "]", INTEGER, "[0]"},
		{"[" NINES16 NINES16 NINES16 NINES16 "9]", DIGITS, "[0]"},
		{"[0." NINES16 NINES16 NINES16 NINES16 "]", DIGITS, "[0]"},
		{"{\"p\":1e309}", "a number is too large", "p"},
		{"{\"p\":-1e400}", "a number is too large", "p"},
		{"[\"\\u0000\"]", NUL, "[0]"},
		{"{\"a\\u0000b\":1}", NUL, ""},
		{"[\"\\ud800\"]", SURROGATE, "[0]"},
		{"[\"\\ud800x\"]", SURROGATE, "[0]"},
		{"[\"\\ud800\\n\"]", SURROGATE, "[0]"},
		{"[\"\\ud800\\u0041\"]", SURROGATE, "[0]"},
		{"[\"\\ud800\\ud800\"]", SURROGATE, "[0]"},
		{"[\"\\ud800\\udc0\"]", SURROGATE, "[0]"},
		{"[\"\\udc00\"]", SURROGATE, "[0]"},
		{"[\"\\udc00\\ud800\"]", SURROGATE, "[0]"},
		{"[\"\\udfff\"]", SURROGATE, "[0]"},
		{DEEP8 "[" PEED8 "]", NESTING, "[0][0][0][0][0][0][0][0]"},
		{DEEP8 "{}" PEED8, NESTING, "[0][0][0][0][0][0][0][0]"},
		{"{\"a\":" DEEP8 PEED8 "}", NESTING,
			"a[0][0][0][0][0][0][0]"},
	};
	/* clang-format on */
	struct scan_flaw flaw;

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *text = cases[i].text;

		cr_assert_not(scan(text, strlen(text), &flaw), "%s", text);
		cr_expect_str_eq(
		    flaw.reason, cases[i].reason, "%s: %s", text, flaw.reason);
		cr_expect_str_eq(
		    flaw.path, cases[i].path, "%s: %s", text, flaw.path);
		cr_expect_not(flaw.malformed, "%s", text);
	}
}

Test(scan, keys_have_limits_of_length_and_number)
{
	char text[SCAN_KEYS * 8 + 64];
	struct scan_flaw flaw;
	int len;

	len = snprintf(text, sizeof(text), "{\"%0*d\":1}", SCAN_KEY_BYTES, 0);
	cr_expect(scan(text, (size_t)len, &flaw));
	len =
	    snprintf(text, sizeof(text), "{\"%0*d\":1}", SCAN_KEY_BYTES + 1, 0);
	cr_expect_not(scan(text, (size_t)len, &flaw));
	cr_expect_str_eq(flaw.reason, "a key is longer than 128 bytes");

	len = snprintf(text, sizeof(text), "{\"k0\":1");
	for (int i = 1; i < SCAN_KEYS; i++)
		len += snprintf(
		    text + len, sizeof(text) - (size_t)len, ",\"k%d\":1", i);
	text[len] = '}';
	cr_expect(scan(text, (size_t)len + 1, &flaw));
	len += snprintf(text + len, sizeof(text) - (size_t)len, ",\"l\":1}");
	cr_expect_not(scan(text, (size_t)len, &flaw));
	cr_expect_str_eq(flaw.reason, "an object has more than 128 keys");
}

Test(scan, a_long_path_is_cut_between_characters)
{
	char text[2048] = "";
	struct scan_flaw flaw;
	size_t keys = 0;

	for (; keys < SCAN_DEPTH; keys++)
		strcat(text, "{\"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
			     "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\":");
	strcat(text, "x");
	cr_assert_not(scan(text, strlen(text), &flaw));
	cr_assert_eq(strlen(flaw.path), 126, "%s", flaw.path);
	cr_expect_str_eq(flaw.path + 123, "\xe2\x82\xac");
}

/* --- json-c as a second opinion --- */

Test(scan, texts_that_were_made_from_values_read_as_these_values)
{
	static struct made m;
	struct scan_flaw flaw;

	for (unsigned round = 1; round <= 20000; round++) {
		struct json_object *made = make(&m, round), *read;

		cr_assert(m.len < sizeof(m.text) - 64);
		cr_assert(scan(m.text, m.len, &flaw), "round %u: %s: %.*s",
		    round, flaw.reason, (int)m.len, m.text);
		read = second_opinion(m.text, m.len);
		cr_assert(json_object_equal(made, read), "round %u: %.*s",
		    round, (int)m.len, m.text);
		json_object_put(made);
		json_object_put(read);
	}
}

Test(scan, whatever_passes_json_c_reads_and_writes_without_loss)
{
	static struct made m;
	struct scan_flaw flaw;
	unsigned passed = 0;

	for (unsigned round = 1; round <= 60000; round++) {
		struct json_object *once, *twice;
		const char *again;

		json_object_put(make(&m, round));
		mutate(&m);
		if (!scan(m.text, m.len, &flaw))
			continue;
		passed++;
		once = second_opinion(m.text, m.len);
		cr_assert(once, "round %u: %.*s", round, (int)m.len, m.text);
		again = json_object_to_json_string_ext(once,
		    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
		cr_assert(scan(again, strlen(again), &flaw), "round %u: %s",
		    round, again);
		twice = second_opinion(again, strlen(again));
		cr_assert(json_object_equal(once, twice), "round %u: %s", round,
		    again);
		json_object_put(once);
		json_object_put(twice);
	}
	cr_expect_gt(passed, 1000, "%u of 60000 passed", passed);
}

/* Is this one of the places where json-c is known to be lax? */
static bool
is_laxity(const struct made *m, const struct scan_flaw *flaw)
{
	/* clang-format off */
	static const struct {
		const char *reason;
		const char *before, *at; /* of which bytes; NULL: of any */
	} lax[] = {
		{UTF8, NULL, NULL},    /* overlong forms, surrogates */
		{RAW, NULL, NULL},
		{TOP, NULL, NULL},     /* a number, a string */
		{MISSING, NULL, "NI"}, /* NaN, Infinity */
		{NUMBER, ".-", NULL},  /* 1. and -Infinity */
		{END, "0", "0123456789"},
	};
	/* clang-format on */
	size_t at = flaw->offset;

	for (size_t i = 0; i < COUNT(lax); i++)
		if (strcmp(lax[i].reason, flaw->reason) == 0)
			return (!lax[i].before ||
				   strchr(lax[i].before, m->text[at - 1])) &&
			       (!lax[i].at || strchr(lax[i].at, m->text[at]));
	return false;
}

Test(scan, what_json_c_would_pass_is_refused_for_known_reasons_only)
{
	static struct made m;
	unsigned beyond = 0, lax = 0;
	struct scan_flaw flaw;

	for (unsigned round = 1; round <= 60000; round++) {
		struct json_object *read;

		json_object_put(make(&m, round));
		mutate(&m);
		if (scan(m.text, m.len, &flaw))
			continue;
		read = second_opinion(m.text, m.len);
		if (read && !flaw.malformed)
			beyond++;
		if (read && flaw.malformed) {
			cr_assert(is_laxity(&m, &flaw),
			    "round %u: %s at %zu: %.*s", round, flaw.reason,
			    flaw.offset, (int)m.len, m.text);
			lax++;
		}
		json_object_put(read);
	}
	cr_expect_gt(beyond, 100);
	cr_expect_gt(lax, 100);
}
