/*
 * The bounded queue: whole lines or none, in order, whatever moves.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "ws/queue.h"

static char bytes[16];
static struct queue q;

static void
start(void)
{
	queue_init(&q, bytes, sizeof(bytes));
}

TestSuite(queue, .init = start);

static bool
put(const char *line)
{
	queue_begin(&q);
	queue_puts(&q, line);
	return queue_commit(&q);
}

static void
expect_head(const char *text)
{
	struct span head = queue_head(&q);

	cr_expect(span_is(head, text), "%.*s is not %s", (int)head.len, head.at,
	    text);
}

Test(queue, a_line_that_does_not_fit_leaves_nothing_behind)
{
	cr_expect(put("0123456789"));
	cr_expect_not(put("abcdefg"));
	expect_head("0123456789");
	cr_expect(put("abcdef"));
	expect_head("0123456789abcdef");
	cr_expect_eq(q.lost, 1);
}

Test(queue, a_line_of_pieces_is_refused_for_any_of_them)
{
	queue_begin(&q);
	queue_puts(&q, "0123456789");
	queue_puts(&q, "0123456789");
	queue_puts(&q, "x");
	cr_expect_not(queue_commit(&q));
	cr_expect_eq(queue_length(&q), 0);
}

Test(queue, what_is_not_committed_is_not_there)
{
	put("a");
	queue_begin(&q);
	queue_puts(&q, "b");
	expect_head("a");
	queue_begin(&q);
	queue_puts(&q, "c");
	cr_expect(queue_commit(&q));
	expect_head("ac");
}

Test(queue, what_waits_moves_to_the_front_when_the_end_is_reached)
{
	put("0123456789");
	queue_consume(&q, 8);
	cr_expect(put("abcdefghijklmn"));
	expect_head("89abcdefghijklmn");
}

Test(queue, a_line_in_the_making_moves_along)
{
	put("0123456789");
	queue_consume(&q, 9);
	queue_begin(&q);
	queue_puts(&q, "abc");
	queue_puts(&q, "defghijklmno");
	cr_expect(queue_commit(&q));
	expect_head("9abcdefghijklmno");
}

Test(queue, a_queue_that_was_emptied_begins_anew)
{
	for (int i = 0; i < 100; i++) {
		cr_assert(put("0123456789abcdef"));
		queue_consume(&q, 7);
		expect_head("789abcdef");
		queue_consume(&q, 9);
	}
	cr_expect_eq(q.most, 16);
}
