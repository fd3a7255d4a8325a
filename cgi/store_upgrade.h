/*
 * store_upgrade.h: documents of the original application become ours.
 *
 * They are those without v.  What becomes of one is upgrade.h's; here they
 * are found and replaced, each in one statement that changes only what is
 * still as it was read.  Full buckets go to the archive first, so a kill at
 * any point leaves documents that are old or new, never between.
 */
#ifndef CGI_STORE_UPGRADE_H
#define CGI_STORE_UPGRADE_H

#include <mongoc/mongoc.h>
#include <stdbool.h>

#include "cgi/store_result.h"

/*
 * Upgrade all of them, at start, before serving (the indexes exist).  Logs
 * progress, and what it could not keep together.  Memory stays bounded.
 * False with a sentence when the database fails; what is done stays done.
 */
bool store_upgrade_all(
    mongoc_client_t *client, const char *database, char why[256]);

/*
 * One that arrived later, by its id.  STORE_OK: there was one, and it is
 * upgraded (perhaps by another process); STORE_ABSENT; STORE_DOWN.
 */
enum store_result store_upgrade_late(mongoc_collection_t *conversations,
    mongoc_collection_t *archive, const char *id);

#endif
