/*
 * list_cursor.h: where a list goes on, as text for the client to bring back.
 *
 * Opaque to clients, strict for us: only what was written here is read, to
 * the byte.  It holds no secret: a forged one walks the forger's own list.
 */
#ifndef CGI_LIST_CURSOR_H
#define CGI_LIST_CURSOR_H

#include "cgi/store_list.h"

#define LIST_CURSOR_BYTES 128

void list_cursor_write(
    char out[LIST_CURSOR_BYTES], const struct list_place *place);
bool list_cursor_read(const char *text, struct list_place *place);

#endif
