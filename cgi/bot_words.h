/*
 * bot_words.h: a text as its words, so that to find words is to find text.
 *
 * "Which chip?" is L" which chip ": a blank before, between and behind, all
 * in lower case; a text without words is L" ".  A word is made of letters and
 * digits (Unicode) and the marks on them; all else stands between words,
 * apostrophes and hyphens too.  Nothing is normalised: "é" of one code point
 * and of two are different letters.
 */
#ifndef CGI_BOT_WORDS_H
#define CGI_BOT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

/* To be asked once before the other: does this system know Unicode? */
bool bot_words_ready(void);

/* Gives the words of text, up to where it is no UTF-8. */
wchar_t *bot_words(const char *text, size_t len);

#endif
