/*
 * store_chat_say.h: adding lines to a session: numbered, durable, once.
 *
 * A line is one document.  Its number is the one after the session's last;
 * the unique indexes on (sessionId, n) and (sessionId, sender, key) refuse
 * what is taken, so there are no holes and no doubles.  The bot's line is the
 * next one, with the id "bot-<n>" of the line it answers, in the same insert.
 * Then the session's last reaches both: from there on they are seen.  What a
 * crash left in between is finished by the next line, or by the retry.
 */
#ifndef CGI_STORE_CHAT_SAY_H
#define CGI_STORE_CHAT_SAY_H

#include "cgi/buffer.h"
#include "cgi/schema.h"
#include "cgi/store_chat.h"

struct chat_say {
	const struct message_id *id; /* of the client, or made */
	const char *text;
	size_t text_len;
	enum chat_sender sender; /* CHAT_USER or CHAT_ADMIN */
	const char *agent;     /* of CHAT_ADMIN: claims it, renews the lease */
	const char *user_name; /* of CHAT_USER; "" = unchanged */
	/*
	 * Appends the bot's answer to a visitor's text, bot_answer(); nothing:
	 * it is silent.  Not asked once an agent has answered.
	 */
	void (*bot)(struct buffer *answer, const char *text, size_t len,
	    const char *name);
};

/* What became of it: both lines as stored. */
struct chat_said {
	bson_t doc, bot_doc;
	struct chat_line line, bot; /* lent by these */
	bool has_bot;
};
void chat_said_init(struct chat_said *said);
void chat_said_release(struct chat_said *said);

/*
 * STORE_OK, STORE_DUPLICATE (said holds what was stored then, the bot's line
 * too), STORE_REUSED (the id was used for another text), STORE_FULL
 * (CHAT_LINES_MAX), STORE_ANSWERED (another agent's lease holds),
 * STORE_ABSENT (it is gone, or no longer its owner's), STORE_BUSY, STORE_DOWN,
 * STORE_UNKNOWN.  found is the session as the resource found it, and as it is
 * afterwards.  A closed one is active again, unless its owner has another
 * active one by then: then it is that one which gets the line.
 */
enum store_result store_chat_say(struct store *store, struct chat_found *found,
    const struct chat_say *say, struct chat_said *said);

#endif
