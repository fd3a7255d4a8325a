/*
 * timers.h: what is due when, and what time it is.
 *
 * A heap of our own because a timerfd costs a descriptor and a system call
 * each, and thousands of connections have several.  The time stands still
 * during a turn of the loop; tests set it.
 */
#ifndef WS_TIMERS_H
#define WS_TIMERS_H

#include <stddef.h>
#include <stdint.h>

struct timer {
	int64_t at_ms; /* steady */
	size_t place;  /* in the heap, from 1; 0: not set */
	void (*fire)(struct timer *timer);
};

struct timers {
	int64_t now_ms;  /* steady */
	int64_t wall_ms; /* since 1970 */
	struct timer **heap;
	size_t count, cap;
};

/* Look at the clocks. */
void timers_look(struct timers *timers);

/* Fire once at that time, or in place of the time that was set before. */
void timer_set(struct timers *timers, struct timer *timer, int64_t at_ms);

/* Not at all; it need not be set. */
void timer_clear(struct timers *timers, struct timer *timer);

/* For epoll_wait(2): how long until the next; -1: there is none. */
int timers_wait_ms(const struct timers *timers);

/*
 * Fire all that are due now; one that is set meanwhile, for now, too.  A
 * timer may clear itself and others, and free itself.
 */
void timers_fire(struct timers *timers);

#endif
