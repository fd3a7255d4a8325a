/*
 * frame.c: lines of the bus, split in place; see frame.h.
 */
#include "ws/frame.h"

#include <assert.h>
#include <string.h>

#define NUMBER_DIGITS 18 /* as many as fit into long long, whatever they are */

static bool
has_control(struct span line)
{
	for (size_t i = 0; i < line.len; i++)
		if ((unsigned char)line.at[i] < 0x20 && line.at[i] != '\t')
			return true;
	return false;
}

static void
split(struct span line, struct frame *frame)
{
	const char *at = line.at, *end = line.at + line.len;

	memset(frame, 0, sizeof(*frame));
	while (frame->count < FRAME_FIELDS) {
		const char *tab = memchr(at, '\t', (size_t)(end - at));
		const char *stop = tab ? tab : end;

		frame->field[frame->count++] =
		    (struct span){at, (size_t)(stop - at)};
		if (!tab)
			return;
		at = tab + 1;
	}
}

bool
frame_next(struct span *packet, struct frame *frame)
{
	const char *end =
	    packet->len ? memchr(packet->at, '\n', packet->len) : NULL;
	struct span line = {packet->at, 0};

	if (end)
		line.len = (size_t)(end - packet->at);
	if (!end || has_control(line)) {
		packet->len = 0;
		return false;
	}
	packet->at += line.len + 1;
	packet->len -= line.len + 1;
	split(line, frame);
	return true;
}

bool
frame_is(const struct frame *frame, size_t field, const char *word)
{
	const struct span *f = &frame->field[field];
	size_t len = strlen(word);

	assert(field < FRAME_FIELDS);
	return f->len == len && memcmp(f->at ? f->at : "", word, len) == 0;
}

bool
frame_number(const struct frame *frame, size_t field, long long *n)
{
	const struct span *f = &frame->field[field];

	assert(field < FRAME_FIELDS);
	if (f->len == 0 || f->len > NUMBER_DIGITS)
		return false;
	*n = 0;
	for (size_t i = 0; i < f->len; i++) {
		if (f->at[i] < '0' || f->at[i] > '9')
			return false;
		*n = *n * 10 + (f->at[i] - '0');
	}
	return true;
}
