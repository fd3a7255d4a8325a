/*
 * bot_rules.h: the text of the rules (see bot.h), checked and taken apart.
 *
 * Lines end with LF or CR LF; blanks around phrases and answers do not count;
 * lines that are empty or begin with "#" are skipped.  "*" is the phrase of
 * the last rule, alone.  A text without rules is good: its bot is silent.
 */
#ifndef CGI_BOT_RULES_H
#define CGI_BOT_RULES_H

#include <stddef.h>

#define BOT_FILE_BYTES (16 * 1024)
#define BOT_PHRASE_MAX 100 /* code points */
#define BOT_NAMES_MAX 4    /* of {name} in one answer */

struct bot_rules;

/*
 * Gives the rules, or NULL with "line N: " and a sentence in why: broken
 * UTF-8 or NUL, no colon, an empty phrase or answer, something too long, too
 * many rules, or one that is never reached because "*" stands above it.
 */
struct bot_rules *bot_rules_parse(const char *text, size_t len, char why[256]);
void bot_rules_free(struct bot_rules *rules);

/* The answer of the first rule that fits, lent by rules; NULL: none does. */
const char *bot_rules_find(
    const struct bot_rules *rules, const char *text, size_t len);

#endif
