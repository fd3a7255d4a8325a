/*
 * Members of scanned JSON: single texts, and json-c as a second opinion.
 */
#include <criterion/criterion.h>

#include "tests/made_json.h"
#include "tests/second_opinion.h"

#include "ws/span.h"

Test(span, a_member_is_found_by_its_decoded_key)
{
	/* clang-format off */
	static const struct {
		const char *object, *key, *value; /* NULL: absent */
	} cases[] = {
		{"{}", "a", NULL},
		{"{\"a\":1}", "a", "1"},
		{"{\"a\":1}", "b", NULL},
		{"{\"a\":1}", "", NULL},
		{"{\"\":1}", "", "1"},
		{"{\"a\":1,\"b\":2}", "b", "2"},
		{" { \"a\" : 1 , \"b\" : 2 } ", "b", NULL}, /* a blank first */
		{"{ \"a\" : 1 , \"b\" : 2 }", "b", "2"},
		{"{\t\"a\"\r:\t-1.5e3\r}", "a", "-1.5e3"},
		{"{\"ab\":1,\"a\":2}", "a", "2"},
		{"{\"A\":1}", "a", NULL},
		{"{\"\\u0061\":1}", "a", "1"},
		{"{\"a\":\"\"}", "a", "\"\""},
		{"{\"a\":\"b\",\"b\":\"c\"}", "b", "\"c\""},
		{"{\"a\":\"\\\"b\\\":1,\",\"b\":2}", "b", "2"},
		{"{\"a\":\"\\\\\",\"b\":2}", "b", "2"},
		{"{\"a\":\"}\",\"b\":2}", "b", "2"},
		{"{\"a\":{\"b\":1},\"b\":2}", "b", "2"},
		{"{\"a\":[\"]\",{\"b\":1}],\"b\":2}", "b", "2"},
		{"{\"a\":{\"b\":[{}]}}", "a", "{\"b\":[{}]}"},
		{"{\"a\":[1, 2]}", "a", "[1, 2]"},
		{"{\"a\":true,\"b\":null}", "a", "true"},
		{"{\"a\":true,\"b\":null}", "b", "null"},
		{"[\"a\",1]", "a", NULL},
		{"\"a\"", "a", NULL},
		{"1", "a", NULL},
		{"", "a", NULL},
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *object = cases[i].object, *value = cases[i].value;
		struct span found = json_member(span_of(object), cases[i].key);

		cr_expect(value ? span_is(found, value) : !found.at,
		    "%s of %s: %.*s", cases[i].key, object, (int)found.len,
		    found.at);
	}
}

Test(span, a_path_leads_through_objects)
{
	/* clang-format off */
	static const struct {
		const char *path, *value;
	} cases[] = {
		{"message", "{\"id\":7,\"payload\":{\"date\":\"d\"}}"},
		{"message.id", "7"},
		{"message.payload.date", "\"d\""},
		{"message.payload.time", NULL},
		{"message.id.x", NULL},
		{"list.id", NULL},
		{"message.", NULL},
		{".message", NULL},
		{"messag", NULL},
		{"messages", NULL},
	};
	/* clang-format on */
	const struct span object = SPAN("{\"list\":[{\"id\":1}],"
					"\"message\":{\"id\":7,"
					"\"payload\":{\"date\":\"d\"}}}");

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span found = json_path(object, cases[i].path);

		cr_expect(
		    cases[i].value ? span_is(found, cases[i].value) : !found.at,
		    "%s: %.*s", cases[i].path, (int)found.len, found.at);
	}
}

Test(span, items_are_counted_from_0)
{
	/* clang-format off */
	static const struct {
		const char *array;
		size_t i;
		const char *value;
	} cases[] = {
		{"[]", 0, NULL},
		{"[ ]", 0, NULL},
		{"[1]", 0, "1"},
		{"[1]", 1, NULL},
		{"[1]", (size_t)-1, NULL},
		{"[ \"a,b\" , [2,3] ,{}]", 0, "\"a,b\""},
		{"[ \"a,b\" , [2,3] ,{}]", 1, "[2,3]"},
		{"[ \"a,b\" , [2,3] ,{}]", 2, "{}"},
		{"[ \"a,b\" , [2,3] ,{}]", 3, NULL},
		{"{\"0\":1}", 0, NULL},
		{"", 0, NULL},
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span found =
		    json_item(span_of(cases[i].array), cases[i].i);

		cr_expect(
		    cases[i].value ? span_is(found, cases[i].value) : !found.at,
		    "%s: %.*s", cases[i].array, (int)found.len, found.at);
	}
}

