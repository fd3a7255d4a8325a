/*
 * store.h: the database: client, results, deadlines, one way to write.
 *
 * The store*.c files are the only ones that speak to MongoDB.  Each worker
 * has one struct store (one client of the pool, for its whole life).  Every
 * function takes the request's deadline from store_deadline() and never waits
 * beyond it.
 *
 * Database: the URI's, default "parley".  Collections: conversations and
 * archive (store_shape.h), chatsessions and chatmessages (chat_shape.h),
 * revocations, meta (epoch, barrier).
 */
#ifndef CGI_STORE_H
#define CGI_STORE_H

#include <mongoc/mongoc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cgi/settings.h"
#include "cgi/store_result.h"

struct store_shared; /* pool, database name, topology, epoch */

struct store {
	struct store_shared *shared;
	mongoc_client_t *client;
	mongoc_collection_t *conversations;
	mongoc_collection_t *archive;
	mongoc_collection_t *chat_sessions;
	mongoc_collection_t *chat_lines;
	mongoc_database_t *database;
	int64_t deadline_ms;   /* clock_steady_ms(); of this request */
	struct flight *flight; /* this worker's row in durable.c */
	struct turn *turn;     /* and in publish_order.c */
	uint64_t run;          /* of mongod, when this request began */
	uint64_t *seen;        /* keys of what was just read */
	size_t seen_count, seen_cap;
	bson_oid_t roll_oid; /* a window that store_after() rolls */
	bool roll_due;
};

/*
 * Connect, take the lock file, find the topology, build indexes, make the
 * epoch, upgrade documents of the original application, load revocations.
 * Retries a database that is not up yet for 60 s.  NULL with a sentence.
 */
struct store_shared *store_open(const struct settings *s, char why[256]);
void store_close(struct store_shared *shared);

/* One per worker. */
struct store *store_new(struct store_shared *shared);
void store_free(struct store *store);

void store_deadline(struct store *store, int64_t steady_ms);

/* 32 hex digits; changes only by store_new_epoch() (api --new-epoch). */
const char *store_epoch(const struct store *store);
bool store_new_epoch(const struct settings *s, char why[256]);

/* False on a replica set, where other hosts may write too. */
bool store_is_single(const struct store *store);

/* True when the database answers a ping within timeout_ms. */
bool store_ping(struct store *store, int64_t timeout_ms);

/* Sessions that were ended: durable, then in revoked.h. */
enum store_result store_revoke(
    struct store *store, const char *session, int64_t expires_at);

/*
 * Work left for when the answer is out: rolling a full window, now and then
 * removing the sessions of guests who stayed away.
 */
void store_after(struct store *store);

/*
 * --- for the store*.c files alone ---
 *
 * A write: enters the conversation in the tables of durable.h (key: its id)
 * and publish_order.h, runs findAndModify with the full write concern and
 * maxTimeMS, classifies the outcome, and bumps the versions of its readers:
 * both parties; of a support session "Chat:<id>", "Agents" and its owner.
 * *doc gets the document after it (yours to bson_destroy; empty where nothing
 * matched).  Returns STORE_OK (matched), STORE_ABSENT (no match), STORE_REUSED
 * (duplicate key), STORE_DOWN or STORE_UNKNOWN.
 */
struct store_write {
	mongoc_collection_t *collection;
	/* Or a support session's; NULL: no reader can see it yet. */
	const char *conversation_id;
	const bson_t *filter;
	const bson_t *update; /* operators, or an array: a pipeline */
	bool is_pipeline;
	bool is_insert;     /* update is the document; filter unused,
				 * *doc stays empty */
	const bson_t *also; /* of an insert: a second one, or NULL; mongod
			     * commits both as one */
	bool upsert;
	const char *hint; /* index name or NULL */
};
enum store_result store_write(
    struct store *store, const struct store_write *write, bson_t *doc);

/*
 * One document by filter: a local read on the primary, for decisions, or
 * with majority a client's.  STORE_OK, STORE_ABSENT or STORE_DOWN.  *doc is
 * yours to bson_destroy, always initialised.
 */
enum store_result store_find_one(struct store *store,
    mongoc_collection_t *collection, const bson_t *filter, const char *hint,
    bool majority, bson_t *doc);

/* A client's read: majority where that exists.  NULL never. */
mongoc_cursor_t *store_find(struct store *store,
    mongoc_collection_t *collection, const bson_t *filter, const bson_t *opts);

/* The same for decisions: a local read. */
mongoc_cursor_t *store_find_local(struct store *store,
    mongoc_collection_t *collection, const bson_t *filter, const bson_t *opts);

/* Count documents, at most limit (0: all), adding to *count. */
enum store_result store_count(struct store *store,
    mongoc_collection_t *collection, const bson_t *filter, const char *hint,
    int64_t limit, int64_t *count);

/*
 * What a client is to see must be durable first.  store_begin_read() forgets,
 * store_saw() enters every id of a conversation that was read (store_saw_id()
 * that of a support session), store_settle() waits for the writes under way
 * on them, and for a barrier while in doubt.
 * store_refuse() does the same for a definite refusal (or a duplicate) that
 * rests on what was read, and then gives result, or STORE_DOWN.
 */
struct conversation;
void store_begin_read(struct store *store);
void store_saw(struct store *store, const struct conversation *c);
void store_saw_id(struct store *store, const char *id);
enum store_result store_settle(struct store *store);
enum store_result store_refuse(struct store *store, enum store_result result);

/* After a cursor ended: STORE_OK, or STORE_DOWN (logged, counted). */
enum store_result store_cursor_end(mongoc_cursor_t *cursor);

/* Milliseconds this statement may take: min(limit, deadline), at least 1. */
int64_t store_time_left(const struct store *store, int64_t limit_ms);

/* The errors of libmongoc: counted, logged once, put into a result. */
enum store_result store_failed(
    const char *doing, const bson_error_t *error, bool was_write);

#endif
