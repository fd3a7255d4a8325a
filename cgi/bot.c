/*
 * bot.c: the rules in use, and what they answer; see bot.h.
 */
#include "cgi/bot.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "cgi/bot_rules.h"
#include "cgi/text.h"

/* bot.rules, put into the program by the Makefile (ld -b binary). */
extern const char _binary_cgi_bot_rules_start[];
extern const char _binary_cgi_bot_rules_end[];

/* Of the kind that lets a writer in: answers come without a pause. */
static pthread_rwlock_t lock =
    PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
static struct bot_rules *current;

static struct bot_rules *
from_file(const char *path, char why[256])
{
	char text[BOT_FILE_BYTES + 1]; /* one more shows that it is too long */
	FILE *stream = fopen(path, "re");
	size_t len = stream ? fread(text, 1, sizeof(text), stream) : 0;
	bool is_read = stream && !ferror(stream);
	int error = errno;

	if (stream)
		(void)fclose(stream); /* only read */
	if (is_read)
		return bot_rules_parse(text, len, why);
	(void)snprintf(why, 256, "%s", strerror(error));
	return NULL;
}

static void
use(struct bot_rules *rules)
{
	struct bot_rules *old;

	pthread_rwlock_wrlock(&lock);
	old = current;
	current = rules;
	pthread_rwlock_unlock(&lock);
	bot_rules_free(old);
}

bool
bot_load(const char *path, char why[256])
{
	const char *shipped = _binary_cgi_bot_rules_start;
	size_t len = (size_t)(_binary_cgi_bot_rules_end - shipped);
	struct bot_rules *rules =
	    *path ? from_file(path, why) : bot_rules_parse(shipped, len, why);

	if (rules)
		use(rules);
	return rules != NULL;
}

void
bot_release(void)
{
	use(NULL);
}

static void
put_answer(struct buffer *out, const char *answer, const char *name)
{
	const char *at;

	while ((at = strstr(answer, BOT_NAME))) {
		buffer_put(out, answer, (size_t)(at - answer));
		buffer_puts(out, name);
		answer = at + strlen(BOT_NAME);
	}
	buffer_puts(out, answer);
}

void
bot_answer(struct buffer *out, const char *text, size_t len, const char *name)
{
	const char *answer;

	if (!name || !text_has_ink(name, strlen(name)))
		name = "there";
	pthread_rwlock_rdlock(&lock);
	answer = current ? bot_rules_find(current, text, len) : NULL;
	if (answer)
		put_answer(out, answer, name);
	pthread_rwlock_unlock(&lock);
}
