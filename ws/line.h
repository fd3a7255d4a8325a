/*
 * line.h: lines out of a stream of bytes that may come glued or cut.
 *
 * The buffer is the owner's.  A line is what precedes an LF (a CR before it
 * is dropped); the longest has cap bytes, its LF included.  What follows the
 * last LF at the end of the stream is no line.
 */
#ifndef WS_LINE_H
#define WS_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "ws/span.h"

struct line_reader {
	char *bytes;
	size_t cap;
	size_t start, end; /* what was read and not yet taken */
	size_t seen;       /* searched for an LF up to here */
};

void line_init(struct line_reader *reader, char *bytes, size_t cap);

/* Where to read to, and how much fits: at least 1 where no line is left, and
 * none is too long. */
char *line_room(struct line_reader *reader, size_t *room);
void line_filled(struct line_reader *reader, size_t n);

/* The next whole line, lent until line_room(). */
bool line_next(struct line_reader *reader, struct span *line);

/* Is the buffer full without a line in it? */
bool line_is_too_long(const struct line_reader *reader);

#endif
