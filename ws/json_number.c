/*
 * json_number.c: see json_number.h.
 */
#include "ws/json_number.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ws/scan.h"

struct number {
	const char *at, *end;
	bool integer;
};

/* Skip one byte where it is one of these. */
static bool
skip_one_of(struct number *in, const char *bytes)
{
	if (in->at == in->end || !memchr(bytes, *in->at, strlen(bytes)))
		return false;
	in->at++;
	return true;
}

/* Skip digits; false where there are none. */
static bool
skip_digits(struct number *in)
{
	const char *from = in->at;

	while (in->at < in->end && *in->at >= '0' && *in->at <= '9')
		in->at++;
	return in->at > from;
}

static bool
skip_number(struct number *in)
{
	(void)skip_one_of(in, "-");
	if (!skip_one_of(in, "0") && !skip_digits(in))
		return false;
	if (skip_one_of(in, ".")) {
		in->integer = false;
		if (!skip_digits(in))
			return false;
	}
	if (skip_one_of(in, "eE")) {
		in->integer = false;
		(void)skip_one_of(in, "+-");
		return skip_digits(in);
	}
	return true;
}

enum json_number
json_number_check(const char *s, size_t len, size_t *used)
{
	struct number in = {.at = s, .end = s + len, .integer = true};
	char text[SCAN_NUMBER_BYTES + 1];
	bool good = skip_number(&in);
	long long n;

	*used = (size_t)(in.at - s);
	if (!good)
		return NUMBER_MALFORMED;
	if (*used > SCAN_NUMBER_BYTES)
		return NUMBER_LONG;
	memcpy(text, s, *used);
	text[*used] = '\0';
	n = in.integer ? strtoll(text, NULL, 10) : 0; /* saturates */
	if (n > SCAN_INTEGER_MAX || n < -SCAN_INTEGER_MAX)
		return NUMBER_INEXACT;
	return isfinite(strtod(text, NULL)) ? NUMBER_GOOD : NUMBER_INFINITE;
}
