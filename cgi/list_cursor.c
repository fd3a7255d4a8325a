/*
 * Cursors of lists (see list_cursor.h).
 */
#include "cgi/list_cursor.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void
list_cursor_write(char out[LIST_CURSOR_BYTES], const struct list_place *place)
{
	char oid[25];

	bson_oid_to_string(&place->oid, oid);
	snprintf(out, LIST_CURSOR_BYTES, "%d_%" PRId64 "_%s_%" PRId64 "_%s",
	    place->phase, place->changed, oid, place->sync, place->at);
}

bool
list_cursor_read(const char *text, struct list_place *place)
{
	char oid[25] = "", again[LIST_CURSOR_BYTES];

	memset(place, 0, sizeof(*place));
	if (sscanf(text, "%d_%" SCNd64 "_%24[0-9a-f]_%" SCNd64 "_%24s",
		&place->phase, &place->changed, oid, &place->sync,
		place->at) < 4 ||
	    strlen(oid) != 24 || place->phase < 0 || place->phase > 1)
		return false;
	bson_oid_init_from_string(&place->oid, oid);
	place->set = true;
	list_cursor_write(again, place);
	return strcmp(text, again) == 0;
}
