/*
 * Opening the database: the lock, the topology, the pool, and what must be
 * true before the first request is served (indexes, epoch, upgraded
 * documents, revocations).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <unistd.h>

#include "cgi/clock.h"
#include "cgi/durable.h"
#include "cgi/log.h"
#include "cgi/store_chat_adopt.h"
#include "cgi/store_delete.h"
#include "cgi/store_index.h"
#include "cgi/store_private.h"
#include "cgi/store_upgrade.h"

#define START_PATIENCE_MS 60000 /* for a database that is not up yet */
#define LOCK_PATIENCE_MS 20000  /* for our predecessor to drain */
#define RETRY_MS 100
#define HEARTBEAT_MS 500 /* how soon the driver sees that mongod is back */
#define RELOAD_MS 2000

/*
 * Where several processes on one host could meet: named by hosts and
 * database, so that any two spellings of one socket path must be the same.
 */
static void
lock_path(const struct store_shared *shared, char path[PATH_MAX])
{
	const mongoc_host_list_t *host = mongoc_uri_get_hosts(shared->uri);
	uint64_t hash = 14695981039346656037u; /* FNV-1a */
	char name[512];

	if (shared->settings->lock_file[0]) {
		snprintf(path, PATH_MAX, "%s", shared->settings->lock_file);
		return;
	}
	snprintf(
	    name, sizeof(name), "%s/%s", host->host_and_port, shared->database);
	for (const char *c = name; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 1099511628211u;
	snprintf(path, PATH_MAX, "/tmp/parley-%016llx.lock",
	    (unsigned long long)hash);
}

static bool
lock_take(struct store_shared *shared, char why[256])
{
	int64_t until = clock_steady_ms() + LOCK_PATIENCE_MS;
	char path[PATH_MAX];

	lock_path(shared, path);
	shared->lock_fd =
	    open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (shared->lock_fd < 0) {
		snprintf(why, 256, "lock_file: cannot open %.180s: %s", path,
		    strerror(errno));
		return false;
	}
	while (flock(shared->lock_fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK || clock_steady_ms() > until) {
			snprintf(why, 256,
			    "lock_file: another api serves this database "
			    "(%.150s is locked)",
			    path);
			return false;
		}
		poll(NULL, 0, RETRY_MS);
	}
	return true;
}

static bool
uri_take(struct store_shared *shared, char why[256])
{
	const struct settings *s = shared->settings;
	bson_error_t error;

	shared->uri = mongoc_uri_new_with_error(s->mongodb_uri, &error);
	if (!shared->uri) {
		snprintf(why, 256, "mongodb_uri: %.200s", error.message);
		return false;
	}
	shared->database = mongoc_uri_get_database(shared->uri);
	if (!shared->database || !shared->database[0])
		shared->database = "parley";
	mongoc_uri_set_appname(shared->uri, "parley");
	mongoc_uri_set_option_as_int32(shared->uri,
	    MONGOC_URI_SERVERSELECTIONTIMEOUTMS, (int32_t)s->selection_ms);
	mongoc_uri_set_option_as_int32(
	    shared->uri, MONGOC_URI_CONNECTTIMEOUTMS, (int32_t)s->selection_ms);
	mongoc_uri_set_option_as_int32(
	    shared->uri, MONGOC_URI_SOCKETTIMEOUTMS, (int32_t)s->socket_ms);
	mongoc_uri_set_option_as_int32(
	    shared->uri, MONGOC_URI_HEARTBEATFREQUENCYMS, HEARTBEAT_MS);
	mongoc_uri_set_option_as_int32(
	    shared->uri, MONGOC_URI_MAXPOOLSIZE, (int32_t)s->workers + 2);
	return true;
}

/* Ask until the database answers: is it a standalone? */
static bool
topology_find(struct store_shared *shared, char why[256])
{
	int64_t until = clock_steady_ms() + START_PATIENCE_MS;
	AUTO_BSON bson_t hello = BSON_INITIALIZER;
	mongoc_client_t *client = mongoc_client_new_from_uri(shared->uri);
	bson_error_t error;
	bool answered = false;

	BSON_APPEND_INT32(&hello, "hello", 1);
	while (!answered) {
		bson_t reply;

		answered = mongoc_client_command_simple(
		    client, "admin", &hello, NULL, &reply, &error);
		if (answered) {
			shared->single =
			    !bson_has_field(&reply, "setName") &&
			    !bson_has_field(&reply, "msg"); /* mongos */
			store_saw_run(&reply);
		}
		bson_destroy(&reply);
		if (answered || clock_steady_ms() > until)
			break;
		poll(NULL, 0, RETRY_MS);
	}
	mongoc_client_destroy(client);
	if (!answered)
		snprintf(
		    why, 256, "mongodb_uri: no answer: %.200s", error.message);
	return answered;
}

static void
write_concern_set(struct store_shared *shared)
{
	bson_init(&shared->write_concern);
	if (shared->single)
		BSON_APPEND_INT32(&shared->write_concern, "w", 1);
	else
		BSON_APPEND_UTF8(&shared->write_concern, "w", "majority");
	BSON_APPEND_BOOL(&shared->write_concern, "j", true);
	BSON_APPEND_INT64(
	    &shared->write_concern, "wtimeout", shared->settings->write_ms);
}

/* Other hosts end sessions too: read theirs every RELOAD_MS. */
static void *
reload_revocations(void *arg)
{
	struct store_shared *shared = arg;
	struct pollfd stop = {.fd = shared->stop_fd, .events = POLLIN};

	while (poll(&stop, 1, RELOAD_MS) == 0) {
		store_deadline(shared->own, clock_steady_ms() + RELOAD_MS);
		(void)store_revoked_load(shared->own); /* logged; again soon */
	}
	return NULL;
}

static void
heartbeat_failed(const mongoc_apm_server_heartbeat_failed_t *event)
{
	(void)event;
	durable_failing(true);
}

static void
heartbeat_succeeded(const mongoc_apm_server_heartbeat_succeeded_t *event)
{
	const struct store_shared *shared =
	    mongoc_apm_server_heartbeat_succeeded_get_context(event);

	if (shared->single) /* else it may be any member */
		store_saw_run(
		    mongoc_apm_server_heartbeat_succeeded_get_reply(event));
	durable_failing(false);
}

/* The driver's monitor sees an outage, or its end, before a request does. */
static void
watch(struct store_shared *shared)
{
	mongoc_apm_callbacks_t *callbacks = mongoc_apm_callbacks_new();

	mongoc_apm_set_server_heartbeat_failed_cb(callbacks, heartbeat_failed);
	mongoc_apm_set_server_heartbeat_succeeded_cb(
	    callbacks, heartbeat_succeeded);
	mongoc_client_pool_set_apm_callbacks(shared->pool, callbacks, shared);
	mongoc_apm_callbacks_destroy(callbacks);
}

static bool
connect_to(struct store_shared *shared, char why[256])
{
	if (!uri_take(shared, why) || !topology_find(shared, why))
		return false;
	if (shared->single && !lock_take(shared, why))
		return false;
	if (shared->single)
		mongoc_uri_set_option_as_bool(
		    shared->uri, MONGOC_URI_RETRYWRITES, false);
	write_concern_set(shared);
	shared->pool = mongoc_client_pool_new(shared->uri);
	mongoc_client_pool_set_error_api(shared->pool, 2);
	watch(shared);
	durable_init(shared->settings->doubt_ms, shared->single);
	shared->own = store_new(shared);
	return true;
}

static bool
prepare(struct store_shared *shared, char why[256])
{
	struct store *own = shared->own;

	if (!store_index_build(own->database, why) ||
	    !store_epoch_load(shared, false, why) ||
	    !store_upgrade_all(own->client, shared->database, why))
		return false;
	store_deadline(own, clock_steady_ms() + START_PATIENCE_MS);
	if (store_revoked_load(own) != STORE_OK ||
	    store_purge_resume(own) != STORE_OK ||
	    store_chat_adopt_all(own) != STORE_OK) {
		snprintf(why, 256,
		    "mongodb_uri: the database stopped "
		    "answering during the start");
		return false;
	}
	return true;
}

struct store_shared *
store_open(const struct settings *s, char why[256])
{
	struct store_shared *shared = BSON_ALIGNED_ALLOC0(struct store_shared);

	shared->settings = s;
	shared->lock_fd = -1;
	shared->stop_fd = -1;
	if (!connect_to(shared, why) || !prepare(shared, why)) {
		store_close(shared);
		return NULL;
	}
	log_info("database %s: %s", shared->database,
	    shared->single ? "a standalone mongod" : "a replica set");
	if (shared->single)
		return shared;
	shared->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (pthread_create(
		&shared->reloader, NULL, reload_revocations, shared) != 0) {
		snprintf(why, 256, "cannot start a thread");
		close(shared->stop_fd);
		shared->stop_fd = -1;
		store_close(shared);
		return NULL;
	}
	return shared;
}

void
store_close(struct store_shared *shared)
{
	if (shared->stop_fd >= 0) {
		(void)eventfd_write(shared->stop_fd, 1); /* cannot be full */
		pthread_join(shared->reloader, NULL);
		close(shared->stop_fd);
	}
	if (shared->own)
		store_free(shared->own);
	if (shared->pool) {
		mongoc_client_pool_destroy(shared->pool);
		bson_destroy(&shared->write_concern);
	}
	if (shared->uri)
		mongoc_uri_destroy(shared->uri);
	if (shared->lock_fd >= 0)
		close(shared->lock_fd);
	bson_free(shared);
}

bool
store_new_epoch(const struct settings *s, char why[256])
{
	struct store_shared *shared = BSON_ALIGNED_ALLOC0(struct store_shared);
	bool done;

	shared->settings = s;
	shared->lock_fd = -1;
	shared->stop_fd = -1;
	done = connect_to(shared, why) && store_epoch_load(shared, true, why);
	store_close(shared);
	return done;
}