Test(span, a_kind_is_told_by_the_first_byte)
{
	static const char *const texts[] = {
	    "{}", "[]", "\"\"", "true", "false", "null", "0", "-1", "9"};
	static const char kinds[] = "{[\"tfn000";

	for (size_t i = 0; i < COUNT(texts); i++)
		cr_expect_eq(
		    json_kind(span_of(texts[i])), kinds[i], "%s", texts[i]);
	cr_expect_eq(json_kind((struct span){0}), 0);
	cr_expect_eq(json_kind(SPAN("")), 0);
}

Test(span, a_text_is_decoded_whole_or_not_at_all)
{
	/* clang-format off */
	static const struct {
		const char *value, *text;
	} cases[] = {
		{"\"\"", ""},
		{"\"abc\"", "abc"},
		{"\"\\u0061\\n\\\"\"", "a\n\""},
		{"\"\\u20ac\"", "\xe2\x82\xac"},
		{"\"abcd\"", NULL},
		{"\"ab\\u00e9\"", NULL},
		{"abc", NULL},
		{"12", NULL},
		{"{}", NULL},
		{"null", NULL},
		{"", NULL},
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[4];
		bool found =
		    json_text(span_of(cases[i].value), text, sizeof(text));

		cr_expect_eq(
		    found, cases[i].text != NULL, "%s", cases[i].value);
		if (found && cases[i].text)
			cr_expect_str_eq(
			    text, cases[i].text, "%s", cases[i].value);
	}
	cr_expect_not(json_text(SPAN("\"\""), NULL, 0));
}

Test(span, what_stands_inside_comes_without_the_blanks_around_it)
{
	/* clang-format off */
	static const struct {
		const char *value, *inside;
	} cases[] = {
		{"{}", ""},
		{"{ \t\r\n }", ""},
		{"{\"a\":1}", "\"a\":1"},
		{"{ \"a\":{ } }", "\"a\":{ }"},
		{"[ 1, 2 ]", "1, 2"},
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT(cases); i++)
		cr_expect(span_is(json_inside(span_of(cases[i].value)),
			      cases[i].inside),
		    "%s", cases[i].value);
	cr_expect_eq(json_inside((struct span){0}).len, 0);
}

Test(span, nothing_is_read_beyond_the_end_of_a_span)
{
	static const char text[] =
	    "{\"a\\\"\":[\"b\\\\\",{\"c\":null}],\"d\":-1}";

	for (size_t len = 0; len < sizeof(text); len++) {
		char *copy = malloc(len ? len : 1);
		struct span cut = {copy, len};

		cr_assert(copy);
		memcpy(copy, text, len);
		for (size_t i = 0; i < 4; i++) {
			struct span item = json_item(cut, i);

			cr_expect(!item.at || item.at + item.len <= copy + len);
			cut.at += cut.len > 0;
			cut.len -= cut.len > 0;
		}
		free(copy);
	}
}

/* Does this value read as that one?  (Alone, a scalar is no text to json-c.) */
static void
reads_as(struct span value, struct json_object *wanted)
{
	static char text[sizeof(((struct made *)0)->text) + 2];
	struct json_object *read;

	cr_assert(value.at && value.len + 2 <= sizeof(text));
	text[0] = '[';
	memcpy(text + 1, value.at, value.len);
	text[value.len + 1] = ']';
	read = second_opinion(text, value.len + 2);
	cr_assert(read, "%.*s", (int)value.len, value.at);
	cr_assert(json_object_equal(json_object_array_get_idx(read, 0), wanted),
	    "%.*s", (int)value.len, value.at);
	json_object_put(read);
}

static void
compare(struct span value, struct json_object *wanted)
{
	reads_as(value, wanted);
	if (json_object_is_type(wanted, json_type_array)) {
		size_t count = json_object_array_length(wanted);

		for (size_t i = 0; i < count; i++)
			compare(json_item(value, i),
			    json_object_array_get_idx(wanted, i));
		cr_assert_not(json_item(value, count).at);
	} else if (json_object_is_type(wanted, json_type_object)) {
		json_object_object_foreach(wanted, key, member)
		{
			compare(json_member(value, key), member);
		}
		cr_assert_not(json_member(value, "absent").at);
	}
}

Test(span, all_members_of_whatever_was_made_are_found)
{
	static struct made m;

	for (unsigned round = 1; round <= 3000; round++) {
		struct json_object *made = make(&m, round);

		compare(span_trimmed((struct span){m.text, m.len}), made);
		json_object_put(made);
	}
}
