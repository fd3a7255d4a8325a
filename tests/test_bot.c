/*
 * What support answers by itself: whole words in any case, the order of the
 * file, and rules that are broken.
 */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cgi/bot.h"
#include "cgi/bot_rules.h"
#include "cgi/text.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))

static char path[] = "/tmp/parley-bot-XXXXXX";
static char why[256];
static struct buffer answer;

static void
begin(void)
{
	int fd = mkstemp(path);

	cr_assert(fd >= 0);
	close(fd);
}

static void
end(void)
{
	bot_release();
	buffer_release(&answer);
	(void)unlink(path);
}

TestSuite(bot, .init = begin, .fini = end);

/* Load these bytes from a file. */
static bool
load_bytes(const char *rules, size_t len)
{
	FILE *file = fopen(path, "w");

	cr_assert_not_null(file);
	cr_assert_eq(fwrite(rules, 1, len, file), len);
	cr_assert_eq(fclose(file), 0);
	*why = '\0';
	return bot_load(path, why);
}

static bool
load(const char *rules)
{
	return load_bytes(rules, strlen(rules));
}

static const char *
answer_to(const char *text, const char *name)
{
	buffer_reset(&answer);
	buffer_puts(&answer, "");
	bot_answer(&answer, text, strlen(text), name);
	return answer.data;
}

/* --- the shipped rules --- */

static const char *const topics[] = {"Hello ", "Prices ", "You can reach ",
    "We are happy ", "You are welcome", "Thank you for your message"};

enum { GREETING, PRICE, CONTACT, HELP, THANKS, DEFAULT };

Test(bot, shipped_rules_answer_to_whole_words_in_their_order)
{
	/* clang-format off */
	static const struct {
		const char *text;
		int topic;
	} cases[] = {
		{"hello", GREETING},
		{"Hello", GREETING},
		{"HI", GREETING},
		{"hey you", GREETING},
		{"Oh, hi", GREETING},
		{"Good morning!", GREETING},
		{"good   morning", GREETING},
		{"good\nevening", GREETING},
		{"Greetings from Oslo", GREETING},
		{"hi, what is the price?", GREETING},
		{"what is the price? hi", GREETING},
		{"hello...price?", GREETING},
		{"(hi)", GREETING},
		{"hi!", GREETING},
		{"hi!how are you", GREETING},
		{"\xf0\x9f\x91\x8bhi\xf0\x9f\x91\x8b", GREETING},
		{"h\xc4\xb1", GREETING}, /* Turkish i without dot */
		{"H\xc4\xb0", GREETING}, /* Turkish I with dot */
		{"\xef\xbc\xa8\xef\xbc\xa9", DEFAULT}, /* full width: letters */
		{"\xe2\x80\x9chi\xe2\x80\x9d", GREETING},
		{"\xe3\x80\x80hi\xe3\x80\x80", GREETING}, /* wide blanks */
		{"Is this vehicle available?", DEFAULT},
		{"which chip", DEFAULT},
		{"The ship is white", DEFAULT},
		{"They said so", DEFAULT},
		{"hi5", DEFAULT},
		{"5hi", DEFAULT},
		{"hi\xcc\x81", DEFAULT}, /* the accent belongs to the i */
		{"h\xc3\xad", DEFAULT},
		{"\xe4\xbd\xa0\xe5\xa5\xbdhi", GREETING},
		{"good", DEFAULT},
		{"morning good", DEFAULT},
		{"good mornings", DEFAULT},
		{"price", PRICE},
		{"PRICE?", PRICE},
		{"What's the price of this?", PRICE},
		{"price-list", PRICE},
		{"the price's fine", PRICE},
		{"pr\xc4\xb1""ce", PRICE},
		{"how much does it cost", PRICE},
		{"Costs, please", PRICE},
		{"Costa Rica", DEFAULT},
		{"priceless", DEFAULT},
		{"contact and cost", PRICE},
		{"your phone, please", CONTACT},
		{"microphone", DEFAULT},
		{"e-mail", CONTACT},
		{"E mail", CONTACT},
		{"EMAIL", CONTACT},
		{"help me contact you", CONTACT},
		{"help", HELP},
		{"HELP!!!", HELP},
		{"helpless", DEFAULT},
		{"I need support.", HELP},
		{"unsupported", DEFAULT},
		{"thanks for your help", HELP},
		{"thanks", THANKS},
		{"Thank you", THANKS},
		{"thank_you", THANKS},
		{"Thanksgiving", DEFAULT},
		{"?!", DEFAULT},
		{"\xf0\x9f\x98\x80", DEFAULT},
		{"", DEFAULT},
		{"\xe4\xbb\xb7\xe6\xa0\xbc", DEFAULT},
	};
	/* clang-format on */

	cr_assert(bot_load("", why), "%s", why);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *expected = topics[cases[i].topic];
		const char *said = answer_to(cases[i].text, "Ann");

		cr_expect_eq(strncmp(said, expected, strlen(expected)), 0,
		    "%s: %s", cases[i].text, said);
	}
}

