/*
 * What is due when: in order, once, changed and cleared at any moment.
 */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "ws/timers.h"

#define MANY 1000

struct alarm {
	struct timer timer; /* first */
	struct timers *timers;
	int64_t again_ms; /* set anew when it fires */
	struct timer *victim;
	int fired;
};

static struct timers timers;
static int64_t fired_at[2 * MANY];
static size_t fired;

static void
ring(struct timer *timer)
{
	struct alarm *alarm = (struct alarm *)timer;

	alarm->fired++;
	fired_at[fired++] = timer->at_ms;
	if (alarm->victim)
		timer_clear(&timers, alarm->victim);
	if (alarm->again_ms)
		timer_set(&timers, timer, timers.now_ms + alarm->again_ms);
}

static void
run_to(int64_t now_ms)
{
	timers.now_ms = now_ms;
	timers_fire(&timers);
}

Test(timers, without_any_there_is_nothing_to_wait_for)
{
	cr_expect_eq(timers_wait_ms(&timers), -1);
	run_to(1000);
}

Test(timers, the_next_one_says_how_long_to_wait)
{
	struct alarm a = {.timer.fire = ring}, b = {.timer.fire = ring};

	timer_set(&timers, &a.timer, 70);
	timer_set(&timers, &b.timer, 50);
	timers.now_ms = 20;
	cr_expect_eq(timers_wait_ms(&timers), 30);
	timers.now_ms = 60;
	cr_expect_eq(timers_wait_ms(&timers), 0, "late is now");
	timer_set(&timers, &a.timer, (int64_t)1 << 60);
	timer_clear(&timers, &b.timer);
	cr_expect_eq(timers_wait_ms(&timers), 2147483647);
}

Test(timers, each_fires_once_when_its_time_has_come_and_not_before)
{
	struct alarm a = {.timer.fire = ring};

	timer_set(&timers, &a.timer, 50);
	run_to(49);
	cr_expect_eq(a.fired, 0);
	run_to(50);
	run_to(51);
	cr_expect_eq(a.fired, 1);
	cr_expect_eq(a.timer.place, 0);
}

Test(timers, many_fire_in_order_though_set_changed_and_cleared_at_random)
{
	static struct alarm alarm[MANY];
	int expected = 0;

	srand(1);
	for (int i = 0; i < MANY; i++) {
		alarm[i].timer.fire = ring;
		timer_set(&timers, &alarm[i].timer, 1 + rand() % 500);
	}
	for (int i = 0; i < MANY; i += 3)
		timer_set(&timers, &alarm[i].timer, 1 + rand() % 500);
	for (int i = 0; i < MANY; i += 7)
		timer_clear(&timers, &alarm[i].timer);
	for (int64_t now = 0; now <= 500; now += 50) {
		run_to(now);
		for (int i = 0; i < MANY; i++)
			cr_assert_eq(alarm[i].fired,
			    i % 7 != 0 && alarm[i].timer.at_ms <= now);
	}
	for (int i = 0; i < MANY; i++)
		expected += i % 7 != 0;
	cr_expect_eq((int)fired, expected);
	for (size_t i = 1; i < fired; i++)
		cr_assert_leq(fired_at[i - 1], fired_at[i]);
	free(timers.heap);
}

Test(timers, one_may_set_itself_anew_and_clear_another)
{
	struct alarm other = {.timer.fire = ring};
	struct alarm a = {
	    .timer.fire = ring, .again_ms = 10, .victim = &other.timer};

	timer_set(&timers, &a.timer, 10);
	timer_set(&timers, &other.timer, 10);
	timer_set(&timers, &a.timer, 9);
	run_to(10);
	run_to(20);
	cr_expect_eq(a.fired, 2);
	cr_expect_eq(other.fired, 0);
}

Test(timers, clearing_one_that_is_not_set_is_nothing)
{
	struct alarm a = {.timer.fire = ring};

	timer_clear(&timers, &a.timer);
	cr_expect_eq(timers_wait_ms(&timers), -1);
}

Test(timers, the_clocks_are_looked_at_when_asked)
{
	timers_look(&timers);
	cr_expect_gt(timers.now_ms, 0);
	cr_expect_gt(timers.wall_ms, 1600000000000);
}
