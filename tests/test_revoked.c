/*
 * The set of ended sessions: it forgets what expired and nothing else.
 */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "cgi/clock.h"
#include "cgi/revoked.h"

#define MANY 20000

static int64_t
now_s(void)
{
	return clock_wall_ms() / 1000;
}

/* A session's name, as long as a digest. */
static const char *
name(char out[65], int n)
{
	snprintf(out, 65, "%064x", (unsigned)n);
	return out;
}

Test(revoked, an_ended_session_is_known_until_it_expires)
{
	int64_t now = now_s();

	cr_expect_not(revoked_has("ab", now));
	revoked_add("ab", now + 10);
	cr_expect(revoked_has("ab", now));
	cr_expect(revoked_has("ab", now + 9));
	cr_expect_not(revoked_has("ab", now + 10));
	cr_expect_not(revoked_has("abc", now));
	cr_expect_not(revoked_has("a", now));
}

Test(revoked, ending_a_session_again_never_shortens_it)
{
	int64_t now = now_s();

	revoked_add("ab", now + 100);
	revoked_add("ab", now + 10);
	cr_expect(revoked_has("ab", now + 50));
	revoked_add("ab", now + 200);
	cr_expect(revoked_has("ab", now + 150));
}

Test(revoked, many_sessions_are_all_known_and_no_others)
{
	int64_t now = now_s();
	char session[65];

	for (int i = 0; i < MANY; i++)
		revoked_add(name(session, i), now + 1000);
	for (int i = 0; i < MANY; i++)
		cr_assert(revoked_has(name(session, i), now), "%d", i);
	for (int i = MANY; i < 2 * MANY; i++)
		cr_assert_not(revoked_has(name(session, i), now), "%d", i);
}

Test(revoked, expired_ones_make_room_for_those_that_count)
{
	int64_t now = now_s();
	char session[65];

	for (int i = 0; i < MANY; i++)
		revoked_add(
		    name(session, i), i % 10 == 0 ? now + 1000 : now - 1);
	for (int i = 0; i < MANY; i++)
		cr_assert_eq(
		    revoked_has(name(session, i), now), i % 10 == 0, "%d", i);
}

struct adder {
	pthread_barrier_t *together;
	int first;
	int lost;
};

static void *
add_its_own(void *arg)
{
	struct adder *adder = arg;
	char session[65];

	pthread_barrier_wait(adder->together);
	for (int i = adder->first; i < adder->first + MANY; i++) {
		revoked_add(name(session, i), now_s() + 1000);
		adder->lost += !revoked_has(name(session, i), now_s());
	}
	return NULL;
}

Test(revoked, threads_find_what_they_added_while_the_table_grows)
{
	pthread_barrier_t together;
	struct adder adder[4];
	pthread_t thread[4];

	pthread_barrier_init(&together, NULL, 4);
	for (int i = 0; i < 4; i++) {
		adder[i] = (struct adder){&together, i * MANY, 0};
		pthread_create(&thread[i], NULL, add_its_own, &adder[i]);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(thread[i], NULL);
		cr_expect_eq(adder[i].lost, 0);
	}
}

Test(revoked, it_is_news_where_a_session_ends_or_ends_for_longer)
{
	int64_t now = now_s();

	cr_expect(revoked_add("ab", now + 10));
	cr_expect_not(revoked_add("ab", now + 10));
	cr_expect_not(revoked_add("ab", now + 5));
	cr_expect(revoked_add("ab", now + 20));
}

Test(revoked, a_copy_holds_all_that_have_not_expired)
{
	int64_t now = now_s();
	struct ended *copy;
	size_t count;

	copy = revoked_copy(now, &count);
	cr_expect_eq(count, 0);
	free(copy);
	revoked_add("ab", now + 10);
	revoked_add("cd", now);
	copy = revoked_copy(now, &count);
	cr_assert_eq(count, 1);
	cr_expect_str_eq(copy[0].session, "ab");
	cr_expect_eq(copy[0].expires_at, now + 10);
	free(copy);
}
