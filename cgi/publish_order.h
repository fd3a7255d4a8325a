/*
 * publish_order.h: what writes of one conversation have to tell leaves in the
 * order of the writes.
 *
 * Our own because workers overtake each other between commit and publish
 * (125 to 150 times in 480 writes at once), and neither mongod nor the bus
 * knows which was first.  Nobody waits but for a write under way, or just
 * done, on the same conversation, and at most ORDER_WAIT_MS.  A write's place
 * is the sum of its document's changed.*: every visible write raises it.
 */
#ifndef CGI_PUBLISH_ORDER_H
#define CGI_PUBLISH_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ORDER_WAIT_MS 100

struct turn; /* a worker's: it has one write at a time */

/* One for a worker (at most 64 + the start's), for its whole life. */
struct turn *order_turn(void);

/*
 * A write on the conversation (any of its ids) leaves; its outcome is this
 * place, or 0 where it changed nothing or nobody knows.  What the worker's
 * write before has not told by now is forgotten.
 */
void order_begin(struct turn *turn, const char *conversation_id);
void order_wrote(struct turn *turn, int64_t place);

/* By which a conversation is known here: of an id, any of its ids. */
uint64_t order_key(const char *conversation_id);

/*
 * Wait until it is this write's turn.  keys: of all ids of the conversation,
 * its first id's first; rev: of the document after it.  False: a later write
 * did not wait any longer and was told first, so this must not be told.
 */
bool order_await(
    struct turn *turn, const uint64_t *keys, size_t count, int64_t rev);

/* It is told, or will not be: whoever waits for it goes on. */
void order_end(struct turn *turn);

#endif
