/*
 * Turns of writes on one conversation, with threads in place of workers.
 */
#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "cgi/clock.h"
#include "cgi/publish_order.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* A whole write whose turn is not over yet. */
static struct turn *
write_at(const char *id, int64_t place)
{
	struct turn *turn = order_turn();

	order_begin(turn, id);
	order_wrote(turn, place);
	return turn;
}

static bool
await(struct turn *turn, const char *id, int64_t rev)
{
	uint64_t key = order_key(id);

	return order_await(turn, &key, 1, rev);
}

/* Milliseconds that it waited, however it ended. */
static int64_t
wait_of(struct turn *turn, const char *id, int64_t rev)
{
	int64_t began = clock_steady_ms();

	(void)await(turn, id, rev);
	return clock_steady_ms() - began;
}

#define AT_ONCE(turn, id, rev) (wait_of(turn, id, rev) < ORDER_WAIT_MS)

Test(publish_order, a_write_alone_does_not_wait)
{
	cr_expect(AT_ONCE(write_at("a", 10), "a", 1));
}

Test(publish_order, other_conversations_are_nobodys_concern)
{
	struct turn *other = order_turn();

	order_begin(other, "b");
	cr_expect(AT_ONCE(write_at("a", 10), "a", 1));
}

Test(publish_order, a_write_that_began_after_it_is_not_waited_for)
{
	struct turn *first = write_at("a", 10), *later = order_turn();

	order_begin(later, "a");
	cr_expect(AT_ONCE(first, "a", 1));
}

Test(publish_order, a_write_that_does_not_end_is_waited_for_in_bounded_time)
{
	struct turn *stuck = order_turn(), *turn = order_turn();

	order_begin(stuck, "a");
	order_begin(turn, "a");
	order_wrote(turn, 20);
	cr_expect_geq(wait_of(turn, "a", 2), ORDER_WAIT_MS);
	order_end(turn);
	order_wrote(stuck, 10);
	cr_expect_not(await(stuck, "a", 1), "it was overtaken");
}

Test(publish_order, a_write_whose_forerunner_was_told_does_not_wait)
{
	struct turn *stuck = order_turn(), *first = write_at("a", 10);
	struct turn *turn = order_turn();

	cr_expect(await(first, "a", 1));
	order_end(first);
	order_begin(stuck, "a");
	order_begin(turn, "a");
	order_wrote(turn, 20);
	cr_expect(AT_ONCE(turn, "a", 2));
	order_end(turn);
	order_begin(turn, "a");
	order_wrote(turn, 40);
	cr_expect_geq(wait_of(turn, "a", 4), ORDER_WAIT_MS, "3 is missing");
}

Test(publish_order, a_write_without_effect_keeps_nobody)
{
	struct turn *nothing = order_turn(), *turn = order_turn();

	order_begin(nothing, "a");
	order_begin(turn, "a");
	order_wrote(turn, 20);
	order_wrote(nothing, 0);
	cr_expect(AT_ONCE(turn, "a", 5));
}

Test(publish_order, an_end_without_a_word_keeps_nobody)
{
	struct turn *lower = write_at("a", 10), *turn = write_at("a", 20);

	order_end(lower);
	cr_expect(AT_ONCE(turn, "a", 5));
	order_end(turn);
	order_end(turn);
}

Test(publish_order, a_writer_by_another_id_of_it_counts)
{
	struct turn *lower = write_at("alias", 10), *turn = write_at("a", 20);
	const uint64_t keys[] = {order_key("a"), order_key("alias")};
	int64_t began = clock_steady_ms();

	cr_expect(order_await(turn, keys, COUNT(keys), 2));
	cr_expect_geq(clock_steady_ms() - began, ORDER_WAIT_MS);
	cr_expect_not(order_await(lower, keys, COUNT(keys), 1), "overtaken");
}

/* --- many at once --- */

#define WRITERS 16
#define WRITES 500

static atomic_llong document; /* its value is place and rev of a write */
static long long heard[WRITERS * WRITES];
static size_t heard_count;
static pthread_mutex_t ear = PTHREAD_MUTEX_INITIALIZER;
static atomic_int overtaken;

static void
tell(long long place)
{
	pthread_mutex_lock(&ear);
	heard[heard_count++] = place;
	pthread_mutex_unlock(&ear);
}

static void *
write_often(void *arg)
{
	struct turn *turn = order_turn();

	for (int i = 0; i < WRITES; i++) {
		long long place;

		order_begin(turn, arg);
		place = ++document;
		for (int n = (int)(place % 7); n > 0; n--)
			sched_yield(); /* the answer is on its way */
		order_wrote(turn, place);
		if (await(turn, arg, place))
			tell(place);
		else
			overtaken++;
		order_end(turn);
	}
	return NULL;
}

Test(publish_order, many_writers_are_heard_in_order)
{
	pthread_t writer[WRITERS];
	static char id[] = "a";

	for (size_t i = 0; i < WRITERS; i++)
		pthread_create(&writer[i], NULL, write_often, id);
	for (size_t i = 0; i < WRITERS; i++)
		pthread_join(writer[i], NULL);
	cr_expect_eq(heard_count + (size_t)overtaken, WRITERS * WRITES);
	for (size_t i = 1; i < heard_count; i++)
		cr_expect_lt(heard[i - 1], heard[i]);
	cr_expect_lt(overtaken, WRITERS * WRITES / 100, "%d", overtaken);
}
