/*
 * store_create.h: opening a conversation: found by id, found by its triple,
 * or made.
 *
 * One conversation per (listing, customer, seller), by a unique index on the
 * triple; further ids become aliases under the unique index on ids.  An id
 * that belongs to strangers is not touched: the new conversation gets an id
 * made here.
 */
#ifndef CGI_STORE_CREATE_H
#define CGI_STORE_CREATE_H

#include "cgi/store_look.h"

/*
 * STORE_OK (it was there), STORE_CREATED, STORE_FORBIDDEN (he may not create
 * it), STORE_BUSY, STORE_DOWN, STORE_UNKNOWN.  The triple is complete and the
 * caller is a party of it, or an admin.
 */
enum store_result store_open_thread(struct store *store,
    const struct caller *caller, const struct thread_request *request,
    struct found *found);

/*
 * What a POST of a conversation that is there may still change: the caller's
 * own name, the listing (its seller or an admin), and that the caller no
 * longer hides it.  Writes only where something differs.
 */
enum store_result store_refresh(struct store *store,
    const struct caller *caller, const struct thread_request *request,
    struct found *found);

#endif
