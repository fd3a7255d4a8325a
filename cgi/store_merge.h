/*
 * store_merge.h: a whole thread as a client holds it, merged into ours.
 *
 * Merging never removes or rewrites: messages of the caller's role with
 * unknown ids are appended in their order, in batches of APPEND_MAX; known
 * ids stay as they are stored; what the other party said is not looked at.
 */
#ifndef CGI_STORE_MERGE_H
#define CGI_STORE_MERGE_H

#include <json-c/linkhash.h>

#include "cgi/store_append.h"

/* Ids of one sender: canonical texts, yours to lh_table_free(). */
struct lh_table *ids_new(void);
bool ids_has(struct lh_table *ids, const struct message_id *id);
void ids_add(struct lh_table *ids, const struct message_id *id);

/* Add to known those of ids that side has used in c.  STORE_OK, STORE_DOWN. */
enum store_result store_known_ids(struct store *store,
    const struct conversation *c, enum side side, const struct message_id *ids,
    size_t count, struct lh_table *known);

struct merge {
	const struct message *messages;
	size_t count;
	/* Told of each batch, the newest count of found, when it is stored. */
	void (*stored)(void *arg, const struct found *found, size_t count);
	void *arg;
};

/*
 * Append those of messages that are unknown; *stored gets their number.
 * found is the conversation as it was looked at, then as it is after.
 * STORE_OK, STORE_FULL (too many would wait for an answer; nothing written),
 * STORE_ABSENT, STORE_BUSY, STORE_DOWN, STORE_UNKNOWN.
 */
enum store_result store_merge(struct store *store, const struct caller *caller,
    const struct merge *merge, struct found *found, size_t *stored);

#endif
