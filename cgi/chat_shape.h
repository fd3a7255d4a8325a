/*
 * chat_shape.h: the documents of the support chat, as they lie in MongoDB.
 *
 * chatsessions, one document each (names of the original application where it
 * had them):
 *	_id ObjectId   v 1   sessionId string (unique): "chat_" and 32 hex
 *	owner string: "account:IDENTITY" or "guest:HASH"
 *	activeFor string (unique, partial): owner, while it is the active one
 *	userId, userName string   status active|closed|archived
 *	last int64: number of the last line (a hint: never too high)
 *	lastText, lastSender string   lastAt date
 *	seen {visitor, support} int64: fetched up to there
 *	waiting bool: its last word is the visitor's (bot lines do not count)
 *	agent string: who answers, claimedUntil date: the lease
 *	answered bool: an agent has claimed or answered: the bot is silent
 *	createdAt, updatedAt date   expiresAt date: of a guest's (TTL)
 *
 * chatmessages, one document a line:
 *	_id ObjectId   sessionId string   n int64 (unique with sessionId)
 *	id int64|string   sender user|bot|admin (id unique with both)
 *	text string   timestamp date   isRead bool (the original's only)
 *
 * Lines of the original application have no n; they come first, by timestamp,
 * and may hold their text in "message".
 */
#ifndef CGI_CHAT_SHAPE_H
#define CGI_CHAT_SHAPE_H

#include <bson/bson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cgi/identity.h"

#define CHAT_SESSION_BYTES                                                     \
	129 /* its id, with NUL; the original's may be long */
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
	int64_t last;
	const char *last_text;
	enum chat_sender last_sender;
	int64_t last_at; /* wall ms */
	int64_t seen_visitor, seen_support;
	bool waiting, answered;
	const char *agent;     /* "" = nobody */
	int64_t claimed_until; /* wall ms */
	int64_t created_at;
};
bool chat_session_read(struct chat_session *s, const bson_t *doc);

/* Does that agent's lease hold at now? */
bool chat_is_claimed(const struct chat_session *s, int64_t now_ms);

struct chat_line {
	bson_iter_t id;
	int64_t n; /* 0: the original's */
	enum chat_sender sender;
	const char *text;
	uint32_t text_len;
	int64_t at;    /* wall ms */
	bool was_read; /* the original's flag */
};
bool chat_line_read(struct chat_line *line, const bson_t *doc);

#endif
