/*
 * However a stream is cut, its lines are those that one sees in it whole, up
 * to the first that does not fit.  Input: cap, size of a piece, the stream.
 */
#include "tests/fuzz.h"

#include "ws/line.h"

/* The next line as one sees it in the whole stream. */
static bool
next_seen(struct span *stream, size_t cap, struct span *line)
{
	const char *lf =
	    stream->len > 0 ? memchr(stream->at, '\n', stream->len) : NULL;
	size_t len = lf ? (size_t)(lf - stream->at) : 0;

	if (!lf || len + 1 > cap)
		return false;
	*line = (struct span){stream->at, len};
	line->len -= len > 0 && lf[-1] == '\r';
	stream->at += len + 1;
	stream->len -= len + 1;
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span input = {(const char *)data, size};
	size_t cap = 1 + take_number(&input, 1);
	size_t piece = 1 + take_number(&input, 1);
	struct span seen = input, line, wanted;
	char *bytes = malloc(cap);
	struct line_reader reader;

	assert(bytes);
	line_init(&reader, bytes, cap);
	while (input.len > 0 && !line_is_too_long(&reader)) {
		size_t room, n = piece < input.len ? piece : input.len;
		char *to = line_room(&reader, &room);

		assert(room > 0);
		n = n < room ? n : room;
		memcpy(to, input.at, n);
		line_filled(&reader, n);
		input.at += n;
		input.len -= n;
		while (line_next(&reader, &line)) {
			assert(next_seen(&seen, cap, &wanted));
			assert(line.len == wanted.len &&
			       memcmp(line.at, wanted.at, line.len) == 0);
		}
	}
	assert(!next_seen(&seen, cap, &wanted));
	assert(line_is_too_long(&reader) == (seen.len >= cap));
	free(bytes);
	return 0;
}
