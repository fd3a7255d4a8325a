/*
 * store_chat_line.h: the documents of one line and of the bot's answer: made,
 * found again, and reached by their session.  For store_chat_say.c alone.
 */
#ifndef CGI_STORE_CHAT_LINE_H
#define CGI_STORE_CHAT_LINE_H

#include "cgi/store_chat_say.h"

/* One call of store_chat_say(), over all its tries. */
struct saying {
	struct store *store;
	struct chat_found *found;
	const struct chat_say *say;
	struct chat_said *said;
	int64_t taken; /* numbers up to there are */
};

/* Make what is to be inserted, in said: line n, and the bot's where it speaks. */
void saying_build(struct saying *w, int64_t n);

/* As store_write(); also may be NULL. */
enum store_result saying_insert(
    struct saying *w, const bson_t *doc, const bson_t *also);

/*
 * The bot's answer to the line in said that a crash has left alone, if it is
 * the newest.  STORE_OK (has_bot: there is one now), STORE_DOWN or
 * STORE_UNKNOWN.
 */
enum store_result saying_answer(struct saying *w);

/*
 * Let the session's last reach what is stored.  STORE_OK: this attempt made it seen.  STORE_DUPLICATE: another one has.  Never
 * STORE_DOWN, since something is written.
 */
enum store_result saying_commit(struct saying *w);

/*
 * Was this id used in the session before?  STORE_ABSENT where not; else the
 * answer is decided: STORE_DUPLICATE, STORE_REUSED, or STORE_OK where the
 * session had not reached the line yet, which is made up for.
 */
enum store_result saying_find(struct saying *w);

/* Is that line what is said now? */
bool saying_is_same(const struct saying *w, const struct chat_line *line);

#endif
