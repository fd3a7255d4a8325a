/*
 * chat_shape.h: the documents of the support chat, as they lie in MongoDB.
 *
 * chatsessions, one document each (names of the original application where it
 * had them):
 *	_id ObjectId   v 1   sessionId string (unique): "chat_" and 32 hex
 *	owner string: "account:IDENTITY" or "guest:HASH"
 *	activeFor string (unique): owner, while it is his active one
 *	userId string: the account, of a guest the sessionId   userName string
 *	status active|closed|archived
 *	last int64: number of its last line.  A line is part of the session
 *	    once last has reached it, so last is never too high
 *	rev int64: + 1 for each change that somebody is told of
 *	lastText, lastSender string, lastAt date: of that line; absent before
 *	    the first one
 *	seen {visitor, support} int64: fetched up to there
 *	waiting bool: its last word is the visitor's (bot lines do not count)
 *	agent string: who answers (absent: nobody)
 *	claimedUntil date: his lease; 1970 for nobody
 *	answered bool: an agent has claimed or answered: the bot is silent
 *	createdAt, updatedAt date   expiresAt date: of a guest's, then it goes
 *
 * chatmessages, one document a line:
 *	_id ObjectId   sessionId string   n int64 (unique with sessionId)
 *	id int64|string   key string: id as text (unique with sessionId and
 *	    sender, so 7 and "7" are one)
 *	sender user|bot|admin   text string   timestamp date
 *
 * The original application's sessions have no v, its lines no n and no key:
 * store_chat_adopt.h numbers its lines by time and leaves all else of them as
 * it was: they may hold their text in "message", and isRead.
 */
#ifndef CGI_CHAT_SHAPE_H
#define CGI_CHAT_SHAPE_H

#include <bson/bson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cgi/identity.h"

#define CHAT_SESSION_BYTES 129 /* an id with NUL; the original's may be long */
#define CHAT_OWNER_BYTES (IDENTITY_BYTES + 16)
#define CHAT_TEXT_MAX 4000   /* code points */
#define CHAT_LINES_MAX 10000 /* of a session */
#define CHAT_LEASE_MS (5 * 60 * 1000)
#define CHAT_IDLE_DAYS 30 /* then a guest's session expires */

enum chat_sender { CHAT_USER, CHAT_BOT, CHAT_ADMIN };
extern const char *const chat_sender_names[]; /* user, bot, admin */

enum chat_status { CHAT_ACTIVE, CHAT_CLOSED, CHAT_ARCHIVED };
extern const char *const chat_status_names[];

/* Everything is lent by the document. */
struct chat_session {
	bson_oid_t oid;
	const char *id, *owner, *user_id, *user_name;
	enum chat_status status;
	int64_t last, rev;
	const char *last_text;
	enum chat_sender last_sender;
	int64_t last_at; /* wall ms; 0 before the first line */
	int64_t seen_visitor, seen_support;
	bool waiting, answered;
	const char *agent;     /* "" = nobody */
	int64_t claimed_until; /* wall ms */
	int64_t created_at;
};

/* Fields of a wrong type count as absent; false where doc is no BSON. */
bool chat_session_read(struct chat_session *s, const bson_t *doc);

/* Does that agent's lease hold at now? */
bool chat_is_claimed(const struct chat_session *s, int64_t now_ms);

struct chat_line {
	bson_oid_t oid;
	bson_iter_t id; /* int64 or utf8 */
	int64_t n;
	enum chat_sender sender;
	const char *text;
	uint32_t text_len;
	int64_t at;    /* wall ms */
	bool was_read; /* the original's flag */
};

/* False where it has no id, or is no BSON. */
bool chat_line_read(struct chat_line *line, const bson_t *doc);

#endif
