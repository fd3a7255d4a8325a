/*
 * See upgrade_value.h.
 */
#include "cgi/upgrade_value.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cgi/bson_put.h"
#include "cgi/bson_read.h"
#include "cgi/clock.h"
#include "ws/scan.h"

#define LAST_MS 253402300799999 /* of the year 9999 */
#define OFFER "Offer:"
#define CURRENCY_MAX 12 /* bytes before the number: "Rs. ", "US$ " */
#define NUMBER_BYTES 32

void
read_view(void *at, const bson_iter_t *it)
{
	struct view *view = at;

	if (BSON_ITER_HOLDS_UTF8(it))
		view->text = bson_iter_utf8(it, &view->len);
}

void
read_moment(void *at, const bson_iter_t *it)
{
	struct moment *moment = at;
	struct view iso = {"", 0};
	int64_t ms = -1;

	read_view(&iso, it);
	if (BSON_ITER_HOLDS_DATE_TIME(it))
		ms = bson_iter_date_time(it);
	else if (!iso_read(iso.text, iso.len, &ms))
		return;
	if (ms >= 0 && ms <= LAST_MS)
		*moment = (struct moment){true, ms};
}

bool
value_message_id(struct message_id *id, const bson_iter_t *value)
{
	const char *text = "";
	int64_t n;

	*id = (struct message_id){.text = ""};
	if (bson_integer(value, &n)) {
		if (n > SCAN_INTEGER_MAX || n < -SCAN_INTEGER_MAX)
			return false;
		message_id_from_number(id, n);
		return true;
	}
	read_text(&text, value);
	return message_id_from_text(id, text, false);
}

bool
value_is_offer(const char *text, size_t len)
{
	return len >= strlen(OFFER) && memcmp(text, OFFER, strlen(OFFER)) == 0;
}

double
value_offer_price(const char *text, size_t len)
{
	char number[NUMBER_BYTES];
	size_t at = strlen(OFFER), last, n = 0;

	if (!value_is_offer(text, len))
		return 0;
	last = at + CURRENCY_MAX;
	while (at < len && at < last && !isdigit((unsigned char)text[at]))
		at++;
	for (; at < len && n + 1 < sizeof(number); at++) {
		if (isdigit((unsigned char)text[at]) || text[at] == '.')
			number[n++] = text[at];
		else if (text[at] != ',')
			break;
	}
	number[n] = '\0';
	return isdigit((unsigned char)number[0]) ? strtod(number, NULL) : 0;
}

/* The length of the first max code points. */
static size_t
cut(const char *text, size_t len, size_t max)
{
	for (size_t i = 0; i < len; i++) {
		bool begins = (text[i] & 0xc0) != 0x80;

		if (begins && max-- == 0)
			return i;
	}
	return len;
}

void
value_put_text(bson_t *out, const char *field, struct view text, size_t max)
{
	size_t len = cut(text.text, text.len, max);
	char *clean;

	if (bson_utf8_validate(text.text, len, true)) {
		put_text(out, field, text.text, len);
		return;
	}
	clean = bson_malloc(len);
	for (size_t i = 0; i < len; i++)
		clean[i] =
		    (unsigned char)text.text[i] < 0x80 ? text.text[i] : '?';
	put_text(out, field, clean, len);
	bson_free(clean);
}
