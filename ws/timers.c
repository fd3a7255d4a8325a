/*
 * timers.c: a binary heap, each timer knows its place; see timers.h.
 */
#include "ws/timers.h"

#include <limits.h>
#include <stdlib.h>
#include <time.h>

#define FIRST_CAP 64

static int64_t
clock_ms(clockid_t clock)
{
	struct timespec now;

	(void)clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
timers_look(struct timers *timers)
{
	timers->now_ms = clock_ms(CLOCK_MONOTONIC);
	timers->wall_ms = clock_ms(CLOCK_REALTIME);
}

/* heap[0] is place 1: the children of place i are 2i and 2i + 1. */
static struct timer **
at(const struct timers *timers, size_t place)
{
	return &timers->heap[place - 1];
}

static void
put(struct timers *timers, size_t place, struct timer *timer)
{
	*at(timers, place) = timer;
	timer->place = place;
}

static void
rise(struct timers *timers, struct timer *timer)
{
	size_t place = timer->place;

	while (place > 1 && (*at(timers, place / 2))->at_ms > timer->at_ms) {
		put(timers, place, *at(timers, place / 2));
		place /= 2;
	}
	put(timers, place, timer);
}

static void
sink(struct timers *timers, struct timer *timer)
{
	size_t place = timer->place;

	for (;;) {
		size_t child = 2 * place;

		if (child < timers->count && (*at(timers, child + 1))->at_ms <
						 (*at(timers, child))->at_ms)
			child++;
		if (child > timers->count ||
		    (*at(timers, child))->at_ms >= timer->at_ms)
			break;
		put(timers, place, *at(timers, child));
		place = child;
	}
	put(timers, place, timer);
}

static void
add(struct timers *timers, struct timer *timer)
{
	if (timers->count == timers->cap) {
		timers->cap = timers->cap ? 2 * timers->cap : FIRST_CAP;
		timers->heap =
		    realloc(timers->heap, timers->cap * sizeof(*timers->heap));
		if (!timers->heap)
			abort(); /* out of memory */
	}
	put(timers, ++timers->count, timer);
}

void
timer_set(struct timers *timers, struct timer *timer, int64_t at_ms)
{
	timer->at_ms = at_ms;
	if (!timer->place)
		add(timers, timer);
	rise(timers, timer);
	sink(timers, timer);
}

void
timer_clear(struct timers *timers, struct timer *timer)
{
	size_t place = timer->place;
	struct timer *last;

	if (!place)
		return;
	last = *at(timers, timers->count--);
	timer->place = 0;
	if (last == timer)
		return;
	put(timers, place, last);
	rise(timers, last);
	sink(timers, last);
}

int
timers_wait_ms(const struct timers *timers)
{
	int64_t left;

	if (timers->count == 0)
		return -1;
	left = timers->heap[0]->at_ms - timers->now_ms;
	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

void
timers_fire(struct timers *timers)
{
	while (timers->count > 0 && timers->heap[0]->at_ms <= timers->now_ms) {
		struct timer *timer = timers->heap[0];

		timer_clear(timers, timer);
		timer->fire(timer);
	}
}
