/*
 * publish_chat.h: what a commit in the support chat tells the hub.
 *
 * Names on the bus that no account can have, since identities are lower case:
 * "Chat:SESSION" is the visitor's side of a session (all his tabs), "Agents"
 * everybody at the desk, "Agent:IDENTITY" one of them.  The first name of a
 * connection is its account, which it keeps: "Visitor:OWNER" of a visitor,
 * whose session may change.  The room of a session is named by its id;
 * visitors join as customer ("Chat:SESSION"), support as seller ("Agents").
 *
 * Events (relay_chat.c turns them into {"type":...} frames):
 *	chat:message {id, seq, text, sender, timestamp, isRead}; to an agent
 *		with sessionId
 *	chat:session {session}: a line, a claim, a change of status
 */
#ifndef CGI_PUBLISH_CHAT_H
#define CGI_PUBLISH_CHAT_H

#include "cgi/request.h"
#include "cgi/store_chat.h"
#include "cgi/store_chat_say.h"

/*
 * Lines newly stored, by the attempt that wrote them: to all of the session
 * (but not the line of a person to the connection it came by) and to the agent
 * who claimed it last; and the session, to the desk.
 */
void publish_chat_said(struct request *req, const struct chat_session *s,
    const struct chat_said *said);

/* Another change of the session: to everybody at the desk. */
void publish_chat_session(struct request *req, const struct chat_session *s);

/*
 * This connection is the visitor's of that session, and in its room.  History
 * that is read after it, with the events that come, is all there is.  False:
 * the hub did not take it.
 */
bool publish_chat_visitor(struct request *req, const struct chat_session *s);

/*
 * This connection is at the desk; then it joins, one by one, the rooms of the
 * sessions that its agent claims.
 */
bool publish_chat_agent(struct request *req);
bool publish_chat_join(struct request *req, const struct chat_session *s);

/* A new claim: all connections of that agent, and of no other, are in the room
 * from now on.  With the session's end they leave by themselves. */
void publish_chat_admit(
    struct request *req, const struct chat_session *s, const char *agent);

#endif
