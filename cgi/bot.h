/*
 * bot.h: what support answers by itself: rules in one plain text file.
 *
 *	# a comment
 *	hello, hi, hey: Hello {name}! How can I help?
 *	*: We have got your message.
 *
 * One rule a line: words or phrases between commas, a colon, the answer, in
 * which {name} is the visitor's name ("there" where he gave none).  A rule
 * fits where one of its phrases stands in the message as whole words, in any
 * case (Unicode); the first that fits answers, "*" fits always.
 */
#ifndef CGI_BOT_H
#define CGI_BOT_H

#include <stdbool.h>
#include <stddef.h>

#include "cgi/buffer.h"

#define BOT_RULES_MAX 256
#define BOT_ANSWER_MAX 1000 /* code points, before the name is put in */
#define BOT_NAME "{name}"

/*
 * Load the rules of the file, "" for the shipped ones (bot.rules).  False with
 * one sentence, which names the line that is broken but not the file; the
 * rules of before stay.
 */
bool bot_load(const char *path, char why[256]);
void bot_release(void);

/*
 * Append the answer to text (valid UTF-8), nothing where no rule fits.  name
 * may be NULL.  From any thread, also while others load.
 */
void bot_answer(
    struct buffer *out, const char *text, size_t len, const char *name);

#endif
