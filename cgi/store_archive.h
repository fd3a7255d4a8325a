/*
 * store_archive.h: messages that have left the window of a conversation.
 *
 * Bucket k of a conversation holds exactly its messages 32k+1 .. 32k+32.  A
 * roll copies the oldest complete 32 of the window into their bucket, then
 * takes them out of the window under a guard on archivedSeq; a crash between
 * leaves them in both places, and a copy in the window always outranks the
 * bucket's.  Messages pending in the copy stay in the window until a later
 * roll, which first writes their final state into their bucket.
 */
#ifndef CGI_STORE_ARCHIVE_H
#define CGI_STORE_ARCHIVE_H

#include "cgi/store.h"
#include "cgi/store_shape.h"

/* Roll windows until none is due.  Any crash in between is harmless. */
enum store_result store_roll(struct store *store, const bson_oid_t *oid);

/*
 * The archived message of this sender and id.  STORE_OK with *bucket (yours
 * to bson_destroy) that lends *m; STORE_ABSENT; STORE_DOWN.  *bucket is
 * always initialised.
 */
enum store_result store_archive_find(struct store *store, const bson_oid_t *oid,
    enum side sender, const struct message_id *id, bson_t *bucket,
    struct stored_message *m);

/*
 * The ordinal of side's last message up to seq (0 < seq <= archivedSeq):
 * ordinals never change, so this needs no guard.
 */
enum store_result store_archive_ordinal(struct store *store,
    const bson_oid_t *oid, enum side side, int64_t seq, int64_t *n);

/* Raise *seq to the highest archived one of these ids of this sender. */
enum store_result store_archive_highest(struct store *store,
    const bson_oid_t *oid, enum side sender, const struct message_id *ids,
    size_t count, int64_t *seq);

/* {_id: {c, k}}: bucket k. */
void append_bucket_id(bson_t *filter, const bson_oid_t *oid, int64_t k);

/* Erase all buckets (of a purged conversation). */
enum store_result store_archive_erase(
    struct store *store, const bson_oid_t *oid);

#endif
