/*
 * publish.h: what a commit tells the hub: one function for each kind of
 * change, called by the handler whose attempt wrote, after it is durable.
 *
 * Events and their data (contract, table of events), one JSON for each party,
 * as that party sees it: publish_json.h.  Frames of one conversation leave in
 * the order of their writes (publish_order.h); one that was overtaken is told
 * as "resync" in its place.  A frame that is lost costs its readers a pull,
 * never the caller his answer.
 */
#ifndef CGI_PUBLISH_H
#define CGI_PUBLISH_H

#include "cgi/request.h"
#include "cgi/store_change.h"

/* Both parties; one is 1 << enum side. */
#define BOTH_SIDES 3u

/* More new messages at once than this are told as "resync". */
#define PUBLISH_MAX 64

/*
 * LIVE_CONNECTION: the connection of the relay that makes this request, or
 * NULL: of the wrong form, or none.  It is no HTTP_ parameter, so that no
 * client can send it through nginx.
 */
const char *publish_connection(const struct request *req);

/* The newest count messages, newly stored, and what their sender has read. */
void publish_sent(struct request *req, const struct found *found, size_t count);

/* An answered offer or request; replied: the newest message is the reply. */
void publish_answered(
    struct request *req, const struct found *found, bool replied);

/* A change of this kind that was written (store_change.h). */
void publish_change(struct request *req, const struct found *found,
    enum change_kind kind, const struct changed *changed);

/* Any other visible change, to these sides. */
void publish_updated(
    struct request *req, const struct found *found, unsigned sides);

/* Gone for these sides. */
void publish_deleted(
    struct request *req, const struct found *found, unsigned sides);

/* Too much to tell one by one: both parties pull. */
void publish_resync(struct request *req, const struct found *found);

/*
 * No account has such an identity, and no field of the bus can hold it: what
 * is stored may have come from other programs.
 */
bool publish_is_nobody(const char *party);

/*
 * For the relay whose connection the request names: it is this caller's; it
 * joins this conversation, which its client knows by the id asked.  False:
 * the hub did not take it.  True without such a connection.
 */
#define HUB_AWAY "the live path does not answer, please try again"
bool publish_bind(struct request *req);
bool publish_join(
    struct request *req, const struct found *found, const char *asked);

#endif
