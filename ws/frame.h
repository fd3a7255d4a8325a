/*
 * frame.h: the lines of the bus, split into fields in place (see bus.h).
 */
#ifndef WS_FRAME_H
#define WS_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#include "ws/span.h"

#define FRAME_FIELDS 8

struct frame {
	struct span field[FRAME_FIELDS]; /* absent ones are empty */
	size_t count; /* of those present; the rest: ignored */
};

/*
 * Take the next line off *packet.  False at its end, or (with *packet set
 * empty) where what is left is no line: no LF, or a control in a field.
 */
bool frame_next(struct span *packet, struct frame *frame);

/* Is this field that word? */
bool frame_is(const struct frame *frame, size_t field, const char *word);

/* A decimal number of 1 to 18 digits; false where it is none. */
bool frame_number(const struct frame *frame, size_t field, long long *n);

#endif
