/*
 * scan_path.c: the path of a flaw, out of the keys that lie on the stack.
 */
#include "ws/scan_state.h"

#include <stdio.h>
#include <string.h>

#include "ws/json_string.h"

/* Append whole characters, controls as '?'; false if not all of them fit. */
static bool
path_put(char *path, const char *bytes, size_t len)
{
	size_t used = strlen(path);
	size_t room = SCAN_PATH_BYTES - 1 - used;
	size_t n = len < room ? len : room;

	while (n > 0 && n < len && (bytes[n] & 0xc0) == 0x80)
		n--;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)bytes[i];

		path[used + i] = c < 0x20 || c == 0x7f ? '?' : bytes[i];
	}
	path[used + n] = '\0';
	return n == len;
}

static bool
path_put_level(char *path, const struct scan *in, const struct level *level)
{
	char text[SCAN_KEY_BYTES];
	size_t len;

	if (level->close == ']') {
		len = (size_t)snprintf(text, sizeof(text), "[%lu]",
		    (unsigned long)level->count - 1);
		return path_put(path, text, len);
	}
	len = json_string_decode(in->s + level->key, text, sizeof(text));
	return path_put(path, ".", level > in->level) &&
	       path_put(path, text, len);
}

void
scan_path_write(const struct scan *in, char path[SCAN_PATH_BYTES])
{
	const struct level *end = in->level + in->depth;

	path[0] = '\0';
	for (const struct level *i = in->level; i < end && i->inside; i++)
		if (!path_put_level(path, in, i))
			break;
}
