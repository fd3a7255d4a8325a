/*
 * log.c: see log.h.
 *
 * A line is built whole and leaves in one write(2), so that lines of several
 * threads do not mix.
 */
#include "cgi/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cgi/clock.h"

#define LINE_BYTES 1000
#define TEXT_BYTES 900

static size_t
put_escaped(char *line, size_t at, const char *text)
{
	static const char hex[] = "0123456789abcdef";

	for (; *text && at + 5 < LINE_BYTES; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= 0x20 && c != 0x7f) {
			line[at++] = (char)c;
			continue;
		}
		line[at++] = '\\';
		line[at++] = 'x';
		line[at++] = hex[c >> 4];
		line[at++] = hex[c & 15];
	}
	return at;
}

static void
put_line(const char *level, const char *format, va_list args)
{
	char line[LINE_BYTES];
	char text[TEXT_BYTES];
	char now[ISO_BYTES];
	size_t at;

	(void)vsnprintf(text, sizeof(text), format, args);
	iso_write(now, clock_wall_ms());
	at = (size_t)snprintf(line, sizeof(line), "%s %s: ", now, level);
	at = put_escaped(line, at, text);
	line[at++] = '\n';
	if (write(STDERR_FILENO, line, at) < 0)
		return; /* there is nowhere to tell it */
}

void
log_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_line("info", format, args);
	va_end(args);
}

void
log_warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_line("warn", format, args);
	va_end(args);
}

void
log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_line("error", format, args);
	va_end(args);
}
