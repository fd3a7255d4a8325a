/*
 * store_private.h: what store.c and store_open.c share, and nobody else.
 */
#ifndef CGI_STORE_PRIVATE_H
#define CGI_STORE_PRIVATE_H

#include <pthread.h>

#include "cgi/auto.h"
#include "cgi/store.h"

AUTO_DEFINE(auto_cursor, mongoc_cursor_t, mongoc_cursor_destroy)
AUTO_DEFINE(auto_collection, mongoc_collection_t, mongoc_collection_destroy)

struct store_shared {
	const struct settings *settings;
	mongoc_uri_t *uri;
	mongoc_client_pool_t *pool;
	const char *database;
	bool single; /* a standalone: design 4.5 applies */
	char epoch[33];
	int lock_fd; /* held for life; -1 on a replica set */
	bson_t write_concern;
	struct store *own;  /* for the start, and for the thread below */
	pthread_t reloader; /* of revocations; on a replica set only */
	int stop_fd;        /* an eventfd that ends it */
};

/* Tell durable.h which process answered {hello: 1} (mongod 4.4 and later). */
void store_saw_run(const bson_t *hello);

/* Read or make the epoch (store_session.c); fresh: always make one. */
bool store_epoch_load(struct store_shared *shared, bool fresh, char why[256]);

/* Fill revoked.h with the sessions that are still valid but ended. */
enum store_result store_revoked_load(struct store *store);

#endif
