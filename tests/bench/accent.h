/*
 * accent.h: what a client says and hears in each dialect of the live socket.
 */
#ifndef BENCH_ACCENT_H
#define BENCH_ACCENT_H

#include <stddef.h>

struct accent {
	const char *name, *path;

	/* Write an event; ack < 0: none is asked for. */
	void (*event)(
	    char *out, size_t cap, const char *name, const char *data, int ack);

	/* How a text of the server's begins that is one. */
	const char *ready, *message, *ack, *error, *refusal;

	/* What the protocol wants to have answered, and how. */
	struct {
		const char *said, *answer;
	} reply[2];
};

/* NULL where there is no such dialect. */
const struct accent *accent_find(const char *name);

#endif
