/*
 * upgrade.h: what becomes of one document of the original application.
 *
 * Pure: a document in, documents out (store_shape.h tells their shape).
 *
 * - id stays; one that no client can name becomes the _id in hex.  Parties
 *   are normalised, names cut, vehicleId an integer or text, fields that we
 *   do not know stay.
 * - Repeats of a message (sender, id, text) are one: the first, with what
 *   its copies know of status and reading.  The same id with another text,
 *   or none that a client may send, gets the id parley-o<seq>.
 * - seq and rev count the messages, in their order in the document.
 * - Offers and test drives without status are pending, the newest 8 a party;
 *   older ones expired.
 * - Read marks follow the flags, else the messages that were read.
 */
#ifndef CGI_UPGRADE_H
#define CGI_UPGRADE_H

#include <bson/bson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct upgrade {
	bson_t *document;
	bson_t **buckets; /* for the archive, in order */
	size_t bucket_count;
	size_t repeated; /* copies of messages that were dropped */
};

/*
 * Fill *up, which upgrade_release() empties.  False (nothing to release)
 * where _id is no ObjectId: not of the original application.
 */
bool upgrade_conversation(
    struct upgrade *up, const bson_t *original, int64_t now_ms);
void upgrade_release(struct upgrade *up);

/*
 * The same document for a place that is taken: without its key (another
 * conversation has the same listing and parties), and also with the _id in
 * hex as its only id (another has its id).  Yours to bson_destroy.
 */
bson_t *upgrade_without_key(const bson_t *document);
bson_t *upgrade_with_own_id(const bson_t *document);

#endif
