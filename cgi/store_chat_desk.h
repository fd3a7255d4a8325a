/*
 * store_chat_desk.h: what agents change of a session: who answers, its status.
 *
 * A claim is a lease of CHAT_LEASE_MS that each line of the agent renews; it
 * and his lines silence the bot until the session is closed.  Closing (and
 * archiving) ends the claim, and frees the owner's place for an active one.
 *
 * Both give found as it is afterwards, and whether it was another before.
 * STORE_OK, STORE_ABSENT, STORE_DOWN, STORE_UNKNOWN.
 */
#ifndef CGI_STORE_CHAT_DESK_H
#define CGI_STORE_CHAT_DESK_H

#include "cgi/store_chat.h"

/* One winner.  Also STORE_ANSWERED: another's lease holds. */
enum store_result store_chat_claim(struct store *store, const char *agent,
    const char *id, struct chat_found *found, bool *changed);

/* Also STORE_REUSED: its owner has another active session. */
enum store_result store_chat_set_status(struct store *store, const char *id,
    enum chat_status status, struct chat_found *found, bool *changed);

#endif
