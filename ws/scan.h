/*
 * scan.h: the strict JSON check that runs before anything else reads input.
 *
 * Our own because json-c 0.16, even strict, lets through duplicate keys, raw
 * controls, surrogates, overlong UTF-8, NaN, -0123 and integers that do not
 * fit (facts of the tests in tests/test_scan.c).  No allocation, one pass,
 * shared by the api and, on sockets, by the relay.
 *
 * Accepts RFC 8259 texts that are one object or array, with: valid UTF-8;
 * no \u0000, lone surrogate or raw control; no key twice in one object; at
 * most SCAN_DEPTH levels, SCAN_KEYS keys an object, SCAN_KEY_BYTES a decoded
 * key; integers within +-(2^53-1); other numbers finite and at most
 * SCAN_NUMBER_BYTES long.
 */
#ifndef WS_SCAN_H
#define WS_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#define SCAN_DEPTH 8
#define SCAN_KEYS 128
#define SCAN_KEY_BYTES 128
#define SCAN_NUMBER_BYTES 64
#define SCAN_PATH_BYTES 128

#define SCAN_INTEGER_MAX 9007199254740991LL

struct scan_flaw {
	const char *reason;         /* static: "a key appears twice" */
	bool malformed;             /* no JSON; else JSON beyond a limit */
	size_t offset;              /* byte where it was seen */
	char path[SCAN_PATH_BYTES]; /* "message.payload", cut if longer */
};

/* True if s is such a text; else false and *flaw filled. */
bool scan_check(const char *s, size_t len, struct scan_flaw *flaw);

#endif
