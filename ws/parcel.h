/*
 * parcel.h: a line of the bus on its way, shared by all who are to get it.
 *
 * Counted, because one event goes to many connections and some of them keep
 * it for a while: what waits for them is there once, not once for each.
 */
#ifndef WS_PARCEL_H
#define WS_PARCEL_H

#include <stddef.h>
#include <stdint.h>

#include "ws/span.h"

struct parcel {
	unsigned holders;
	int64_t began_us; /* of a published event, steady; 0: none such */
	size_t len;
	char bytes[];
};

/*
 * A line of these fields, which hold no TAB (but the last) and no LF.  Gives;
 * out of memory ends the process.
 */
struct parcel *parcel_new(const struct span *field, size_t count);

struct parcel *parcel_hold(struct parcel *parcel);
void parcel_release(struct parcel *parcel);

#endif
