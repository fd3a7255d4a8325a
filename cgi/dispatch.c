/*
 * dispatch.c: see dispatch.h; the listener is made in dispatch_listen.c.
 *
 * libfcgi only reads requests here.  It never accepts (its listener is -1)
 * and closes only the connection of a peer that it cannot understand, told by
 * "detached" to do so without select(2), which fails from descriptor 1024 on.
 */
#include "cgi/dispatch.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cgi/log.h"

#define WORKERS_MAX 64
#define STACK_BYTES (2 * 1024 * 1024) /* thread sanitizers take 800 KiB */
#define REST_MS 100   /* of the listener, where descriptors ran out */
#define GRACE_MS 1000 /* of a worker, beyond the time of its request */

struct dispatch {
	int listener;
	int set;  /* epoll: listener, stop, and every connection */
	int stop; /* eventfd: readable from the signal on; nobody reads it */
	struct timeval peer_time;
	const struct dispatch_worker *worker;
	atomic_int failed; /* errno of what could not start */
	atomic_bool told;  /* that connections cannot be accepted */
};

/* What one worker thread is doing. */
struct turn {
	struct dispatch *dispatch;
	void *state;
	FCGX_Request fcgi;
	bool resting; /* this worker owes the listener its next shot */
	bool stopping;
};

static int
arm(const struct dispatch *d, int operation, int fd)
{
	struct epoll_event event = {EPOLLIN | EPOLLONESHOT, {.fd = fd}};

	return epoll_ctl(d->set, operation, fd, &event);
}

/* Returns 0 where there may be more to accept, or -1 with errno. */
static int
accept_one(const struct dispatch *d)
{
	int fd = accept4(d->listener, NULL, NULL, SOCK_CLOEXEC);
	const struct timeval *limit = &d->peer_time;

	if (fd < 0)
		return errno == ECONNABORTED || errno == EINTR ? 0 : -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, limit, sizeof(*limit)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, limit, sizeof(*limit)) ||
	    arm(d, EPOLL_CTL_ADD, fd))
		close(fd);
	return 0;
}

/*
 * One connection for each shot.  Without descriptors the listener would be
 * readable for ever; so it gets its next shot later, by this worker.
 */
static void
take_connection(struct turn *t)
{
	struct dispatch *d = t->dispatch;

	if (accept_one(d) < 0 && errno != EAGAIN) {
		if (!atomic_exchange(&d->told, true))
			log_warn(
			    "cannot accept: %s (told once)", strerror(errno));
		t->resting = true;
		return;
	}
	(void)arm(d, EPOLL_CTL_MOD, d->listener); /* fails once we stop */
}

static void
serve_connection(struct turn *t, int fd)
{
	const struct dispatch_worker *worker = t->dispatch->worker;
	FCGX_Request *fcgi = &t->fcgi;
	bool keep;

	fcgi->ipcFd = fd;
	fcgi->keepConnection = 1;
	fcgi->detached = 1;
	if (FCGX_Accept_r(fcgi) != 0)
		return; /* it closed fd: the peer has left, or makes no sense */

	/* libfcgi takes parameters that were cut off for all there are. */
	keep = FCGX_GetError(fcgi->in) == 0 && worker->serve(t->state, fcgi) &&
	       fcgi->keepConnection;
	FCGX_Free(fcgi, 0);
	if (!keep || t->stopping || arm(t->dispatch, EPOLL_CTL_MOD, fd) < 0)
		close(fd);
	worker->after(t->state);
}

/* True if it was about a connection. */
static bool
handle(struct turn *t, int fd)
{
	if (fd == t->dispatch->stop)
		t->stopping = true;
	else if (fd == t->dispatch->listener)
		take_connection(t);
	else
		serve_connection(t, fd);
	return fd != t->dispatch->stop;
}

/*
 * One event at a time, so that no request waits behind another while a worker
 * is free.  Once we stop, the eventfd is always among the events: when there
 * is no other beside it, all that had arrived is answered.
 */
