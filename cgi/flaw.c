/*
 * flaw.c: see flaw.h.
 */
#include "cgi/flaw.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ws/utf8.h"

/* Text that its buffer cut may end in half a character: drop that. */
static void
drop_half_character(char *s)
{
	size_t len = strlen(s);
	size_t last = len;

	if (len == 0)
		return;
	do
		last--;
	while (last > 0 && (s[last] & 0xc0) == 0x80);
	if (utf8_length(s + last, len - last) != len - last)
		s[last] = '\0';
}

bool
flaw_set(struct flaw *flaw, enum error_code code, const char *field,
    const char *format, ...)
{
	va_list args;

	flaw->code = code;
	flaw->status = 400;
	(void)snprintf(flaw->field, sizeof(flaw->field), "%s", field);
	va_start(args, format);
	(void)vsnprintf(flaw->reason, sizeof(flaw->reason), format, args);
	va_end(args);
	drop_half_character(flaw->field);
	drop_half_character(flaw->reason);
	return false;
}
