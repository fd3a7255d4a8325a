/*
 * chat_asker.h: who asks the support chat, his session, and its refusals.
 *
 * An agent (role agent or admin) is never a visitor: he opens any session by
 * its id, and makes none.  These functions return 0, or the status of the
 * refusal that they replied.
 */
#ifndef CGI_CHAT_ASKER_H
#define CGI_CHAT_ASKER_H

#include "cgi/reply.h"
#include "cgi/request.h"
#include "cgi/store_chat.h"

bool chat_is_agent(const struct caller *caller);

/*
 * Who asks.  Where a token comes with a guest's cookie, the guest's sessions
 * are the account's from then on, and the cookie is cleared.
 */
int chat_asker_take(
    struct chat_asker *asker, struct request *req, struct reply *out);

/* The asker's active session, made where there is none and he may make one. */
int chat_open(struct request *req, struct reply *out,
    const struct chat_asker *asker, const char *user_name,
    struct chat_found *found);

/* What a visitor is called: by his token, else as he says; "" = not at all. */
const char *chat_name(const struct request *req, const char *user_name);

/* reply_store() in the words of the support chat. */
int chat_refuse(struct reply *out, enum store_result result);
int chat_refuse_stranger(struct reply *out);

#endif
