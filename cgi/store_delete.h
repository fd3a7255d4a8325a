/*
 * store_delete.h: an admin's purge: a tombstone, and no more messages.
 *
 * The document becomes a tombstone (its ids stay blocked for ever), then its
 * buckets are erased; a purge that a crash cut is finished at the next start.
 */
#ifndef CGI_STORE_DELETE_H
#define CGI_STORE_DELETE_H

#include "cgi/store.h"

struct caller;
struct found;

/*
 * STORE_OK (also when repeated), STORE_ABSENT, STORE_DOWN, STORE_UNKNOWN.
 * found is the conversation as it was; *erased: by this call.
 */
enum store_result store_purge(struct store *store, const struct caller *admin,
    const char *id, struct found *found, bool *erased);

/* At start: finish what was cut. */
enum store_result store_purge_resume(struct store *store);

#endif
