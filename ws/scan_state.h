/*
 * scan_state.h: where a check by scan.c stands; scan_path.c reads it.
 */
#ifndef WS_SCAN_STATE_H
#define WS_SCAN_STATE_H

#include <stdint.h>

#include "ws/scan.h"

struct level {
	char close;         /* '}' or ']' */
	bool inside;        /* at a member's value, not between members */
	uint32_t count;     /* members so far */
	uint32_t first_key; /* of this object, in struct scan's key[] */
	uint32_t key;       /* the one we are at: its first letter */
};

struct scan {
	const char *s;
	size_t len;
	size_t at;
	struct scan_flaw *flaw;
	int depth;
	struct level level[SCAN_DEPTH];
	uint32_t key_count;
	uint32_t key[SCAN_DEPTH * SCAN_KEYS]; /* first letters, open objects */
};

/* Name the place, "message.ids[2]", in a flaw's path. */
void scan_path_write(const struct scan *in, char path[SCAN_PATH_BYTES]);

#endif
