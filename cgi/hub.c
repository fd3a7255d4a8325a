/*
 * The thread that keeps the link to the hub, and what it must say when it can
 * (see hub.h).
 */
#include "cgi/hub.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "cgi/clock.h"
#include "cgi/hub_link.h"
#include "cgi/hub_counters.h"
#include "cgi/log.h"
#include "cgi/metrics.h"
#include "cgi/revoked.h"
#include "ws/bus.h"
#include "ws/frame.h"

#define RETRY_MIN_MS 100 /* between connects, and between words of "lost" */
#define RETRY_MAX_MS 1000
#define ROOM_MS 1000 /* for the next ended session */

static pthread_t thread;
static int wake_fd = -1;         /* an eventfd: something is due, or the end */
static const char *_Atomic path; /* NULL: no live path */
static atomic_bool stopping;
static atomic_bool up; /* the hub has greeted us */
static atomic_bool lost_due, revoked_due;

bool
hub_is_used(void)
{
	return path != NULL;
}

static void
wake(void)
{
	if (wake_fd >= 0)
		(void)eventfd_write(wake_fd, 1); /* cannot be full */
}

bool
hub_send(const char *frame, size_t len)
{
	return !path || hub_link_send(frame, len);
}

void
hub_lost(void)
{
	if (!path)
		return;
	metrics_count(METRIC_LIVE_LOST, 1);
	if (!atomic_exchange(&lost_due, true))
		wake();
}

static bool
send_revoke(const char *session, int64_t until)
{
	char frame[SESSION_DIGEST_BYTES + 48];
	int len = snprintf(frame, sizeof(frame), "revoke\t%s\t%lld\n", session,
	    (long long)until);

	return hub_send(frame, (size_t)len);
}

void
hub_revoke(const char *session, int64_t until)
{
	if (!send_revoke(session, until) &&
	    !atomic_exchange(&revoked_due, true))
		wake();
}

/* --- what the thread does --- */

/* Wait until the hub says something (fd -1: it cannot), or for wake(). */
static void
await(int fd, int timeout_ms)
{
	struct pollfd set[] = {
	    {.fd = wake_fd, .events = POLLIN},
	    {.fd = fd, .events = POLLIN},
	};
	eventfd_t count;

	if (poll(set, 2, timeout_ms) > 0 && set[0].revents)
		(void)eventfd_read(wake_fd, &count); /* as many as it was */
}

static void
note_greeting(void)
{
	if (!atomic_exchange(&up, true))
		log_info("the hub answers");
}

/* All packets that wait; false: the hub is gone. */
static bool
receive(int fd)
{
	static char bytes[BUS_PACKET_MAX];
	ssize_t n;

	while ((n = bus_receive(fd, bytes, sizeof(bytes))) > 0) {
		struct span packet = {bytes, (size_t)n};
		struct frame frame;

		if (!frame_next(&packet, &frame))
			continue;
		if (frame_is(&frame, 0, "hello"))
			note_greeting();
		else if (frame_is(&frame, 0, "stats"))
			hub_counters_keep(packet.at, packet.len);
	}
	return n < 0 && (errno == EAGAIN || errno == EMSGSIZE);
}

static void
say_lost(void)
{
	static const char word[] = "lost\n";

	if (atomic_exchange(&lost_due, false) &&
	    !hub_send(word, sizeof(word) - 1))
		atomic_store(&lost_due, true);
}

/*
 * More than the hub's queue holds, perhaps: wait for room, since here nobody
 * waits for us.  What does not go out is due again.
 */
static void
say_revoked(void)
{
	struct ended *all;
	size_t count, said = 0;

	if (!atomic_exchange(&revoked_due, false))
		return;
	all = revoked_copy(clock_wall_ms() / 1000, &count);
	while (said < count && !stopping) {
		if (send_revoke(all[said].session, all[said].expires_at))
			said++;
		else if (!hub_link_has_room(ROOM_MS))
			break;
	}
	free(all);
	if (said < count)
		atomic_store(&revoked_due, true);
}

/* Serve one connection until it breaks. */
static void
serve(int fd)
{
	bool due;

	atomic_store(&revoked_due, true);
	do {
		say_revoked();
		say_lost();
		due = lost_due || revoked_due;
		await(fd, due ? RETRY_MIN_MS : -1);
	} while (!stopping && receive(fd));
	hub_link_close();
}

static void *
run(void *unused)
{
	int wait_ms = RETRY_MIN_MS;
	bool told = false;

	(void)unused;
	while (!stopping) {
		int fd = hub_link_open(path, &lost_due);

		if (fd >= 0)
			serve(fd);
		else if (!told)
			log_warn("no hub answers: %s", strerror(errno));
		told = true;
		if (atomic_exchange(&up, false)) {
			wait_ms = RETRY_MIN_MS;
			log_warn("the hub is gone");
		}
		if (!stopping)
			await(-1, wait_ms);
		wait_ms *= 2;
		if (wait_ms > RETRY_MAX_MS)
			wait_ms = RETRY_MAX_MS;
	}
	return NULL;
}

bool
hub_open(const struct settings *s)
{
	int error;

	if (!*s->hub_socket)
		return true;
	wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wake_fd < 0)
		return false;
	path = s->hub_socket;
	stopping = false;
	error = pthread_create(&thread, NULL, run, NULL);
	if (error == 0)
		return true;
	(void)close(wake_fd);
	path = NULL;
	errno = error;
	return false;
}

void
hub_close(void)
{
	if (!path)
		return;
	stopping = true;
	wake();
	pthread_join(thread, NULL);
	path = NULL;
	(void)close(wake_fd);
	wake_fd = -1;
	hub_counters_release();
}

void
hub_metrics(struct buffer *b)
{
	if (!path)
		return;
	buffer_printf(b,
	    "# HELP parley_live_up Whether the hub answers.\n"
	    "# TYPE parley_live_up gauge\n"
	    "parley_live_up %d\n",
	    up ? 1 : 0);
	hub_counters_put(b);
}
