/*
 * durable.h: what is visible is durable (design: "visible implies durable").
 *
 * On a standalone mongod a write can be read before its journal flush, and a
 * kill then takes it back.  So every write is entered here before it leaves;
 * a read, once it has its result, waits for the writes of the conversations
 * that it returns.  And while in doubt (from start, and from any write with
 * an unknown outcome, until doubt_ms after mongod next answered) every read
 * ends with a barrier: a real journaled write that began after the read,
 * shared among concurrent reads.  On a replica set majority reads do all
 * this, and only refusals need the barrier.
 */
#ifndef CGI_DURABLE_H
#define CGI_DURABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flight; /* a worker's write under way: there is at most one */

/* A row for a worker (at most 64 + the start's). */
struct flight *durable_flight(void);

/* A write on the conversation id leaves / its outcome is known or unknown. */
void durable_begin(struct flight *flight, const char *conversation_id);
void durable_end(struct flight *flight, bool outcome_known);

/*
 * Wait until the writes under way now on this conversation (any of its ids;
 * the hashes of durable_key()) have ended.  False after steady_deadline_ms.
 */
uint64_t durable_key(const char *conversation_id);
bool durable_wait(
    const uint64_t *keys, size_t count, int64_t steady_deadline_ms);

/*
 * Doubt: begins, and whether it lasts.  The database answered just now.  What
 * is in doubt was not published: hub.h is told so.
 */
void durable_doubt(void);
bool durable_in_doubt(void);
void durable_answered(void);

/* Whether the database fails to answer: set by its monitor and by errors. */
void durable_failing(bool yes);
bool durable_is_failing(void);

void durable_init(int64_t doubt_ms, bool single);

/*
 * Which run of mongod answers: a number that grows whenever durable_saw_run()
 * is told of another process.  What was read from one run is not made durable
 * by a barrier in the next, so a read compares before and after.
 */
#define DURABLE_RUN_BYTES 25 /* an ObjectId in hex */
void durable_saw_run(const char process[DURABLE_RUN_BYTES]);
uint64_t durable_run(void);

/*
 * Run write once for all that call this while none has begun; each caller
 * returns after a run that began after its call.  False if that run failed
 * or the deadline passed.
 */
bool durable_barrier(
    bool (*write)(void *), void *arg, int64_t steady_deadline_ms);

#endif
