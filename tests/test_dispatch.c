/*
 * Connections and workers: a whole dispatcher on a socket of its own, with a
 * worker that answers "ok", and this test as its FastCGI peer.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cgi/clock.h"
#include "cgi/dispatch.h"
#include "cgi/record.h"

#define WORKERS 2
#define MANY 40

static struct settings settings = {
    .workers = WORKERS, .handler_ms = 5000, .peer_ms = 5000};
static char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
static pthread_t dispatcher;
static int result;
static atomic_int serving; /* requests in a handler */
static atomic_int reloads;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER; /* of slow ones */

/* --- the worker --- */

static void *
open_worker(void *shared)
{
	return shared;
}

static bool
serve(void *state, FCGX_Request *fcgi)
{
	struct iovec part = {(char[]){"ok"}, 2};
	const char *how = FCGX_GetParam("HOW", fcgi->envp);

	(void)state;
	if (how && strcmp(how, "slow") == 0) {
		serving++;
		pthread_mutex_lock(&gate);
		pthread_mutex_unlock(&gate);
	}
	while (FCGX_GetChar(fcgi->in) != EOF)
		continue;
	return record_send(fcgi->ipcFd, fcgi->requestId, &part, 1, true);
}

static void
nothing(void *state)
{
	(void)state;
}

static void
reload(void *shared)
{
	cr_expect_eq(shared, &settings);
	reloads++;
}

static const struct dispatch_worker worker = {
    open_worker, serve, nothing, nothing, &settings, reload};

static void *
run(void *listener)
{
	result = dispatch_run(*(int *)listener, &settings, &worker);
	return NULL;
}

static void
start(void)
{
	static int listener;

	dispatch_block_signals();
	snprintf(path, sizeof(path), "/tmp/parley-test-%d.sock", (int)getpid());
	listener = dispatch_listen(path);
	cr_assert_geq(listener, 0, "%s", strerror(errno));
	cr_assert_eq(pthread_create(&dispatcher, NULL, run, &listener), 0);
}

static void
stop(void)
{
	kill(getpid(), SIGTERM);
	pthread_join(dispatcher, NULL);
	unlink(path);
}

TestSuite(dispatch, .init = start);

/* --- the peer --- */

static void
join_by(int fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	memcpy(address.sun_path, path, sizeof(path));
	cr_assert_eq(
	    connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
}

static int
join(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	join_by(fd);
	return fd;
}

#define BEGIN_BYTES 16

/* BEGIN that keeps the connection, HOW=slow or fast, and an empty body. */
static void
ask(int fd, const char *how)
{
	static const unsigned char begin[BEGIN_BYTES] = {
	    1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 1};
	static const unsigned char ends[] = {
	    1, 4, 0, 1, 0, 0, 0, 0, 1, 5, 0, 1, 0, 0, 0, 0};
	unsigned char params[] = {
	    1, 4, 0, 1, 0, 9, 0, 0, 3, 4, 'H', 'O', 'W', 0, 0, 0, 0};
	struct iovec part[] = {{(void *)begin, sizeof(begin)},
	    {params, sizeof(params)}, {(void *)ends, sizeof(ends)}};

	memcpy(params + 13, how, 4);
	cr_assert_gt(writev(fd, part, 3), 0);
}

static bool
is_answered(int fd)
{
	unsigned char got[8 + 2 + 8 + 16];

	return recv(fd, got, sizeof(got), MSG_WAITALL) == sizeof(got) &&
	       memcmp(got + 8, "ok", 2) == 0;
}

static bool
is_closed(int fd)
{
	char c;

	return recv(fd, &c, 1, 0) <= 0;
}

/* Hold so many requests in their handlers until the gate is opened. */
static void
occupy(int fd[], int count)
{
	pthread_mutex_lock(&gate);
	for (int i = 0; i < count; i++) {
		fd[i] = join();
		ask(fd[i], "slow");
	}
	while (serving < count)
		sched_yield();
}

Test(dispatch, idle_connections_that_are_kept_pin_no_worker)
{
	int fd[MANY];

	for (int i = 0; i < MANY; i++) {
		fd[i] = join();
		ask(fd[i], "fast");
		cr_expect(is_answered(fd[i]));
	}
	for (int i = 0; i < MANY; i++) {
		ask(fd[i], "fast");
		cr_expect(is_answered(fd[i]));
	}
	stop();
	cr_expect_eq(result, 0);
}

Test(dispatch, what_has_arrived_when_the_signal_comes_is_answered)
{
	int slow[WORKERS], late[MANY], idle = join();

	occupy(slow, WORKERS);
	for (int i = 0; i < MANY; i++) {
		late[i] = join();
		ask(late[i], "fast");
	}
	kill(getpid(), SIGTERM);
	pthread_mutex_unlock(&gate);
	for (int i = 0; i < WORKERS; i++)
		cr_expect(is_answered(slow[i]));
	for (int i = 0; i < MANY; i++)
		cr_expect(is_answered(late[i]));
	pthread_join(dispatcher, NULL);
	cr_expect_eq(result, 0);
	unlink(path);
	close(idle);
}

Test(dispatch, a_hangup_reloads_and_ends_nothing)
{
	int fd = join();

	for (int i = 1; i <= 2; i++) {
		kill(getpid(), SIGHUP);
		while (reloads < i)
			sched_yield();
		ask(fd, "fast");
		cr_expect(is_answered(fd));
	}
	stop();
	cr_expect_eq(result, 0);
	cr_expect_eq(reloads, 2);
}

Test(dispatch, a_handler_that_does_not_end_delays_the_end_only_so_long)
{
	int slow[1];

	settings.handler_ms = 0;
	occupy(slow, 1);
	kill(getpid(), SIGTERM);
	pthread_join(dispatcher, NULL);
	cr_expect_eq(result, -1);
	unlink(path);
	pthread_mutex_unlock(&gate);
}

Test(dispatch, nobody_can_join_after_the_end)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), before = join();

	ask(before, "fast");
	cr_expect(is_answered(before));
	kill(getpid(), SIGTERM);
	pthread_join(dispatcher, NULL);
	memcpy(address.sun_path, path, sizeof(path));
	cr_expect_eq(
	    connect(fd, (struct sockaddr *)&address, sizeof(address)), -1);
	cr_expect_eq(errno, ECONNREFUSED);
	unlink(path);
}

