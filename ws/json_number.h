/*
 * json_number.h: the numbers of JSON, in place: check only.
 *
 * Within the limits of scan.h, so that every reader gets the same value.
 */
#ifndef WS_JSON_NUMBER_H
#define WS_JSON_NUMBER_H

#include <stddef.h>

enum json_number {
	NUMBER_GOOD,
	NUMBER_MALFORMED, /* not as RFC 8259, section 6, writes it */
	NUMBER_LONG,      /* more than SCAN_NUMBER_BYTES */
	NUMBER_INEXACT,   /* an integer beyond SCAN_INTEGER_MAX */
	NUMBER_INFINITE,  /* beyond what a double holds */
};

/*
 * s is its first byte; what follows it is not looked at.  *used: its bytes,
 * or those to what is wrong.
 */
enum json_number json_number_check(const char *s, size_t len, size_t *used);

#endif
