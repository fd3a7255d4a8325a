/*
 * line.c: see line.h.
 */
#include "ws/line.h"

#include <assert.h>
#include <string.h>

void
line_init(struct line_reader *reader, char *bytes, size_t cap)
{
	*reader = (struct line_reader){.bytes = bytes, .cap = cap};
}

char *
line_room(struct line_reader *reader, size_t *room)
{
	size_t left = reader->end - reader->start;

	if (reader->start > 0) {
		memmove(reader->bytes, reader->bytes + reader->start, left);
		reader->seen -= reader->start;
		reader->start = 0;
		reader->end = left;
	}
	*room = reader->cap - reader->end;
	return reader->bytes + reader->end;
}

void
line_filled(struct line_reader *reader, size_t n)
{
	assert(n <= reader->cap - reader->end);
	reader->end += n;
}

bool
line_next(struct line_reader *reader, struct span *line)
{
	char *from = reader->bytes + reader->start;
	char *lf = memchr(
	    reader->bytes + reader->seen, '\n', reader->end - reader->seen);

	if (!lf) {
		reader->seen = reader->end;
		return false;
	}
	*line = (struct span){from, (size_t)(lf - from)};
	if (line->len > 0 && lf[-1] == '\r')
		line->len--;
	reader->start = reader->seen = (size_t)(lf + 1 - reader->bytes);
	return true;
}

bool
line_is_too_long(const struct line_reader *reader)
{
	return reader->start == 0 && reader->seen == reader->cap;
}