Test(dispatch, a_peer_that_makes_no_sense_is_closed)
{
	static const char texts[][BEGIN_BYTES] = {"GET / HTTP/1.0",
	    {1, 1, 0, 1, 0, 7}, {1, 4, 0, 1}, {2, 1, 0, 1, 0, 8},
	    {1, 1, 0, 1, 0, 8, 0, 0, 0, 9}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		int fd = join();

		cr_assert_gt(write(fd, texts[i], sizeof(texts[i])), 0);
		shutdown(fd, SHUT_WR);
		cr_expect(is_closed(fd));
	}
	stop();
	cr_expect_eq(result, 0);
}

static void
start_impatient(void)
{
	settings.peer_ms = 50;
	start();
}

TestSuite(impatient, .init = start_impatient);

Test(impatient, a_peer_that_only_begins_is_closed_in_time)
{
	static const char begin[BEGIN_BYTES] = {
	    1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 1};
	int fd[MANY], other;

	for (int i = 0; i < MANY; i++) {
		fd[i] = join();
		cr_assert_gt(write(fd[i], begin, sizeof(begin)), 0);
	}
	other = join();
	ask(other, "fast");
	for (int i = 0; i < MANY; i++)
		cr_expect(is_closed(fd[i]));
	cr_expect(is_answered(other));
	stop();
}

Test(dispatch, parameters_that_are_cut_off_are_not_served)
{
	static const char cut[] = {1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 1, 0, 0, 0, 0,
	    0, 1, 4, 0, 1, 0, 18, 0, 0, 3, 4, 'H', 'O', 'W', 'f', 'a', 's',
	    't'};
	int fd = join();

	cr_assert_gt(write(fd, cut, sizeof(cut)), 0);
	shutdown(fd, SHUT_WR);
	cr_expect(is_closed(fd));
	stop();
}

/* No descriptor above those in use; returns the limit before. */
static struct rlimit
exhaust(void)
{
	int next = dup(STDIN_FILENO);
	struct rlimit before, none;

	close(next);
	getrlimit(RLIMIT_NOFILE, &before);
	none = before;
	none.rlim_cur = (rlim_t)next;
	setrlimit(RLIMIT_NOFILE, &none);
	return before;
}

Test(dispatch, without_descriptors_newcomers_wait_and_others_are_served)
{
	struct rlimit before;
	int fd[MANY], newcomer;

	for (int i = 0; i < MANY; i++) {
		fd[i] = join();
		ask(fd[i], "fast");
		cr_assert(is_answered(fd[i]));
	}
	newcomer = socket(AF_UNIX, SOCK_STREAM, 0);
	before = exhaust();
	join_by(newcomer);
	ask(newcomer, "fast");
	for (int i = 0; i < MANY; i++) {
		ask(fd[i], "fast");
		cr_expect(is_answered(fd[i]));
	}
	setrlimit(RLIMIT_NOFILE, &before);
	cr_expect(is_answered(newcomer));
	stop();
}

/* --- the listener --- */

Test(listen, a_live_socket_is_not_stolen_and_a_dead_one_is)
{
	int fd;
	struct stat st;

	snprintf(path, sizeof(path), "/tmp/parley-test-%d.sock", (int)getpid());
	fd = dispatch_listen(path);
	cr_assert_geq(fd, 0);
	cr_expect_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0660);
	cr_expect_eq(dispatch_listen(path), -1);
	cr_expect_eq(errno, EADDRINUSE);
	close(fd);
	fd = dispatch_listen(path);
	cr_expect_geq(fd, 0);
	close(fd);
	unlink(path);
}

Test(listen, a_socket_with_a_full_queue_is_live)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(path, sizeof(path), "/tmp/parley-test-%d.sock", (int)getpid());
	memcpy(address.sun_path, path, sizeof(path));
	cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	cr_assert_eq(listen(fd, 0), 0);
	join();
	cr_expect_eq(dispatch_listen(path), -1);
	cr_expect_eq(errno, EADDRINUSE);
	unlink(path);
}

Test(listen, a_file_is_left_alone)
{
	FILE *file;
	struct stat st;

	snprintf(path, sizeof(path), "/tmp/parley-test-%d.file", (int)getpid());
	file = fopen(path, "w");
	cr_assert_not_null(file);
	fclose(file);
	cr_expect_eq(dispatch_listen(path), -1);
	cr_expect_eq(errno, ENOTSOCK);
	cr_expect_eq(stat(path, &st), 0);
	unlink(path);
}

Test(listen, a_path_that_is_too_long_is_refused)
{
	char longer[256];

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	cr_expect_eq(dispatch_listen(longer), -1);
	cr_expect_eq(errno, ENAMETOOLONG);
}
