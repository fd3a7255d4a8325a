/*
 * chat.h: the resource /api/chat: a visitor's lines, his history, and the
 * desk of those who answer.  An agent is role agent or admin; anybody else is
 * a visitor: an account, or a guest (guest.h).
 *
 *	POST  /api/chat {message, messageId?, userId?, userName?, sessionId?}
 *	  {"success":true,"response":s,"sessionId":s,"messageId":id,"seq":n,
 *	   "duplicate":b}
 *	GET   /api/chat/history?sessionId=|userId=&before=&limit=
 *	  {"success":true,"sessionId":s|null,"messages":[...],"count":n}
 *	GET   /api/chat/sessions?status=&waiting=&claimed=&limit=&cursor=
 *	  {"success":true,"sessions":[...],"count":n,"counts":{...},"next":s}
 *	PATCH /api/chat/sessions {sessionId, status} or {sessionId, claim:true}
 *	  {"success":true,"session":{...}}
 *	POST  /api/chat/live {role?, userName?, sessionId?}, for relays alone
 *	  {"success":true,"sessionId":s,"messages":[...],"count":n,"seq":n}
 *	  {"success":true,"role":"agent"}
 *
 * Lines and sessions are those of chat_json.h.
 */
#ifndef CGI_CHAT_H
#define CGI_CHAT_H

#include "cgi/reply.h"
#include "cgi/request.h"
#include "cgi/store_chat.h"

int chat_post(struct request *req, struct reply *out);
int chat_history_get(struct request *req, struct reply *out);
int chat_sessions_get(struct request *req, struct reply *out);
int chat_sessions_patch(struct request *req, struct reply *out);
int chat_live(struct request *req, struct reply *out);

/*
 * Append "messages":[...],"count":n: the newest lines of a session (NULL: of
 * none) as far as they fit, durable.  *newest: the number of the last of them,
 * 0 where there is none.  STORE_OK or STORE_DOWN.
 */
struct chat_page {
	int64_t before;   /* lines below this number; 0: of all */
	int64_t limit;    /* so many */
	size_t bytes_max; /* of JSON */
	bool support;     /* an agent fetches them */
};
enum store_result chat_page_json(struct request *req, struct buffer *b,
    struct chat_found *found, const struct chat_page *page, int64_t *newest);

#endif
