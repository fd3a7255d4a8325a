/*
 * main.c: the api: settings, database, workers, and an orderly end.
 *
 * The socket is opened last: until everything is ready nginx finds nobody
 * there and says so.  A failure at start is one sentence and exit status 1.
 * What a worker does with a request is worker.c's.
 */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cgi/bot.h"
#include "cgi/dispatch.h"
#include "cgi/hub.h"
#include "cgi/jwt.h"
#include "cgi/limits.h"
#include "cgi/log.h"
#include "cgi/route.h"
#include "cgi/settings.h"
#include "cgi/store.h"
#include "cgi/worker.h"

#define VERSION "0.1.0"
#define WHY_BYTES 256
#define RULES_WHY_BYTES (WHY_BYTES + 256)
#define ARENAS 2                 /* of malloc */
#define LARGE_BYTES (512 * 1024) /* goes back to the kernel when freed */

static int
fail(const char *doing, const char *why)
{
	fprintf(stderr, "api: %s%s\n", doing, why);
	return EXIT_FAILURE;
}

/* libmongoc tells every heartbeat; what failed comes back as errors. */
static void
log_of_driver(mongoc_log_level_t level, const char *domain, const char *text,
    void *unused)
{
	(void)unused;
	if (level <= MONGOC_LOG_LEVEL_WARNING)
		log_warn("%s: %s", domain, text);
}

/* False with one sentence: the line that is broken, and the file. */
static bool
load_rules(const struct settings *s, char why[RULES_WHY_BYTES])
{
	char wrong[WHY_BYTES];

	if (bot_load(s->chat_rules, wrong))
		return true;
	(void)snprintf(
	    why, RULES_WHY_BYTES, "%s, in %.200s", wrong, s->chat_rules);
	return false;
}

static void
reload(void *arg)
{
	const struct worker_shared *shared = arg;
	char why[RULES_WHY_BYTES];

	if (load_rules(shared->service.settings, why))
		log_info("the bot's rules were read again");
	else
		log_error("chat_rules: %s; the rules of before stay", why);
}

static int
listen_and_serve(struct worker_shared *shared)
{
	const struct settings *s = shared->service.settings;
	struct dispatch_worker worker = {worker_open, worker_serve,
	    worker_after, worker_close, shared, reload};
	int listener = dispatch_listen(s->listen);

	if (listener < 0)
		return fail(errno == EADDRINUSE
				? "another api answers on its socket: "
				: "cannot listen on its socket: ",
		    strerror(errno));
	log_info("serving with %ld workers", s->workers);
	if (dispatch_run(listener, s, &worker) == 0) {
		log_info("all requests answered, leaving");
		return EXIT_SUCCESS;
	}
	if (errno == ETIMEDOUT) {
		log_error("some requests did not end in time, leaving");
		_exit(EXIT_FAILURE); /* their threads still use everything */
	}
	return fail("cannot start the workers: ", strerror(errno));
}

static void
limits_open(struct service *service)
{
	const struct settings *s = service->settings;

	service->limits =
	    limits_new(s->rate_messages, s->rate_seconds, s->rate_burst);
	service->chat_lines = limits_new(
	    s->chat_rate_messages, s->chat_rate_seconds, s->chat_rate_burst);
	service->chat_sessions =
	    limits_new(s->chat_rate_sessions, 60, s->chat_rate_sessions);
}

static void
limits_close(struct service *service)
{
	limits_free(service->limits);
	limits_free(service->chat_lines);
	limits_free(service->chat_sessions);
}

static int
serve(const struct settings *s)
{
	struct worker_shared shared = {.service.settings = s};
	char why[RULES_WHY_BYTES];
	struct jwt_keys *keys = jwt_keys_new(s, why);
	int status;

	if (!keys)
		return fail("", why);
	if (!load_rules(s, why))
		return fail("chat_rules: ", why);
	shared.store = store_open(s, why);
	if (!shared.store)
		return fail("", why);
	shared.service.keys = keys;
	limits_open(&shared.service);

	status = hub_open(s) ? listen_and_serve(&shared)
			     : fail("cannot start the thread of the hub: ",
				   strerror(errno));

	hub_close();
	store_close(shared.store);
	limits_close(&shared.service);
	bot_release();
	jwt_keys_free(keys);
	return status;
}

static int
new_epoch(const struct settings *s)
{
	char why[WHY_BYTES];

	return store_new_epoch(s, why) ? EXIT_SUCCESS : fail("", why);
}

/*
 * Few answers are large, but each worker would keep room for the largest that
 * it ever gave: 75 MB in all, against 42 under such a load and 28 after it.
 */
static void
limit_memory(void)
{
	(void)mallopt(M_ARENA_MAX, ARENAS);
	(void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
	(void)mallopt(M_TRIM_THRESHOLD, LARGE_BYTES);
}

/* What needs the settings and the database. */
static int
with_settings(int (*run)(const struct settings *))
{
	struct settings settings;
	char why[WHY_BYTES];
	int status;

	if (!settings_take(&settings, why))
		return fail("", why);
	limit_memory();
	mongoc_log_set_handler(log_of_driver, NULL); /* before its first word */
	mongoc_init();
	status = run(&settings);
	mongoc_cleanup();
	return status;
}

static int
help(void)
{
	puts("usage: api [option]\n"
	     "Serve Parley's REST interface over FastCGI.  Settings come from\n"
	     "the environment and the file named by PARLEY_CONFIG.\n"
	     "  --new-epoch  tell all clients to forget what they hold: the\n"
	     "               last step of a restore from a backup\n"
	     "  --routes     print the endpoints\n"
	     "  --settings   print the settings as a Markdown table\n"
	     "  --version    print the version\n"
	     "  --help       print this");
	return EXIT_SUCCESS;
}

static int
version(void)
{
	puts("parley api " VERSION);
	return EXIT_SUCCESS;
}

static int
print_routes(void)
{
	route_print(stdout);
	return EXIT_SUCCESS;
}

static int
print_settings(void)
{
	settings_print(stdout);
	return EXIT_SUCCESS;
}

static int
serve_option(void)
{
	return with_settings(serve);
}

static int
new_epoch_option(void)
{
	return with_settings(new_epoch);
}

/*
 * libmongoc has made a shared memory segment for its counters before main();
 * without its name it goes with us, also when we are killed.
 */
static void
unlink_counters(void)
{
	char name[32];

	snprintf(name, sizeof(name), "/mongoc-%d", (int)getpid());
	(void)shm_unlink(name); /* there is none where it is switched off */
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(void);
	} options[] = {
	    {"--help", help},
	    {"--version", version},
	    {"--routes", print_routes},
	    {"--settings", print_settings},
	    {"--new-epoch", new_epoch_option},
	};

	unlink_counters();
	dispatch_block_signals();
	if (argc == 1)
		return serve_option();
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (argc == 2 && strcmp(argv[1], options[i].name) == 0)
			return options[i].run();
	return fail("unknown option, see --help: ", argv[1]);
}