/* --- words --- */

Test(bot, words_are_found_in_every_script)
{
	/* clang-format off */
	static const struct {
		const char *rule, *text;
		bool fits;
	} cases[] = {
		{"caf\xc3\xa9", "Un CAF\xc3\x89, s'il", true},
		{"caf\xc3\xa9", "cafe", false},
		{"cafe", "caf\xc3\xa9", false},
		/* nothing is normalised: an accent of its own is another */
		{"caf\xc3\xa9", "cafe\xcc\x81", false},
		{"cafe\xcc\x81", "CAFE\xcc\x81", true},
		{"cafe", "cafe\xcc\x81", false},
		/* a mark on nothing is no part of the word behind it */
		{"hi", "\xe2\x9d\xa4\xef\xb8\x8fhi", true},
		/* two lower cases of one letter */
		{"\xce\xba\xcf\x8c\xcf\x83\xcf\x84\xce\xbf\xcf\x82",
		    "\xce\x9a\xce\x8c\xce\xa3\xce\xa4\xce\x9f\xce\xa3", true},
		{"stra\xc3\x9f""e", "STRA\xe1\xba\x9e""E", true},
		{"stra\xc3\x9f""e", "STRASSE", false},
		{"\xd1\x86\xd0\xb5\xd0\xbd\xd0\xb0",
		    "\xd0\xa6\xd0\x95\xd0\x9d\xd0\x90?", true},
		{"\xd1\x86\xd0\xb5\xd0\xbd",
		    "\xd1\x86\xd0\xb5\xd0\xbd\xd0\xb0", false},
		{"k\xc4\xb1z\xc4\xb1l", "KIZIL", true},
		{"fiyat", "F\xc4\xb0YAT", true},
		/* ideographs and Thai stand without blanks */
		{"\xe4\xbb\xb7\xe6\xa0\xbc",
		    "\xe8\xbd\xa6\xe4\xbb\xb7\xe6\xa0\xbc\xe5\x91\xa2", true},
		{"\xe4\xbb\xb7\xe6\xa0\xbc", "\xe6\xa0\xbc\xe4\xbb\xb7", false},
		{"\xe0\xb8\xa3\xe0\xb8\xb2",
		    "\xe0\xb8\xa3\xe0\xb8\xb2\xe0\xb8\x84\xe0\xb8\xb2", true},
		/* Katakana does: "hai" is not in "haiburiddo" */
		{"\xe3\x83\x8f\xe3\x82\xa4",
		    "\xe3\x83\x8f\xe3\x82\xa4\xe3\x83\x96", false},
		{"\xe3\x83\x8f\xe3\x82\xa4",
		    "\xe3\x83\x8f\xe3\x82\xa4\xe3\x81\xa7", true},
		/* a sign with a vowel's mark is another sign */
		{"\xe0\xa4\x95", "\xe0\xa4\x95\xe0\xa4\xbf", false},
		{"\xe0\xa4\x95", "\xe0\xa4\x95 \xe0\xa4\x96", true},
		{"don't", "Don\xe2\x80\x99t!", true},
		{"dont", "don't", false},
		{"aide", "l'aide", true},
		{"follow-up", "follow up", true},
		{"followup", "follow-up", false},
		{"24", "open 24/7?", true},
		{"24", "in 2024", false},
		{"a b c", "a, b; c", true},
		{"a b c", "a b b c", false},
		{"b", "a\xc2\xa0""b", true},
	};
	/* clang-format on */
	char rules[256];

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		snprintf(rules, sizeof(rules), "%s: yes", cases[i].rule);
		cr_assert(load(rules), "%s: %s", rules, why);
		cr_expect_str_eq(answer_to(cases[i].text, NULL),
		    cases[i].fits ? "yes" : "", "%s in %s", cases[i].rule,
		    cases[i].text);
	}
}

Test(bot, a_text_that_is_no_utf8_is_read_up_to_there)
{
	cr_assert(load("a: yes\nb: no"));
	cr_expect_str_eq(answer_to("a \xff b", NULL), "yes");
	cr_expect_str_eq(answer_to("\xff b", NULL), "");
	cr_expect_str_eq(answer_to("c \xf0\x9f", NULL), "");
}

