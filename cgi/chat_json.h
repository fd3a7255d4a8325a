/*
 * chat_json.h: lines and sessions of the support chat as JSON.
 *
 * A line: {"id","seq","text","sender","timestamp","isRead"}; isRead: the side
 * that did not write it has fetched it.  A session (agents alone see it):
 * {"sessionId","userId","userName","status","lastMessage":{"text","sender",
 * "timestamp"}|null,"lastMessageAt"|null,"messageCount","unread","waiting",
 * "agent"|null,"claimedUntil"|null,"createdAt"}; unread: lines that support
 * has not fetched; agent and claimedUntil: while his lease holds.
 */
#ifndef CGI_CHAT_JSON_H
#define CGI_CHAT_JSON_H

#include "cgi/buffer.h"
#include "cgi/chat_shape.h"

void chat_line_json(struct buffer *b, const struct chat_session *s,
    const struct chat_line *line);

void chat_session_json(
    struct buffer *b, const struct chat_session *s, int64_t now_ms);

#endif
