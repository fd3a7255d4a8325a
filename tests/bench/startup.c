/*
 * startup.c: how long a program takes from its start to its first output, for
 * "make bench".
 *
 *	startup COUNT PROGRAM [ARGUMENT...]
 *
 * The program gets pipes, as websocketd gives them, and our environment; it is
 * ended by the end of its input.  Prints one line of JSON.
 */
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COUNT_MAX 10000

static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

/* vfork(), as Go and posix_spawn(3) do: our own size shall not count. */
static pid_t
start(char **argv, int in[2], int out[2])
{
	pid_t pid = vfork();

	if (pid != 0)
		return pid;
	dup2(in[0], 0);
	dup2(out[1], 1);
	close(in[0]);
	close(in[1]);
	close(out[0]);
	close(out[1]);
	execv(argv[0], argv);
	_exit(127);
}

static uint32_t
measure(char **argv)
{
	int in[2], out[2], status;
	int64_t began_us, took_us;
	char first[4096];
	pid_t pid;

	if (pipe(in) < 0 || pipe(out) < 0)
		err(2, "pipe");
	began_us = now_us();
	pid = start(argv, in, out);
	if (pid < 0)
		err(2, "vfork");
	close(in[0]);
	close(out[1]);
	if (read(out[0], first, sizeof(first)) <= 0)
		errx(1, "%s said nothing", argv[0]);
	took_us = now_us() - began_us;

	close(in[1]);
	close(out[0]);
	waitpid(pid, &status, 0);
	return (uint32_t)took_us;
}

static int
compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
	static uint32_t us[COUNT_MAX];
	int n = argc > 2 ? atoi(argv[1]) : 0;

	if (n < 1 || n > COUNT_MAX)
		errx(2, "usage: startup COUNT PROGRAM [ARGUMENT...]");
	for (int i = 0; i < n; i++)
		us[i] = measure(argv + 2);
	qsort(us, (size_t)n, sizeof(us[0]), compare);
	printf("{\"done\":%d,\"p50\":%u,\"p99\":%u}\n", n, us[n / 2],
	    us[n * 99 / 100]);
	return 0;
}
