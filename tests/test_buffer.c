/*
 * Bytes that grow.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "cgi/buffer.h"

static struct buffer b;

static void
release(void)
{
	buffer_release(&b);
}

TestSuite(buffer, .fini = release);

Test(buffer, what_is_put_stands_in_order_and_ends_with_a_nul)
{
	buffer_puts(&b, "a");
	buffer_char(&b, 'b');
	buffer_put(&b, "cd", 1);
	buffer_printf(&b, "%d", 42);
	cr_expect_str_eq(b.data, "abc42");
	cr_expect_eq(b.len, 5);
}

Test(buffer, nothing_put_is_an_empty_text)
{
	buffer_put(&b, NULL, 0);
	cr_expect_str_eq(b.data, "");
}

Test(buffer, growing_keeps_what_was_there)
{
	for (int i = 0; i < 100000; i++)
		buffer_char(&b, (char)('a' + i % 26));
	cr_expect_eq(b.len, 100000);
	for (size_t i = 0; i < b.len; i++)
		cr_assert_eq(b.data[i], (char)('a' + i % 26));
}

Test(buffer, a_formatted_text_fits_exactly_at_every_length)
{
	for (int len = 0; len < 2000; len++) {
		buffer_release(&b);
		buffer_puts(&b, "x");
		buffer_printf(&b, "%*s", len, "");
		cr_assert_eq(b.len, (size_t)len + 1);
		cr_assert_eq(strlen(b.data), b.len);
	}
}

Test(buffer, bytes_may_be_nul)
{
	buffer_put(&b, "a\0b", 3);
	cr_expect_eq(b.len, 3);
	cr_expect_arr_eq(b.data, "a\0b", 4);
}

Test(buffer, emptying_keeps_ordinary_memory_and_gives_back_much)
{
	char *data;

	buffer_puts(&b, "text");
	data = b.data;
	buffer_reset(&b);
	cr_expect_eq(b.data, data);
	cr_expect_str_eq(b.data, "");
	cr_expect_eq(b.len, 0);

	while (b.cap <= BUFFER_KEEP_BYTES)
		buffer_puts(&b, "text");
	buffer_reset(&b);
	cr_expect_null(b.data);
	cr_expect_eq(b.cap, 0);
	buffer_reset(&b);
}
