/*
 * rate.h: a token bucket: so many a second, and a burst.
 */
#ifndef WS_RATE_H
#define WS_RATE_H

#include <stdbool.h>
#include <stdint.h>

struct rate {
	int64_t full_at_us; /* when the bucket is full again */
};

/* Take one token at now_ms (steady); false where there is none.  At most a
 * million a second. */
bool rate_take(struct rate *rate, int64_t now_ms, long per_second, long burst);

#endif
