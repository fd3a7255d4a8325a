/*
 * publish.h: what a commit tells the hub: one function for each kind of
 * change, called by the handler whose attempt wrote, after it is durable.
 *
 * Events and their data (contract, table of events), one JSON for each party,
 * as that party sees it:
 *	conversation:new-message {conversationId, message, conversation}
 *	conversation:updated {conversationId, rev, conversation}
 *	conversation:read {conversationId, messageIds, readBy, seq}
 *	conversation:delivered {conversationId, seq}
 *	message:status {conversationId, messageId, status, seq}
 *	conversations:deleted {conversationId}
 * "conversation" has all fields but messages and pending.  Frames of one
 * conversation leave in the order of rev (publish_order.h).  A frame that is
 * lost costs its readers a pull, never the caller his answer.
 */
#ifndef CGI_PUBLISH_H
#define CGI_PUBLISH_H

#include "cgi/request.h"
#include "cgi/store_look.h"

/* Does this request come from a relay, and of which connection? */
const char *publish_connection(const struct request *req);

/* A message newly stored, to both parties. */
void publish_message(const struct request *req, const struct found *found,
    const struct stored_message *message);

/* Any other visible change, to the parties of sides (1 << enum side). */
void publish_updated(
    const struct request *req, const struct found *found, unsigned sides);

/*
 * side has read, or received, up to its mark now; before that the mark was at
 * from.  Nothing where nothing turned.
 */
void publish_read(const struct request *req, const struct found *found,
    enum side side, int64_t from);
void publish_delivered(const struct request *req, const struct found *found,
    enum side side, int64_t from);

/* Gone for the caller's side, or (both sides) purged. */
void publish_deleted(
    const struct request *req, const struct found *found, unsigned sides);

/*
 * For the relay whose connection the request names: it is this caller's; it
 * joins this conversation by the id asked.  False: the hub did not take it.
 */
bool publish_bind(struct request *req);
bool publish_join(
    struct request *req, const struct found *found, const char *asked);

/* The session ended: its open sockets end too. */
void publish_revoke(const char *session, int64_t until);

#endif
