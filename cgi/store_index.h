/*
 * store_index.h: the indexes, each with the query that needs it.
 *
 * Built at start, before the first request; those that exist are left alone,
 * and so are indexes that are not ours (the original application's).
 */
#ifndef CGI_STORE_INDEX_H
#define CGI_STORE_INDEX_H

#include <mongoc/mongoc.h>
#include <stdbool.h>

/*
 * Build what is missing.  False with a sentence: an index of one of our names
 * exists with other keys or options, two documents hold what must be unique,
 * or the database does not answer.
 */
bool store_index_build(mongoc_database_t *database, char why[256]);

#endif
