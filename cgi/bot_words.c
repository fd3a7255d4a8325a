/*
 * bot_words.c: see bot_words.h.
 *
 * Letters are told by a locale object of our own: setlocale(3) would change
 * what numbers and messages look like in the whole program.
 */
#include "cgi/bot_words.h"

#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <wctype.h>

#include "ws/utf8.h"

enum kind { BETWEEN, LETTER, SIGN, MARK };

static locale_t unicode;
static wctype_t combining;

static void
open_unicode(void)
{
	unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (unicode)
		combining = wctype_l("combining", unicode);
}

bool
bot_words_ready(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, open_unicode); /* cannot fail */
	return combining != 0;
}

/*
 * Scripts that put no blanks between words: every sign of them is a word, so
 * phrases are found inside a sentence (as in UAX 29; Katakana and Hangul make
 * words like other letters).
 */
static bool
is_sign(wchar_t c)
{
	static const struct {
		wchar_t first, last;
	} scripts[] = {
	    {0x0e00, 0x0eff},   /* Thai, Lao */
	    {0x1000, 0x109f},   /* Myanmar */
	    {0x1780, 0x17ff},   /* Khmer */
	    {0x3005, 0x3007},   /* ideographic marks and zero */
	    {0x3041, 0x309f},   /* Hiragana */
	    {0x3400, 0x9fff},   /* ideographs */
	    {0xf900, 0xfaff},   /* for compatibility */
	    {0x20000, 0x3ffff}, /* supplementary */
	};

	for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++)
		if (c >= scripts[i].first && c <= scripts[i].last)
			return true;
	return false;
}

static enum kind
kind_of(wchar_t c)
{
	if (iswctype_l((wint_t)c, combining, unicode))
		return MARK;
	if (!iswalnum_l((wint_t)c, unicode))
		return BETWEEN;
	return is_sign(c) ? SIGN : LETTER;
}

/* By way of upper case: letters with two lower cases (Greek s) become one. */
static wchar_t
lower(wchar_t c)
{
	return (wchar_t)towlower_l(towupper_l((wint_t)c, unicode), unicode);
}

/* The character of n bytes at s. */
static wchar_t
decode(const char *s, size_t n)
{
	static const unsigned char first[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	wchar_t c = (unsigned char)s[0] & first[n];

	for (size_t i = 1; i < n; i++)
		c = c << 6 | (s[i] & 0x3f);
	return c;
}

wchar_t *
bot_words(const char *text, size_t len)
{
	wchar_t *words = malloc((2 * len + 2) * sizeof(*words));
	wchar_t *end = words;
	enum kind before = BETWEEN;
	size_t n;

	if (!words)
		abort(); /* out of memory */
	*end++ = L' ';
	for (; (n = utf8_length(text, len)) > 0; text += n, len -= n) {
		wchar_t c = decode(text, n);
		enum kind kind = kind_of(c);
		bool joins =
		    kind == MARK || (kind == LETTER && before == LETTER);

		if (kind == MARK)
			kind = before; /* a part of what it stands on */
		before = kind;
		if (kind == BETWEEN)
			continue;
		if (joins)
			end--; /* over the blank: the word goes on */
		*end++ = lower(c);
		*end++ = L' ';
	}
	*end = L'\0';
	return words;
}
