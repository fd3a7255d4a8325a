/*
 * Sessions that ended early: as long as they might be bound, and not for ever.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "ws/hub.h"

#define MANY 200000

static struct hub hub;

static void
start(void)
{
	list_init(&hub.ended_list);
	hub.timers.wall_ms = 1000 * 1000;
}

static void
end(const char *session, int64_t until)
{
	hub_session_end(&hub, span_of(session), until);
}

static bool
is_ended(const char *session)
{
	return hub_session_is_ended(&hub, span_of(session));
}

Test(hub_session, an_ended_one_is_known_until_its_time, .init = start)
{
	end("one", 1010);
	cr_expect(is_ended("one"));
	cr_expect_not(is_ended("on"));
	cr_expect_not(is_ended("other"));
	hub.timers.wall_ms = 1009999;
	cr_expect(is_ended("one"));
	hub.timers.wall_ms = 1010000;
	cr_expect_not(is_ended("one"));
}

Test(hub_session, ended_twice_is_remembered_once_by_the_later_word,
    .init = start)
{
	end("one", 1010);
	end("one", 1020);
	cr_expect_eq(hub.ended_count, 1);
	hub.timers.wall_ms = 1015 * 1000;
	cr_expect(is_ended("one"));
}

Test(hub_session, what_has_expired_makes_room, .init = start)
{
	end("one", 1010);
	end("two", 1010);
	end("three", 1020);
	hub.timers.wall_ms = 1011 * 1000;
	end("four", 1030);
	cr_expect_eq(hub.ended_count, 2);
	cr_expect(is_ended("three") && is_ended("four"));
}

Test(hub_session, the_newest_are_remembered_however_many_end, .init = start)
{
	char name[32];

	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "session-%d", i);
		end(name, 5000);
	}
	cr_expect_lt(hub.ended_count, MANY / 2);
	cr_expect_gt(hub.ended_count, 1000);
	cr_expect(is_ended(name));
	cr_expect_not(is_ended("session-0"));
}
