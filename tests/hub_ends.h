/*
 * hub_ends.h: the hub's own loop in a thread, and the test as its relays and
 * its api, over real sockets.  "Nothing came" is asked after something that
 * came later has been heard, never after a wait.
 */
#ifndef TESTS_HUB_ENDS_H
#define TESTS_HUB_ENDS_H

#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "ws/hub.h"

#define PATIENCE_MS 20000 /* of the test; nothing takes that long */
#define FAR 9999999999LL  /* seconds */
#define ENDS 64

struct end {
	int fd;
	char id[BUS_CONNECTION_BYTES];
	char packet[BUS_FRAME_MAX + 1];
	char *rest; /* lines not yet heard */
};

static struct hub hub;
static struct hub_options options = {.queue_bytes = 256 * 1024,
    .account_connections = 32,
    .joins = 256,
    .offline_ms = 3000,
    .typing_ms = 5000,
    .resync_ms = 0,
    .last_seen = 100,
    .stall_ms = 30000,
    .farewell_ms = 5000};
static char folder[] = "/tmp/parley-hub-XXXXXX";
static char relays[64], publish[64];
static pthread_t thread;
static struct end api;

/* time(3) may lag behind by a tick. */
static inline long long
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec;
}

/* --- both ends --- */

static inline void
open_end(struct end *end, const char *path)
{
	end->fd = bus_connect(path);
	cr_assert_geq(end->fd, 0, "%s: %s", path, strerror(errno));
	end->rest = NULL;
}

/* The next packet, lent; its length, 0: the hub has closed. */
static inline size_t
hear_packet(struct end *end)
{
	struct pollfd readable = {end->fd, POLLIN, 0};
	ssize_t n;

	cr_assert_eq(poll(&readable, 1, PATIENCE_MS), 1, "nothing came");
	n = bus_receive(end->fd, end->packet, sizeof(end->packet) - 1);
	if (n < 0)
		n = 0;
	end->packet[n] = '\0';
	end->rest = end->packet;
	return (size_t)n;
}

/* The next line, lent; "(closed)" where there comes none any more. */
static inline const char *
hear(struct end *end)
{
	char *line = end->rest;
	char *stop;

	if (!line || !*line) {
		if (hear_packet(end) == 0)
			return "(closed)";
		line = end->rest;
	}
	stop = strchr(line, '\n');
	cr_assert_not_null(stop, "no line: %s", line);
	*stop = '\0';
	end->rest = stop + 1;
	return line;
}

static inline void
expect_line(struct end *end, const char *line, int source_line)
{
	const char *got = hear(end);

	cr_expect_str_eq(
	    got, line, "line %d: %s, not %s", source_line, got, line);
}

#define EXPECT(end, line) expect_line(end, line, __LINE__)

static inline bool
has_nothing(struct end *end)
{
	struct pollfd readable = {end->fd, POLLIN, 0};

	return (!end->rest || !*end->rest) && poll(&readable, 1, 0) == 0;
}

__attribute__((format(printf, 2, 3))) static inline void
say(struct end *end, const char *format, ...)
{
	char text[4096];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	while (bus_send(end->fd, text, (size_t)n) < 0) {
		struct pollfd writable = {end->fd, POLLOUT, 0};

		cr_assert_eq(errno, EAGAIN);
		cr_assert_eq(poll(&writable, 1, PATIENCE_MS), 1);
	}
}

/* --- the hub --- */

static inline void *
run(void *arg)
{
	hub_loop_run(&hub);
	return arg;
}

static inline void
raise_descriptors(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static inline void
start_alone(void)
{
	char why[256];

	raise_descriptors();
	cr_assert(mkdtemp(folder));
	snprintf(relays, sizeof(relays), "%s/relays", folder);
	snprintf(publish, sizeof(publish), "%s/publish", folder);
	options.relays = relays;
	options.publish = publish;
	cr_assert(hub_loop_open(&hub, &options, why), "%s", why);
	cr_assert_eq(pthread_create(&thread, NULL, run, NULL), 0);
}

static inline void
connect_api(struct end *end)
{
	open_end(end, publish);
	EXPECT(end, "hello\t1");
	say(end, "api\t1\n");
}

static inline void
start(void)
{
	start_alone();
	connect_api(&api);
}

/* SIGTERM is all that it takes; and then its counters may be read. */
static inline void
stop_hub(void)
{
	kill(getpid(), SIGTERM);
	cr_assert_eq(pthread_join(thread, NULL), 0);
}

static inline void
stop(void)
{
	if (!hub.is_stopping)
		stop_hub();
	unlink(relays);
	unlink(publish);
	rmdir(folder);
}

/* --- relays --- */

static inline void
connect_relay(struct end *end)
{
	char id[64] = "";

	open_end(end, relays);
	cr_assert_eq(sscanf(hear(end), "hello 1 %63s", id), 1);
	cr_assert_eq(strlen(id), 32);
	cr_assert_eq(strspn(id, "0123456789abcdef"), 32);
	strcpy(end->id, id);
	say(end, "relay\t1\tnative\n");
}

/* To identities parted by tabs; the session is named for the first. */
static inline void
bind_relay(struct end *end, const char *ids)
{
	say(&api, "bind\t%s\t%lld\tsession-%.*s\t%s\t{\"ids\":[]}\n", end->id,
	    FAR, (int)strcspn(ids, "\t"), ids, ids);
}

/* Connected and bound, to identities parted by tabs. */
static inline struct end *
relay(const char *ids)
{
	static struct end ends[ENDS];
	static size_t used;
	struct end *end = &ends[used++];

	cr_assert_leq(used, ENDS);
	connect_relay(end);
	bind_relay(end, ids);
	EXPECT(end, "bound\t{\"ids\":[]}");
	return end;
}

static inline void
join(struct end *end, const char *conversation, const char *role)
{
	say(&api, "join\t%s\t%s\t%s\t%s\tann\tbob\n", end->id, conversation,
	    conversation, role);
}

/* Everything that the api has said before has been done by now. */
static inline void
settle(void)
{
	struct end end = {0};

	connect_relay(&end);
	say(&api, "bind\t%s\t%lld\ts\tsettle\t1\n", end.id, FAR);
	EXPECT(&end, "bound\t1");
	close(end.fd);
}

/* One of the counters that were told last. */
static inline long
counted(const char *name)
{
	char line[128];
	const char *at;

	snprintf(line, sizeof(line), "\nparley_live_%s ", name);
	at = strstr(api.packet, line);
	cr_assert_not_null(at, "%s in:\n%s", name, api.packet);
	return atol(at + strlen(line));
}

/* The same after what was heard so far: older tellings are passed over. */
static inline long
counter(const char *name)
{
	while (bus_receive(api.fd, api.packet, sizeof(api.packet)) > 0)
		continue;
	cr_assert_gt(hear_packet(&api), 0);
	cr_assert_eq(strncmp(api.packet, "stats\n", 6), 0);
	api.rest = NULL;
	return counted(name);
}

#endif
