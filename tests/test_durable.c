/*
 * Writes under way, doubt, barriers: with threads in place of workers.
 */
#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "cgi/clock.h"
#include "cgi/durable.h"
#include "cgi/versions.h"

#define SOON (clock_steady_ms() + 20)
#define LATER (clock_steady_ms() + 20000)

static void
start(void)
{
	durable_init(0, false);
}

TestSuite(durable, .init = start);

static bool
waits_for(const char *id, int64_t deadline_ms)
{
	uint64_t key = durable_key(id);

	return durable_wait(&key, 1, deadline_ms);
}

Test(durable, a_read_does_not_wait_for_other_conversations)
{
	struct flight *flight = durable_flight();

	durable_begin(flight, "a");
	cr_expect(waits_for("b", SOON));
	durable_end(flight, true);
}

Test(durable, a_write_that_does_not_end_costs_the_read_its_deadline)
{
	struct flight *flight = durable_flight();

	durable_begin(flight, "a");
	cr_expect_not(waits_for("a", SOON));
	durable_end(flight, true);
	cr_expect(waits_for("a", SOON));
}

static atomic_bool read_returned;

static void *
read_a(void *arg)
{
	bool in_time = waits_for("a", LATER);

	read_returned = true;
	return in_time ? arg : NULL;
}

Test(durable, a_read_waits_for_one_write_not_for_those_that_follow_it)
{
	struct flight *flight = durable_flight();
	pthread_t reader;
	void *result;

	durable_begin(flight, "a");
	pthread_create(&reader, NULL, read_a, flight);
	while (!read_returned) {
		durable_end(flight, true);
		durable_begin(flight, "a");
		sched_yield();
	}
	pthread_join(reader, &result);
	cr_expect_eq(result, flight, "in time");
	durable_end(flight, true);
}

Test(durable, an_unknown_outcome_is_a_doubt_until_some_time_after_an_answer)
{
	struct flight *flight = durable_flight();

	cr_expect_not(durable_in_doubt());
	durable_begin(flight, "a");
	durable_end(flight, false);
	cr_expect(durable_in_doubt());
	cr_expect(durable_in_doubt(), "no answer: no end");
	durable_answered();
	cr_expect_not(durable_in_doubt(), "doubt_ms is 0");
}

Test(durable, doubt_voids_versions_when_it_begins_and_when_it_ends)
{
	uint64_t before = versions_get("asha"), during;

	durable_doubt();
	during = versions_get("asha");
	cr_expect_neq(during, before);
	durable_answered();
	cr_expect_not(durable_in_doubt());
	cr_expect_neq(versions_get("asha"), during);
}

Test(durable, a_standalone_starts_in_doubt)
{
	durable_init(1000000, true);
	durable_answered();
	cr_expect(durable_in_doubt());
}

Test(durable, failing_ends_with_an_answer)
{
	durable_failing(true);
	cr_expect(durable_is_failing());
	durable_answered();
	cr_expect_not(durable_is_failing());
}

Test(durable, another_process_is_another_run)
{
	uint64_t first;

	durable_saw_run("0123456789abcdef01234567");
	first = durable_run();
	durable_saw_run("0123456789abcdef01234567");
	cr_expect_eq(durable_run(), first);
	durable_saw_run("f123456789abcdef01234567");
	cr_expect_gt(durable_run(), first);
}

/* --- barriers --- */

#define CALLERS 8

static atomic_int runs, calling;
static atomic_bool gate;

static bool
slow_write(void *arg)
{
	runs++;
	while (!gate)
		sched_yield();
	return arg == NULL;
}

static void *
call_barrier(void *arg)
{
	calling++;
	return durable_barrier(slow_write, arg, LATER) ? &runs : NULL;
}

Test(durable, those_who_call_during_a_barrier_share_the_next)
{
	pthread_t first, caller[CALLERS];
	void *result;

	pthread_create(&first, NULL, call_barrier, NULL);
	while (runs == 0)
		sched_yield();
	for (int i = 0; i < CALLERS; i++)
		pthread_create(&caller[i], NULL, call_barrier, NULL);
	while (calling < CALLERS + 1)
		sched_yield();
	gate = true;
	pthread_join(first, &result);
	cr_expect_eq(result, &runs);
	for (int i = 0; i < CALLERS; i++) {
		pthread_join(caller[i], &result);
		cr_expect_eq(result, &runs);
	}
	cr_expect_geq(runs, 2, "the first began before they called");
	cr_expect_leq(runs, CALLERS + 1);
}

Test(durable, a_barrier_that_fails_fails_its_caller)
{
	gate = true;
	cr_expect_not(durable_barrier(slow_write, &gate, LATER));
	cr_expect(durable_barrier(slow_write, NULL, LATER));
	cr_expect_eq(runs, 2);
}
