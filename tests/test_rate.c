/*
 * Token buckets, by a clock of the test's own.
 */
#include <criterion/criterion.h>

#include "ws/rate.h"

#define START_MS 1000000

static int
take_all(struct rate *rate, int64_t now_ms)
{
	int taken = 0;

	while (rate_take(rate, now_ms, 20, 40))
		taken++;
	return taken;
}

Test(rate, a_new_bucket_holds_its_burst)
{
	struct rate rate = {0};

	cr_expect_eq(take_all(&rate, START_MS), 40);
}

Test(rate, an_empty_bucket_fills_by_the_rate)
{
	static const struct {
		int64_t after_ms;
		int tokens;
	} rows[] = {
	    {0, 0},
	    {49, 0},
	    {50, 1},
	    {99, 1},
	    {1000, 20},
	    {2000, 40},
	    {100000, 40},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rate rate = {0};

		take_all(&rate, START_MS);
		cr_expect_eq(take_all(&rate, START_MS + rows[i].after_ms),
		    rows[i].tokens, "row %zu", i);
	}
}

Test(rate, a_refusal_costs_nothing)
{
	struct rate rate = {0};

	take_all(&rate, START_MS);
	for (int i = 0; i < 1000; i++)
		cr_assert_not(rate_take(&rate, START_MS + 49, 20, 40));
	cr_expect(rate_take(&rate, START_MS + 50, 20, 40));
}

Test(rate, a_rate_that_divides_no_millisecond_is_kept)
{
	struct rate rate = {0};
	int taken = 0;

	for (int64_t ms = START_MS; ms < START_MS + 10000; ms++)
		while (rate_take(&rate, ms, 3000, 1))
			taken++;
	cr_expect_leq(taken, 30003);
	cr_expect_geq(taken, 10000); /* one a call at least */
}
