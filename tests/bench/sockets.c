/*
 * sockets.c: many clients of the live socket in one cheap process, for
 * "make bench".  Ends with its input.
 *
 *	sockets native|socketio PORT
 *
 * Commands are lines of standard input; all but the first two are answered by
 * a line of JSON when they are done.  See the table, and swarm.h.
 */
#include <err.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/swarm.h"

#define LINE_BYTES 8192

static void
who(const char *token)
{
	if (!swarm_add(token))
		errx(2, "too many clients");
}

static void
route(const char *arguments)
{
	struct route r;

	if (sscanf(arguments, "%d %d %d %128s", &r.sender, &r.first, &r.count,
		r.conversation) != 4 ||
	    !swarm_route(&r))
		errx(2, "this is no route: %s", arguments);
}

static void
open_all(const char *parallel)
{
	swarm_open(atoi(parallel));
}

static void
join_all(const char *none)
{
	(void)none;
	swarm_join();
}

static void
send_all(const char *arguments)
{
	int count, window;

	if (sscanf(arguments, "%d %d", &count, &window) != 2 || window < 1)
		errx(2, "send COUNT WINDOW, not: %s", arguments);
	swarm_send(count, window);
}

static void
gone(const char *none)
{
	(void)none;
}

static const struct command {
	const char *name;
	void (*run)(const char *arguments);
	bool is_answered;
} commands[] = {
    {"who", who, false},      /* TOKEN: one more client, numbered from 0 */
    {"route", route, false},  /* SENDER FIRST COUNT CONVERSATION */
    {"open", open_all, true}, /* PARALLEL */
    {"join", join_all, true}, {"send", send_all, true}, /* COUNT WINDOW */
    {"gone", gone, true}, /* who was dropped meanwhile? */
};

static int
compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static double
now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
report(double seconds)
{
	uint32_t *us = outcome.latency_us;
	int n = outcome.done;

	qsort(us, (size_t)n, sizeof(us[0]), compare);
	printf("{\"done\":%d,\"failed\":%d,\"gone\":%d,\"deliveries\":%ld,"
	       "\"seconds\":%.6f,\"p50\":%u,\"p99\":%u}\n",
	    n, outcome.failed, outcome.gone, outcome.deliveries, seconds,
	    n ? us[n / 2] : 0, n ? us[n * 99 / 100] : 0);
	fflush(stdout);
}

static void
command_run(char *line)
{
	char *arguments = line + strcspn(line, " ");
	double began = now_s();

	if (*arguments)
		*arguments++ = '\0';
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(line, commands[i].name) != 0)
			continue;
		swarm_begin();
		commands[i].run(arguments);
		if (commands[i].is_answered)
			report(now_s() - began);
		return;
	}
	errx(2, "no such command: %s", line);
}

/* Take what came, and run its whole lines; false at the end of the input. */
static bool
input_read(void)
{
	static char input[LINE_BYTES];
	static size_t have;
	ssize_t got = read(0, input + have, sizeof(input) - have);
	char *line = input, *end;

	if (got <= 0)
		return false;
	have += (size_t)got;
	while ((end = memchr(line, '\n', have - (size_t)(line - input)))) {
		*end = '\0';
		command_run(line);
		line = end + 1;
	}
	have -= (size_t)(line - input);
	memmove(input, line, have);
	if (have == sizeof(input))
		errx(2, "a line is too long");
	return true;
}

static void
raise_descriptors(void)
{
	struct rlimit files;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

int
main(int argc, char **argv)
{
	struct pollfd wait[2] = {{.fd = 0, .events = POLLIN}};

	if (argc != 3 || !swarm_init(argv[1], (uint16_t)atoi(argv[2])))
		errx(2, "usage: sockets native|socketio PORT");
	raise_descriptors();

	wait[1] = (struct pollfd){.fd = swarm_descriptor(), .events = POLLIN};
	while (poll(wait, 2, -1) > 0) {
		if (wait[1].revents)
			swarm_serve(0);
		if (wait[0].revents && !input_read())
			return 0;
	}
	return 1;
}
