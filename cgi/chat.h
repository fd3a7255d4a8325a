/*
 * chat.h: the resource /api/chat: a visitor's lines, his history, and the
 * desk of those who answer.
 *
 *	POST  /api/chat {message, messageId?, userId?, userName?, sessionId?}
 *	  {"success":true,"response":s,"sessionId":s,"messageId":id,"seq":n,
 *	   "duplicate":b}
 *	GET   /api/chat/history?sessionId=|userId=&before=&limit=
 *	  {"success":true,"messages":[{id,seq,text,sender,timestamp,isRead}],
 *	   "count":n,"sessionId":s|null}
 *	GET   /api/chat/sessions?status=&waiting=&claimed=&limit=&cursor=
 *	  {"success":true,"sessions":[...],"count":n,"counts":{...},"next":s}
 *	PATCH /api/chat/sessions {sessionId, status} or {sessionId, claim:true}
 *	  {"success":true,"session":{...}}
 *	POST  /api/chat/live: for relays alone: opens, binds, joins; see
 *	  chat_live.c
 *
 * A visitor is an account or a guest; an agent is role agent or admin.
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

/* Who asks; a guest's session is handed over first where both are there. */
enum store_result chat_asker_take(
    struct chat_asker *asker, struct request *req, struct reply *out);

#endif
