/*
 * clock.h: times as the contract writes them, and deadlines.
 *
 * Wall times are milliseconds since 1970 (int64_t, *_ms) and on the wire
 * "2026-11-24T08:00:00.000Z", which sorts as text.
 */
#ifndef CGI_CLOCK_H
#define CGI_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ISO_BYTES 25 /* with its NUL */

int64_t clock_wall_ms(void);
int64_t clock_steady_ms(void); /* CLOCK_MONOTONIC: for deadlines */
int64_t clock_steady_us(void);

void iso_write(char out[ISO_BYTES], int64_t wall_ms);

/*
 * Read an ISO 8601 time: YYYY-MM-DDTHH:MM[:SS[.fraction]] and Z or +HH:MM.
 * False when it is none, or outside the years 1970 to 9999.
 */
bool iso_read(const char *s, size_t len, int64_t *wall_ms);

/* "YYYY-MM-DD" that exists, and "HH:MM". */
bool date_is_valid(const char *s, size_t len);
bool time_is_valid(const char *s, size_t len);

#endif
