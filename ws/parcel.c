/*
 * parcel.c: see parcel.h.
 */
#include "ws/parcel.h"

#include <stdlib.h>
#include <string.h>

struct parcel *
parcel_new(const struct span *field, size_t count)
{
	struct parcel *parcel;
	size_t len = 0;
	char *at;

	for (size_t i = 0; i < count; i++)
		len += field[i].len + 1; /* and what ends it */
	parcel = malloc(sizeof(*parcel) + len);
	if (!parcel)
		abort(); /* out of memory */
	*parcel = (struct parcel){.holders = 1, .len = len};
	at = parcel->bytes;
	for (size_t i = 0; i < count; i++) {
		memcpy(at, field[i].at, field[i].len);
		at += field[i].len;
		*at++ = i + 1 < count ? '\t' : '\n';
	}
	return parcel;
}

struct parcel *
parcel_hold(struct parcel *parcel)
{
	parcel->holders++;
	return parcel;
}

void
parcel_release(struct parcel *parcel)
{
	if (--parcel->holders == 0)
		free(parcel);
}