static void
take_turns(struct turn *t)
{
	const struct dispatch *d = t->dispatch;
	bool busy = true;

	while (busy || !t->stopping) {
		struct epoll_event event[2];
		int limit = t->stopping ? 2 : 1;
		int timeout = t->stopping ? 0 : t->resting ? REST_MS : -1;
		int n = epoll_wait(d->set, event, limit, timeout);

		if (t->resting)
			(void)arm(d, EPOLL_CTL_MOD, d->listener);
		t->resting = false;
		busy = !t->stopping;
		for (int i = 0; i < n; i++)
			if (handle(t, event[i].data.fd))
				busy = true;
	}
}

static void *
run_worker(void *arg)
{
	struct dispatch *d = arg;
	struct turn turn = {.dispatch = d};

	turn.state = d->worker->open(d->worker->shared);
	if (!turn.state) {
		d->failed = ENOMEM;
		(void)kill(getpid(), SIGTERM);
		return NULL;
	}
	(void)FCGX_InitRequest(&turn.fcgi, -1, 0);
	take_turns(&turn);
	d->worker->close(turn.state);
	return NULL;
}

/* --- start and stop --- */

/* Returns how many were started: fewer than wanted with errno. */
static long
start_workers(struct dispatch *d, pthread_t thread[WORKERS_MAX], long wanted)
{
	pthread_attr_t attr;
	long started = 0;
	int error = pthread_attr_init(&attr);

	if (error == 0)
		error = pthread_attr_setstacksize(&attr, STACK_BYTES);
	while (error == 0 && started < wanted) {
		error = pthread_create(&thread[started], &attr, run_worker, d);
		started += error == 0;
	}
	(void)pthread_attr_destroy(&attr);
	errno = error;
	return started;
}

/* What waits to be accepted has perhaps sent its request: it counts too. */
static void
stop_workers(struct dispatch *d)
{
	uint64_t one = 1;

	(void)epoll_ctl(d->set, EPOLL_CTL_DEL, d->listener, NULL);
	while (accept_one(d) == 0)
		continue;
	(void)shutdown(d->listener, SHUT_RDWR);
	if (write(d->stop, &one, sizeof(one)) != sizeof(one))
		assert(!"an eventfd takes its first number");
}

static void
wait_for_end(const struct dispatch_worker *worker)
{
	while (dispatch_wait_signal() == SIGHUP)
		worker->reload(worker->shared);
}

static int
join_workers(const pthread_t *thread, long count, long limit_ms)
{
	struct timespec until;
	int error = 0;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += (limit_ms + GRACE_MS) / 1000;
	for (long i = 0; i < count && error == 0; i++)
		error = pthread_timedjoin_np(thread[i], NULL, &until);
	errno = error;
	return error ? -1 : 0;
}

static int
open_set(struct dispatch *d)
{
	struct epoll_event stop = {.events = EPOLLIN};

	d->set = epoll_create1(EPOLL_CLOEXEC);
	d->stop = eventfd(0, EFD_CLOEXEC);
	stop.data.fd = d->stop;
	if (d->set < 0 || d->stop < 0)
		return -1;
	if (epoll_ctl(d->set, EPOLL_CTL_ADD, d->stop, &stop) < 0)
		return -1;
	return arm(d, EPOLL_CTL_ADD, d->listener);
}

int
dispatch_run(int listener, const struct settings *s,
    const struct dispatch_worker *worker)
{
	struct dispatch d = {
	    .listener = listener,
	    .peer_time = {s->peer_ms / 1000, s->peer_ms % 1000 * 1000},
	    .worker = worker,
	};
	pthread_t thread[WORKERS_MAX];
	long started;

	assert(s->workers <= WORKERS_MAX);
	if (FCGX_Init() != 0 || open_set(&d) < 0)
		return -1;

	dispatch_started();
	started = start_workers(&d, thread, s->workers);
	if (started == s->workers)
		wait_for_end(worker);
	else
		d.failed = errno;
	stop_workers(&d);
	if (join_workers(thread, started, s->handler_ms) < 0)
		return -1;

	(void)close(d.stop);
	(void)close(d.set);
	errno = d.failed;
	return errno ? -1 : 0;
}
