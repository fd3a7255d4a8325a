/*
 * Times on the wire.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "cgi/clock.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

Test(clock, iso_times_are_read_as_utc_milliseconds)
{
	/* clang-format off */
	static const struct {
		const char *text, *utc;
	} cases[] = {
		{"2026-11-24T08:00:00.000Z", "2026-11-24T08:00:00.000Z"},
		{"2026-11-24T08:00:00Z", "2026-11-24T08:00:00.000Z"},
		{"2026-11-24T08:00Z", "2026-11-24T08:00:00.000Z"},
		{"2026-11-24T08:00:00.1Z", "2026-11-24T08:00:00.100Z"},
		{"2026-11-24T08:00:00.12Z", "2026-11-24T08:00:00.120Z"},
		{"2026-11-24T08:00:00.1239999Z", "2026-11-24T08:00:00.123Z"},
		{"2026-11-24T08:00:00+02:00", "2026-11-24T06:00:00.000Z"},
		{"2026-11-24T00:30:00+05:45", "2026-11-23T18:45:00.000Z"},
		{"2026-11-24T23:30-01:00", "2026-11-25T00:30:00.000Z"},
		{"2026-11-24T08:00:00.5-00:00", "2026-11-24T08:00:00.500Z"},
		{"2024-02-29T23:59:59.999Z", "2024-02-29T23:59:59.999Z"},
		{"2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000Z"},
		{"2026-12-31T23:59:59Z", "2026-12-31T23:59:59.000Z"},
		{"1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"},
		{"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"},
	};
	/* clang-format on */
	char out[ISO_BYTES];
	int64_t ms;

	for (size_t i = 0; i < COUNT(cases); i++) {
		cr_assert(iso_read(cases[i].text, strlen(cases[i].text), &ms),
		    "%s", cases[i].text);
		iso_write(out, ms);
		cr_expect_str_eq(
		    out, cases[i].utc, "%s: %s", cases[i].text, out);
	}
}

Test(clock, what_is_no_iso_time_is_refused)
{
	static const char *const cases[] = {"", "now", "2026-11-24",
	    "2026-11-24T08:00:00", "2026-11-24 08:00:00Z", "2026-11-24T08Z",
	    "2026-11-24T08:00:00.Z", "2026-11-24T08:00:00,5Z",
	    "2026-11-24t08:00:00Z", "2026-11-24T08:00:00z",
	    "2026-11-24T08:00:00ZZ", "2026-11-24T08:00:00Z ",
	    " 2026-11-24T08:00:00Z", "2026-11-24T08:00:00+0200",
	    "2026-11-24T08:00:00+02", "2026-11-24T08:00:00+24:00",
	    "2026-11-24T08:00:00+02:60", "2026-11-24T24:00:00Z",
	    "2026-11-24T08:60:00Z", "2026-11-24T08:00:60Z",
	    "2026-13-01T08:00:00Z", "2026-00-01T08:00:00Z",
	    "2026-11-31T08:00:00Z", "2026-11-00T08:00:00Z",
	    "2026-02-29T08:00:00Z", "2100-02-29T08:00:00Z",
	    "26-11-24T08:00:00Z", "+2026-11-24T08:00:00Z",
	    "12026-11-24T08:00:00Z", "1969-12-31T23:59:59Z",
	    "1970-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
	    "0000-01-01T00:00:00Z", "1767400000000", "2026-1-24T08:00:00Z"};
	int64_t ms;

	for (size_t i = 0; i < COUNT(cases); i++)
		cr_expect_not(
		    iso_read(cases[i], strlen(cases[i]), &ms), "%s", cases[i]);
}

Test(clock, every_day_of_two_centuries_is_read_as_it_was_written)
{
	for (int64_t day = 0; day < 200 * 365; day++) {
		int64_t ms = day * 86400000 + day % 86400000, back = -1;
		char out[ISO_BYTES];

		iso_write(out, ms);
		cr_assert(iso_read(out, strlen(out), &back), "%s", out);
		cr_assert_eq(back, ms, "%s", out);
		cr_assert(date_is_valid(out, 10), "%s", out);
	}
}

Test(clock, times_out_of_range_are_written_as_the_nearest)
{
	char out[ISO_BYTES];

	iso_write(out, -1);
	cr_expect_str_eq(out, "1970-01-01T00:00:00.000Z");
	iso_write(out, INT64_MAX);
	cr_expect_str_eq(out, "9999-12-31T23:59:59.999Z");
}

Test(clock, dates_must_exist)
{
	static const char *const good[] = {
	    "2026-11-24", "2024-02-29", "0001-01-01", "9999-12-31"};
	static const char *const bad[] = {"", "2026-11-24 ", "2026-11-31",
	    "2026-02-29", "2026-13-01", "2026-1-1", "24.11.2026", "2026/11/24",
	    "2026-11-24T", "20261124", "-026-11-24"};

	for (size_t i = 0; i < COUNT(good); i++)
		cr_expect(
		    date_is_valid(good[i], strlen(good[i])), "%s", good[i]);
	for (size_t i = 0; i < COUNT(bad); i++)
		cr_expect_not(
		    date_is_valid(bad[i], strlen(bad[i])), "%s", bad[i]);
}

Test(clock, times_of_day_have_hours_and_minutes)
{
	static const char *const good[] = {"00:00", "08:30", "23:59"};
	static const char *const bad[] = {"", "24:00", "08:60", "8:30", "08:3",
	    "08:30:00", "08:30 ", "0830", "08.30", "-8:30"};

	for (size_t i = 0; i < COUNT(good); i++)
		cr_expect(
		    time_is_valid(good[i], strlen(good[i])), "%s", good[i]);
	for (size_t i = 0; i < COUNT(bad); i++)
		cr_expect_not(
		    time_is_valid(bad[i], strlen(bad[i])), "%s", bad[i]);
}

Test(clock, the_clocks_run)
{
	int64_t ms = clock_steady_ms(), us = clock_steady_us();

	cr_expect_geq(us / 1000, ms);
	cr_expect_lt(us / 1000 - ms, 60000);
	while (clock_steady_us() == us)
		continue;
	cr_expect_gt(clock_wall_ms(), 1700000000000);
}
