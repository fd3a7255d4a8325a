/*
 * store_chat_say.h: adding lines to a session: numbered, durable, once.
 *
 * A line is one document; its number is the next one, taken by compare and
 * insert under the unique indexes (sessionId, n) and (sessionId, sender, id),
 * so there are no holes and no doubles.  Within this process the lines of a
 * session queue up before they try.  The bot's line is the next one, with the
 * id "bot-<n>" of the line it answers; one that a crash kept from being
 * written is added by the next request on the session.
 */
#ifndef CGI_STORE_CHAT_SAY_H
#define CGI_STORE_CHAT_SAY_H

#include "cgi/schema.h"
#include "cgi/store_chat.h"

struct chat_say {
	const struct message_id *id; /* of the client, or made */
	const char *text;
	size_t text_len;
	enum chat_sender sender; /* CHAT_USER or CHAT_ADMIN */
	const char *agent;     /* of CHAT_ADMIN: claims it, renews the lease */
	const char *user_name; /* of CHAT_USER; "" = unchanged */
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
 * (CHAT_LINES_MAX), STORE_BUSY, STORE_DOWN, STORE_UNKNOWN.  found is the
 * session, and as it is afterwards; a closed one is active again.
 */
enum store_result store_chat_say(struct store *store, struct chat_found *found,
    const struct chat_say *say, struct chat_said *said);

#endif
