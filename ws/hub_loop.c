/*
 * hub_loop.c: the turns of the hub, see hub.h.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "ws/hub.h"
#include "ws/hub_log.h"

#define EVENTS_MAX 256
#define ACCEPTS_PER_TURN 64
#define REST_MS 100 /* of the listeners, where descriptors ran out */
#define WHY_BYTES 256

static int
watch(struct hub *hub, struct watch *watch, int operation, uint32_t events)
{
	struct epoll_event event = {events, {.ptr = watch}};

	return epoll_ctl(hub->set, operation, watch->fd, &event);
}

static void
watch_listeners(struct hub *hub, uint32_t events)
{
	/* They are in the set, so this cannot fail. */
	(void)watch(hub, &hub->relays, EPOLL_CTL_MOD, events);
	(void)watch(hub, &hub->publishers, EPOLL_CTL_MOD, events);
}

static void
end_rest(struct timer *timer)
{
	watch_listeners(LIST_ITEM(timer, struct hub, rest), EPOLLIN);
}

/*
 * Without descriptors a listener would be readable for ever.  It is looked at
 * again after a while, because they may come back without one of ours closing.
 */
static void
rest(struct hub *hub)
{
	if (!hub->is_full)
		hub_log("cannot accept: %s", strerror(errno));
	hub->is_full = true;
	watch_listeners(hub, 0);
	timer_set(&hub->timers, &hub->rest, hub->timers.now_ms + REST_MS);
}

/* The next client, -1 where there is none now. */
static int
accept_next(struct hub *hub, const struct watch *listener)
{
	int fd;

	do
		fd = bus_accept(listener->fd);
	while (fd < 0 && (errno == ECONNABORTED || errno == EINTR));
	if (fd < 0 && errno == EAGAIN)
		hub->is_full = false;
	else if (fd < 0)
		rest(hub);
	return fd;
}

static void
accept_relays(struct hub *hub, struct watch *listener, uint32_t events)
{
	(void)events;
	for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
		int fd = accept_next(hub, listener);

		if (fd < 0)
			return;
		hub_client_new(hub, fd, false);
	}
}

static void
accept_publishers(struct hub *hub, struct watch *listener, uint32_t events)
{
	int fd = accept_next(hub, listener);

	(void)events;
	if (fd < 0)
		return;
	if (bus_peer_is_own(fd)) {
		hub_client_new(hub, fd, true);
		return;
	}
	hub_log("a stranger tried to publish: closed");
	(void)close(fd);
}

static void
stop(struct hub *hub, struct watch *signals, uint32_t events)
{
	(void)signals;
	(void)events;
	hub->is_stopping = true;
}

/* --- open --- */

static bool
fail(char why[WHY_BYTES], const char *doing, const char *what)
{
	(void)snprintf(
	    why, WHY_BYTES, "%s %s: %s", doing, what, strerror(errno));
	return false;
}

static bool
open_path(struct hub *hub, struct watch *listener, const char *path,
    mode_t mode, char why[WHY_BYTES])
{
	listener->fd = bus_listen(path, mode);
	if (listener->fd < 0)
		return fail(why, "cannot listen on", path);
	if (watch(hub, listener, EPOLL_CTL_ADD, EPOLLIN) < 0)
		return fail(why, "cannot watch", path);
	return true;
}

static bool
open_signals(struct hub *hub, char why[WHY_BYTES])
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	hub->signals.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (hub->signals.fd < 0 ||
	    watch(hub, &hub->signals, EPOLL_CTL_ADD, EPOLLIN) < 0)
		return fail(why, "cannot wait for", "signals");
	return true;
}

bool
hub_loop_open(
    struct hub *hub, const struct hub_options *options, char why[WHY_BYTES])
{
	struct rooms_limits limits = {
	    .joins = options->joins,
	    .offline_ms = options->offline_ms,
	    .typing_ms = options->typing_ms,
	    .last_seen = options->last_seen,
	};

	*hub = (struct hub){
	    .options = *options,
	    .relays.ready = accept_relays,
	    .publishers.ready = accept_publishers,
	    .signals.ready = stop,
	    .rest.fire = end_rest,
	};
	list_init(&hub->relay_list);
	list_init(&hub->publisher_list);
	list_init(&hub->due);
	list_init(&hub->leaving);
	list_init(&hub->ended_list);
	rooms_init(&hub->rooms, &limits, &hub->timers, hub_connection_put);
	hub->set = epoll_create1(EPOLL_CLOEXEC);
	if (hub->set < 0)
		return fail(why, "cannot make", "an epoll set");
	return open_signals(hub, why) &&
	       open_path(hub, &hub->publishers, options->publish, 0600, why) &&
	       open_path(hub, &hub->relays, options->relays, 0660, why);
}

void
hub_loop_run(struct hub *hub)
{
	struct epoll_event event[EVENTS_MAX];

	timers_look(&hub->timers);
	while (!hub->is_stopping) {
		int n = epoll_wait(
		    hub->set, event, EVENTS_MAX, timers_wait_ms(&hub->timers));

		timers_look(&hub->timers);
		for (int i = 0; i < n; i++) {
			struct watch *of = event[i].data.ptr;

			of->ready(hub, of, event[i].events);
		}
		timers_fire(&hub->timers);
		hub_flush(hub);
		hub_bury(hub);
	}
}
