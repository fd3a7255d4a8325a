/*
 * rate.c: see rate.h.
 *
 * A bucket is one time, the one at which it is full again: each token taken
 * moves that time on, and it may be at most a whole bucket ahead.
 */
#include "ws/rate.h"

bool
rate_take(struct rate *rate, int64_t now_ms, long per_second, long burst)
{
	int64_t now_us = now_ms * 1000;
	int64_t token_us = 1000000 / per_second;
	int64_t from_us = rate->full_at_us > now_us ? rate->full_at_us : now_us;

	if (from_us + token_us - now_us > burst * token_us)
		return false;
	rate->full_at_us = from_us + token_us;
	return true;
}
