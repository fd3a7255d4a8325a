/*
 * Cursors of lists: what was written is read, and nothing else.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "cgi/list_cursor.h"

static struct list_place
place(void)
{
	struct list_place place = {
	    .set = true, .phase = 1, .changed = -1, .sync = 1795514154300};

	strcpy(place.at, "2026-11-24T08:00:00.000Z");
	bson_oid_init_from_string(&place.oid, "0123456789abcdef01234567");
	return place;
}

Test(list_cursor, what_was_written_is_read)
{
	struct list_place wrote = place(), read;
	char text[LIST_CURSOR_BYTES];

	list_cursor_write(text, &wrote);
	cr_assert(list_cursor_read(text, &read));
	cr_expect(read.set);
	cr_expect_eq(read.phase, 1);
	cr_expect_eq(read.changed, -1);
	cr_expect_eq(read.sync, wrote.sync);
	cr_expect_str_eq(read.at, wrote.at);
	cr_expect(bson_oid_equal(&read.oid, &wrote.oid));
}

Test(list_cursor, a_change_of_any_byte_that_breaks_the_form_is_refused)
{
	static const char *const texts[] = {
	    "",
	    "x",
	    "1",
	    "1_-1",
	    "2_-1_0123456789abcdef01234567_1_",
	    "-1_-1_0123456789abcdef01234567_1_",
	    "1_-1_0123456789abcdef0123456_1_",
	    "1_-1_0123456789ABCDEF01234567_1_",
	    "1_-1_0123456789abcdef012345678_1_",
	    " 1_-1_0123456789abcdef01234567_1_",
	    "01_-1_0123456789abcdef01234567_1_",
	    "1_+1_0123456789abcdef01234567_1_",
	    "1_99999999999999999999_0123456789abcdef01234567_1_",
	    "1_-1_0123456789abcdef01234567_1_2026-11-24T08:00:00.000Zx",
	    "1_-1_0123456789abcdef01234567_1_2026 11",
	};
	struct list_place read;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		cr_expect_not(
		    list_cursor_read(texts[i], &read), "%s", texts[i]);
}
