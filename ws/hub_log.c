/*
 * hub_log.c: see hub_log.h.
 */
#include "ws/hub_log.h"

#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES 512 /* less than PIPE_BUF: whole, or not at all */

static bool
may_log(time_t now)
{
	static time_t second;
	static int lines;

	if (second != now)
		lines = 0;
	second = now;
	return ++lines <= HUB_LOG_PER_SECOND;
}

/* A pipe is writable when PIPE_BUF bytes fit. */
static bool
would_wait(void)
{
	struct pollfd err = {STDERR_FILENO, POLLOUT, 0};

	return poll(&err, 1, 0) != 1 || !(err.revents & POLLOUT);
}

void
hub_log(const char *format, ...)
{
	char line[LINE_BYTES];
	time_t now = time(NULL);
	struct tm utc;
	size_t at;
	int n;
	va_list args;

	if (!may_log(now) || would_wait() || !gmtime_r(&now, &utc))
		return;
	at = strftime(line, sizeof(line), "%Y-%m-%dT%H:%M:%SZ hub: ", &utc);
	va_start(args, format);
	n = vsnprintf(line + at, sizeof(line) - at, format, args);
	va_end(args);
	if (n < 0)
		return;
	at += (size_t)n;
	if (at >= sizeof(line))
		at = sizeof(line) - 1;
	line[at++] = '\n';
	if (write(STDERR_FILENO, line, at) < 0)
		return; /* there is nowhere to tell it */
}
