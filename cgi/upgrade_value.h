/*
 * upgrade_value.h: loose values of the original application, made strict.
 *
 * For the upgrade*.c files alone.
 */
#ifndef CGI_UPGRADE_VALUE_H
#define CGI_UPGRADE_VALUE_H

#include <bson/bson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cgi/schema.h"

/*
 * Readers for bson_read().  A moment is an ISO text or a date, within the
 * years that iso_write() can write.
 */
struct view {
	const char *text; /* may hold NUL */
	uint32_t len;
};
struct moment {
	bool known;
	int64_t ms;
};
void read_view(void *at, const bson_iter_t *it);
void read_moment(void *at, const bson_iter_t *it);

/* A message id as clients may send it; false and id->text "" otherwise. */
bool value_message_id(struct message_id *id, const bson_iter_t *value);

/*
 * The number after "Offer:", past a currency and thousands separators:
 * "Offer: Rs. 4,50,000" is 450000.  0 where there is none.
 */
double value_offer_price(const char *text, size_t len);
bool value_is_offer(const char *text, size_t len);

/* Append text, cut to max code points, bytes that are no UTF-8 as "?". */
void value_put_text(
    bson_t *out, const char *field, struct view text, size_t max);

#endif
