/*
 * chat_json.h: lines and sessions of the support chat as JSON.
 *
 * A line: {"id","seq","text","sender","timestamp","isRead"}.  A session
 * (agents alone see it):
 * {"sessionId","userId","userName","status","lastMessage":{"text","sender",
 * "timestamp"},"lastMessageAt","messageCount","unread","waiting","agent",
 * "claimedUntil","createdAt"}.
 */
#ifndef CGI_CHAT_JSON_H
#define CGI_CHAT_JSON_H

#include "cgi/buffer.h"
#include "cgi/chat_shape.h"

/* support: seen by an agent; isRead means: the other side fetched it. */
void chat_line_json(struct buffer *b, const struct chat_session *s,
    const struct chat_line *line, bool support);

void chat_session_json(
    struct buffer *b, const struct chat_session *s, int64_t now_ms);

#endif
