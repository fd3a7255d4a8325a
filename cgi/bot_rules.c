/*
 * bot_rules.c: see bot_rules.h.
 */
#include "cgi/bot_rules.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "cgi/bot.h"
#include "cgi/bot_words.h"
#include "cgi/text.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

struct phrase {
	wchar_t *words;
	const char *answer;
};

struct bot_rules {
	char text[BOT_FILE_BYTES + 1]; /* the answers point into it */
	size_t rule_count, phrase_count;
	bool is_complete; /* the last rule fits always */
	/* A phrase is two bytes of the text, with the sign that ends it. */
	struct phrase phrase[BOT_FILE_BYTES / 2];
};

/* Where we are. */
struct place {
	size_t line;
	char *why; /* 256 bytes */
};

static __attribute__((format(printf, 2, 3))) bool
refuse(const struct place *place, const char *format, ...)
{
	int len = snprintf(place->why, 256, "line %zu: ", place->line);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(place->why + len, 256 - (size_t)len, format, args);
	va_end(args);
	return false;
}

static size_t
names_in(const char *answer)
{
	size_t count = 0;

	while ((answer = strstr(answer, BOT_NAME))) {
		answer += strlen(BOT_NAME);
		count++;
	}
	return count;
}

static bool
answer_check(const char *answer, const struct place *place)
{
	size_t len = strlen(answer);

	if (len == 0)
		return refuse(place, "there is no answer behind the colon");
	if (text_points(answer, len) > BOT_ANSWER_MAX)
		return refuse(place, "the answer is longer than %d characters",
		    BOT_ANSWER_MAX);
	if (text_has_control(answer, len))
		return refuse(place, "the answer has a control character");
	if (names_in(answer) > BOT_NAMES_MAX)
		return refuse(
		    place, "the answer has more than %d {name}", BOT_NAMES_MAX);
	return true;
}

static bool
phrase_check(
    const char *phrase, const wchar_t *words, const struct place *place)
{
	if (text_points(phrase, strlen(phrase)) > BOT_PHRASE_MAX)
		return refuse(place, "a phrase is longer than %d characters",
		    BOT_PHRASE_MAX);
	if (strchr(phrase, '*'))
		return refuse(place, "\"*\" does not stand alone");
	if (wcslen(words) == 1)
		return refuse(place, "a phrase has no letter and no digit");
	return true;
}

static bool
phrases_take(struct bot_rules *rules, char *list, const char *answer,
    const struct place *place)
{
	char *phrase;

	/* It has no words, and so the blank that every text begins with. */
	rules->is_complete = strcmp(list, "*") == 0;
	while ((phrase = strsep(&list, ","))) {
		struct phrase *p = &rules->phrase[rules->phrase_count++];

		phrase = text_trim(phrase);
		p->words = bot_words(phrase, strlen(phrase));
		p->answer = answer;
		if (!rules->is_complete &&
		    !phrase_check(phrase, p->words, place))
			return false;
	}
	return true;
}

static bool
line_take(
    struct bot_rules *rules, char *line, size_t len, const struct place *place)
{
	char *answer;

	if (!text_is_utf8(line, len))
		return refuse(place, "not UTF-8, or with a NUL");
	line = text_trim(line);
	if (!*line || *line == '#')
		return true;
	if (rules->is_complete)
		return refuse(place, "never reached, \"*\" stands above it");
	if (rules->rule_count++ == BOT_RULES_MAX)
		return refuse(place, "more than %d rules", BOT_RULES_MAX);
	answer = strchr(line, ':');
	if (!answer)
		return refuse(place, "no colon between phrases and answer");
	*answer++ = '\0';
	answer = text_trim(answer);
	return answer_check(answer, place) &&
	       phrases_take(rules, text_trim(line), answer, place);
}

static bool
text_take(struct bot_rules *rules, size_t len, char why[256])
{
	struct place place = {.why = why};
	char *line = rules->text;
	char *end = rules->text + len;

	if (strncmp(line, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
		line += strlen(BYTE_ORDER_MARK); /* of some editors */
	while (line < end) {
		char *lf = memchr(line, '\n', (size_t)(end - line));
		size_t line_len = (size_t)((lf ? lf : end) - line);

		line[line_len] = '\0';
		place.line++;
		if (!line_take(rules, line, line_len, &place))
			return false;
		line += line_len + 1;
	}
	return true;
}

struct bot_rules *
bot_rules_parse(const char *text, size_t len, char why[256])
{
	struct bot_rules *rules;

	if (!bot_words_ready()) {
		(void)snprintf(why, 256, "this system has no locale C.UTF-8");
		return NULL;
	}
	if (len > BOT_FILE_BYTES) {
		(void)snprintf(why, 256, "more than %d bytes", BOT_FILE_BYTES);
		return NULL;
	}
	rules = calloc(1, sizeof(*rules));
	if (!rules)
		abort(); /* out of memory */
	memcpy(rules->text, text, len);
	if (text_take(rules, len, why))
		return rules;
	bot_rules_free(rules);
	return NULL;
}

void
bot_rules_free(struct bot_rules *rules)
{
	if (!rules)
		return;
	for (size_t i = 0; i < rules->phrase_count; i++)
		free(rules->phrase[i].words);
	free(rules);
}

const char *
bot_rules_find(const struct bot_rules *rules, const char *text, size_t len)
{
	wchar_t *words = bot_words(text, len);
	const char *answer = NULL;

	for (size_t i = 0; !answer && i < rules->phrase_count; i++)
		if (wcsstr(words, rules->phrase[i].words))
			answer = rules->phrase[i].answer;
	free(words);
	return answer;
}