Test(bot, the_longest_text_of_the_longest_words_is_answered)
{
	static char text[4 * 4000 + 1];

	for (size_t i = 0; i < 4000; i++)
		memcpy(text + 4 * i, "\xf0\xa0\x80\x80", 4); /* ideographs */
	cr_assert(load("b: no\n*: yes"));
	cr_expect_str_eq(answer_to(text, NULL), "yes");
}

/* --- the file --- */

Test(bot, blanks_comments_and_ends_of_lines_do_not_matter)
{
	cr_assert(load("\xef\xbb\xbf# with a byte order mark\r\n"
		       "\r\n"
		       "  # indented\r\n"
		       " \t hello ,\tgood  morning :  Good day: {name} \r\n"
		       "bye:See you"),
	    "%s", why);
	cr_expect_str_eq(answer_to("hello", "Ann"), "Good day: Ann");
	cr_expect_str_eq(answer_to("good morning", "Ann"), "Good day: Ann");
	cr_expect_str_eq(answer_to("bye", "Ann"), "See you");
	cr_expect_str_eq(answer_to("else", "Ann"), "");
}

Test(bot, the_first_rule_that_fits_answers)
{
	cr_assert(load("b: one\na, b: two\n * : three"));
	cr_expect_str_eq(answer_to("a b", NULL), "one");
	cr_expect_str_eq(answer_to("a", NULL), "two");
	cr_expect_str_eq(answer_to("c", NULL), "three");
	cr_expect_str_eq(answer_to("*", NULL), "three");
}

Test(bot, the_name_is_put_in_as_it_is)
{
	cr_assert(load("*: {name}, {name}! {Name} {"));
	cr_expect_str_eq(answer_to("x", "{name}"), "{name}, {name}! {Name} {");
	cr_expect_str_eq(answer_to("x", "%s"), "%s, %s! {Name} {");
	cr_expect_str_eq(
	    answer_to("x", "Zo\xc3\xab"), "Zo\xc3\xab, Zo\xc3\xab! {Name} {");
}

Test(bot, a_visitor_without_name_is_there)
{
	static const char *const names[] = {NULL, "", " ", "\t"};

	cr_assert(load("*: Hello {name}!"));
	for (size_t i = 0; i < COUNT_OF(names); i++)
		cr_expect_str_eq(answer_to("x", names[i]), "Hello there!");
}

Test(bot, without_rules_it_is_silent)
{
	cr_expect_str_eq(answer_to("hello", NULL), "");
	cr_assert(load(""));
	cr_expect_str_eq(answer_to("hello", NULL), "");
	cr_assert(load("# nothing yet\n"));
	cr_expect_str_eq(answer_to("hello", NULL), "");
}

Test(bot, a_broken_line_is_named_and_the_rules_of_before_stay)
{
	/* clang-format off */
	static const struct {
		const char *rules, *why;
	} cases[] = {
		{"a: b\nhello", "line 2: no colon between phrases and answer"},
		{"\n\n# c\nhello\n", "line 4: no colon"},
		{"a:", "line 1: there is no answer"},
		{"a: \t\r\n", "line 1: there is no answer"},
		{": b", "line 1: a phrase has no letter and no digit"},
		{"a,: b", "line 1: a phrase has no letter"},
		{"a,,c: b", "line 1: a phrase has no letter"},
		{"a, ?!: b", "line 1: a phrase has no letter"},
		{"\xf0\x9f\x91\x8b: b", "line 1: a phrase has no letter"},
		{"a: b\n*: c\n*: d", "line 3: never reached"},
		{"*: c\n\n# fine\na: d", "line 4: never reached"},
		{"*, a: b", "line 1: \"*\" does not stand alone"},
		{"a, *: b", "line 1: \"*\" does not stand alone"},
		{"**: b", "line 1: \"*\" does not stand alone"},
		{"pric*: b", "line 1: \"*\" does not stand alone"},
		{"a: \xff", "line 1: not UTF-8, or with a NUL"},
		{"# \xc0\x80\na: b", "line 1: not UTF-8"},
		{"a: b\n\xed\xa0\x80: c", "line 2: not UTF-8"},
		{"a: b\x1b[1m", "line 1: the answer has a control character"},
		{"a: b\tc", "line 1: the answer has a control character"},
		{"a: b\rc: d", "line 1: the answer has a control character"},
		{"a: {name}{name}{name}{name}{name}",
		    "line 1: the answer has more than 4 {name}"},
	};
	/* clang-format on */

	cr_assert(load("*: before"));
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		cr_expect(!load(cases[i].rules), "%s", cases[i].rules);
		cr_expect_eq(strncmp(why, cases[i].why, strlen(cases[i].why)),
		    0, "%s: %s", cases[i].rules, why);
		cr_expect_str_eq(answer_to("x", NULL), "before");
	}
}

