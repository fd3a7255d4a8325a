/*
 * publish_chat.h: what a commit in the support chat tells the hub.
 *
 * Names on the bus that no account can have, since identities are lower case:
 * "Chat:SESSION" is the visitor's side of a session (all his tabs), "Agents"
 * everybody at the desk, "Agent:IDENTITY" one of them.  The room of a session
 * is named by its id; the visitor joins as customer, support as seller.
 *
 * Events (dialect_chat.c turns them into {"type":...} frames):
 *	chat:message {sessionId, id, seq, text, sender, timestamp}
 *	chat:session {session}: new, a line, a claim, a close
 */
#ifndef CGI_PUBLISH_CHAT_H
#define CGI_PUBLISH_CHAT_H

#include "cgi/request.h"
#include "cgi/store_chat.h"

/* A line newly stored: to all of the session but the connection it came by,
 * and to the agent who claimed it. */
void publish_chat_line(const struct request *req, const struct chat_session *s,
    const struct chat_line *line);

/* The session changed: to everybody at the desk. */
void publish_chat_session(
    const struct request *req, const struct chat_session *s);

/* This connection is the visitor's of that session, and in its room. */
bool publish_chat_visitor(
    struct request *req, const struct chat_session *s, int64_t until);

/* This connection is at the desk; and the agent is in that room. */
bool publish_chat_agent(struct request *req);
void publish_chat_admit(
    const struct request *req, const struct chat_session *s, const char *agent);

#endif
