/*
 * clock.c: see clock.h.
 */
#include "cgi/clock.h"

#include <string.h>
#include <time.h>

#define ISO_LAST_MS 253402300799999 /* 9999-12-31T23:59:59.999Z */

static int64_t
now_us(clockid_t clock)
{
	struct timespec now;

	(void)clock_gettime(clock, &now); /* fails only for unknown clocks */
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t
clock_wall_ms(void)
{
	return now_us(CLOCK_REALTIME) / 1000;
}

int64_t
clock_steady_ms(void)
{
	return now_us(CLOCK_MONOTONIC) / 1000;
}

int64_t
clock_steady_us(void)
{
	return now_us(CLOCK_MONOTONIC);
}

static void
put_digits(char *out, int width, int n)
{
	while (width-- > 0) {
		out[width] = (char)('0' + n % 10);
		n /= 10;
	}
}

void
iso_write(char out[ISO_BYTES], int64_t wall_ms)
{
	struct tm tm;
	time_t seconds;

	if (wall_ms < 0)
		wall_ms = 0;
	if (wall_ms > ISO_LAST_MS)
		wall_ms = ISO_LAST_MS;
	seconds = (time_t)(wall_ms / 1000);
	(void)gmtime_r(&seconds, &tm); /* fails only beyond year 2^31 */
	memcpy(out, "YYYY-MM-DDTHH:MM:SS.mmmZ", ISO_BYTES);
	put_digits(out, 4, tm.tm_year + 1900);
	put_digits(out + 5, 2, tm.tm_mon + 1);
	put_digits(out + 8, 2, tm.tm_mday);
	put_digits(out + 11, 2, tm.tm_hour);
	put_digits(out + 14, 2, tm.tm_min);
	put_digits(out + 17, 2, tm.tm_sec);
	put_digits(out + 20, 3, (int)(wall_ms % 1000));
}

/* What is left to read. */
struct reader {
	const char *s, *end;
};

static bool
take_char(struct reader *in, char c)
{
	if (in->s == in->end || *in->s != c)
		return false;
	in->s++;
	return true;
}

/* Exactly so many digits, within min..max. */
static bool
take_digits(struct reader *in, int width, int min, int max, int *n)
{
	*n = 0;
	while (width-- > 0) {
		if (in->s == in->end || *in->s < '0' || *in->s > '9')
			return false;
		*n = *n * 10 + (*in->s++ - '0');
	}
	return *n >= min && *n <= max;
}

static int
days_of_month(int year, int month)
{
	static const int days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

static bool
take_date(struct reader *in, struct tm *tm)
{
	int year, month;

	if (!take_digits(in, 4, 1, 9999, &year) || !take_char(in, '-') ||
	    !take_digits(in, 2, 1, 12, &month) || !take_char(in, '-') ||
	    !take_digits(in, 2, 1, days_of_month(year, month), &tm->tm_mday))
		return false;
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	return true;
}

static bool
take_hour_minute(struct reader *in, int *hour, int *minute)
{
	return take_digits(in, 2, 0, 23, hour) && take_char(in, ':') &&
	       take_digits(in, 2, 0, 59, minute);
}

/* [:SS[.fraction]]; digits after the third are dropped. */
static bool
take_seconds(struct reader *in, int *second, int *ms)
{
	int digit;

	*second = *ms = 0;
	if (!take_char(in, ':'))
		return true;
	if (!take_digits(in, 2, 0, 59, second))
		return false;
	if (!take_char(in, '.'))
		return true;
	if (!take_digits(in, 1, 0, 9, &digit))
		return false;
	*ms = digit * 100;
	for (int unit = 10; take_digits(in, 1, 0, 9, &digit); unit /= 10)
		*ms += digit * unit;
	return true;
}

/* Z or +HH:MM or -HH:MM: minutes ahead of UTC. */
static bool
take_zone(struct reader *in, int *minutes)
{
	int sign, hour, minute;

	*minutes = 0;
	if (take_char(in, 'Z'))
		return true;
	sign = take_char(in, '+') ? 1 : take_char(in, '-') ? -1 : 0;
	if (sign == 0 || !take_hour_minute(in, &hour, &minute))
		return false;
	*minutes = sign * (hour * 60 + minute);
	return true;
}

bool
iso_read(const char *s, size_t len, int64_t *wall_ms)
{
	struct reader in = {s, s + len};
	struct tm tm = {0};
	int ms, zone;

	if (!take_date(&in, &tm) || !take_char(&in, 'T') ||
	    !take_hour_minute(&in, &tm.tm_hour, &tm.tm_min) ||
	    !take_seconds(&in, &tm.tm_sec, &ms) || !take_zone(&in, &zone) ||
	    in.s != in.end)
		return false;
	*wall_ms = ((int64_t)timegm(&tm) - zone * 60) * 1000 + ms;
	return *wall_ms >= 0 && *wall_ms <= ISO_LAST_MS;
}

bool
date_is_valid(const char *s, size_t len)
{
	struct reader in = {s, s + len};
	struct tm tm;

	return take_date(&in, &tm) && in.s == in.end;
}

bool
time_is_valid(const char *s, size_t len)
{
	struct reader in = {s, s + len};
	int hour, minute;

	return take_hour_minute(&in, &hour, &minute) && in.s == in.end;
}