Test(bot, a_nul_is_named_with_its_line)
{
	static const char rules[] = "a: b\nc: d\0e\n";

	cr_expect(!load_bytes(rules, sizeof(rules) - 1));
	cr_expect_str_eq(why, "line 2: not UTF-8, or with a NUL");
}

Test(bot, a_file_that_cannot_be_read_is_an_error)
{
	cr_assert(load("*: before"));
	cr_expect(!bot_load("/nowhere/rules", why));
	cr_expect_str_eq(why, "No such file or directory");
	cr_expect(!bot_load("/tmp", why));
	cr_expect_str_eq(why, "Is a directory");
	cr_expect_str_eq(answer_to("x", NULL), "before");
}

/* "a...a: b...b" with so many of both, of two bytes each. */
static bool
load_long(size_t phrase, size_t reply)
{
	struct buffer rules = {0};
	bool is_loaded;

	while (phrase-- > 0)
		buffer_puts(&rules, "\xc3\xa9");
	buffer_puts(&rules, ": ");
	while (reply-- > 0)
		buffer_puts(&rules, "\xc3\xa9");
	is_loaded = load(rules.data);
	buffer_release(&rules);
	return is_loaded;
}

Test(bot, lengths_are_limited_in_characters)
{
	cr_expect(load_long(BOT_PHRASE_MAX, BOT_ANSWER_MAX), "%s", why);
	cr_expect(!load_long(BOT_PHRASE_MAX + 1, 1));
	cr_expect_str_eq(why, "line 1: a phrase is longer than 100 characters");
	cr_expect(!load_long(1, BOT_ANSWER_MAX + 1));
	cr_expect_str_eq(
	    why, "line 1: the answer is longer than 1000 characters");
}

Test(bot, a_file_has_so_many_rules_and_no_more)
{
	struct buffer rules = {0};

	for (int i = 0; i < BOT_RULES_MAX; i++)
		buffer_printf(&rules, "a%d: %d\n", i, i);
	cr_expect(load(rules.data), "%s", why);
	cr_expect_str_eq(answer_to("A255", NULL), "255");
	buffer_puts(&rules, "# no rule\nb: c\n");
	cr_expect(!load(rules.data));
	cr_expect_str_eq(why, "line 258: more than 256 rules");
	buffer_release(&rules);
}

Test(bot, a_file_has_so_many_bytes_and_no_more)
{
	static char rules[BOT_FILE_BYTES + 1];

	/* as many phrases as there can be, and a comment to the last byte */
	for (size_t i = 0; i < 4000; i++)
		memcpy(rules + 2 * i, "a,", 2);
	memcpy(rules + 7998, "z:yes\n", 6);
	memset(rules + 8004, '#', sizeof(rules) - 8004);
	cr_expect(load_bytes(rules, BOT_FILE_BYTES), "%s", why);
	cr_expect_str_eq(answer_to("z", NULL), "yes");
	cr_expect(!load_bytes(rules, BOT_FILE_BYTES + 1));
	cr_expect_str_eq(why, "more than 16384 bytes");
}

Test(bot, nothing_but_phrases_fits_into_a_file)
{
	static char rules[BOT_FILE_BYTES];

	for (size_t i = 0; i < sizeof(rules); i += 2)
		memcpy(rules + i, "a,", 2);
	memcpy(rules + sizeof(rules) - 4, "a:b", 3);
	rules[sizeof(rules) - 1] = '\n';
	cr_expect(load_bytes(rules, sizeof(rules)), "%s", why);
	cr_expect_str_eq(answer_to("a", NULL), "b");
}

/* --- while others load --- */

static atomic_bool enough;

static void *
ask(void *wrong)
{
	struct buffer said = {0};

	while (!enough) {
		buffer_reset(&said);
		bot_answer(&said, "hello", 5, "Ann");
		if (strcmp(said.data, "one Ann") != 0 &&
		    strcmp(said.data, "two Ann") != 0)
			++*(atomic_int *)wrong;
	}
	buffer_release(&said);
	return NULL;
}

Test(bot, rules_change_under_those_who_ask)
{
	pthread_t thread[4];
	atomic_int wrong = 0;

	cr_assert(load("hello: one {name}"));
	for (size_t i = 0; i < COUNT_OF(thread); i++)
		cr_assert_eq(pthread_create(&thread[i], NULL, ask, &wrong), 0);
	for (int i = 0; i < 200; i++)
		cr_expect(load(
		    i % 2 ? "hello: one {name}" : "x: y\nhello: two {name}"));
	enough = true;
	for (size_t i = 0; i < COUNT_OF(thread); i++)
		pthread_join(thread[i], NULL);
	cr_expect_eq(wrong, 0);
}
