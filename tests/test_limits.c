/*
 * Token buckets.  Waiting is done on the bucket itself, never on a clock.
 */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>

#include "cgi/limits.h"

/* Nothing comes back while a test runs: one token in an hour. */
#define SLOW 1, 3600

static struct limits *limits;

static void
start(void)
{
	limits = limits_new(SLOW, 60);
}

static void
stop(void)
{
	limits_free(limits);
}

TestSuite(limits, .init = start, .fini = stop);

static int
take_all(const char *account)
{
	int taken = 0;

	while (limits_take(limits, account) == 0)
		taken++;
	return taken;
}

Test(limits, an_account_has_its_burst_and_then_waits)
{
	cr_expect_eq(take_all("a"), 60);
	cr_expect_gt(limits_take(limits, "a"), 3500);
	cr_expect_leq(limits_take(limits, "a"), 3600);
}

Test(limits, accounts_do_not_share_a_bucket)
{
	take_all("a");
	cr_expect_eq(take_all("b"), 60);
}

Test(limits, a_duplicate_costs_a_tenth)
{
	int taken = 0;

	while (limits_take(limits, "a") == 0) {
		limits_spend(limits, "a", LIMITS_DUPLICATE - 1);
		taken++;
	}
	cr_expect_geq(taken, 590);
	cr_expect_leq(taken, 592);
}

Test(limits, a_merge_may_overdraw_and_is_then_waited_for)
{
	cr_expect_eq(limits_check(limits, "a"), 0);
	limits_spend(limits, "a", 100);
	cr_expect_gt(limits_check(limits, "a"), 39 * 3600L);
	cr_expect_leq(limits_check(limits, "a"), 40 * 3600L);
	cr_expect_gt(limits_take(limits, "a"), 40 * 3600L);
}

Test(limits, an_empty_bucket_holds_nothing_for_a_merge)
{
	limits_spend(limits, "a", 60);
	cr_expect_gt(limits_check(limits, "a"), 0);
	limits_spend(limits, "a", -0.5);
	cr_expect_eq(limits_check(limits, "a"), 0);
	cr_expect_gt(limits_take(limits, "a"), 0);
}

Test(limits, what_is_given_back_never_passes_the_burst)
{
	limits_spend(limits, "a", -1000);
	cr_expect_eq(take_all("a"), 60);
}

Test(limits, an_account_with_a_debt_is_kept_when_full_ones_must_go)
{
	char other[32];

	limits_spend(limits, "debtor", 1000);
	for (int i = 0; i < 200000; i++) {
		snprintf(other, sizeof(other), "%d", i);
		limits_take(limits, other);
	}
	cr_expect_gt(limits_check(limits, "debtor"), 0);
}

Test(limits, a_new_account_starts_full_when_all_buckets_are_taken)
{
	char other[32];

	for (int i = 0; i < 200000; i++) {
		snprintf(other, sizeof(other), "%d", i);
		limits_spend(limits, other, 30);
	}
	cr_expect_eq(take_all("new"), 60);
}

Test(limits, tokens_come_back)
{
	struct limits *refilled = limits_new(100, 1, 2);

	for (int i = 0; i < 10; i++)
		while (limits_take(refilled, "a") != 0)
			continue;
	limits_free(refilled);
}

struct taker {
	pthread_barrier_t *together;
	struct limits *limits;
	int taken;
};

static void *
take_together(void *arg)
{
	struct taker *taker = arg;

	pthread_barrier_wait(taker->together);
	while (limits_take(taker->limits, "shared") == 0)
		taker->taken++;
	return NULL;
}

Test(limits, threads_together_take_no_more_than_the_burst)
{
	struct limits *shared = limits_new(SLOW, 1000000);
	pthread_barrier_t together;
	struct taker taker[4];
	pthread_t thread[4];
	int sum = 0;

	pthread_barrier_init(&together, NULL, 4);
	for (int i = 0; i < 4; i++) {
		taker[i] = (struct taker){&together, shared, 0};
		pthread_create(&thread[i], NULL, take_together, &taker[i]);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(thread[i], NULL);
		sum += taker[i].taken;
	}
	cr_expect_eq(sum, 1000000);
	limits_free(shared);
}
