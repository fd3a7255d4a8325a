/*
 * hub_counters.h: the newest counters of the hub, as it sent them (Prometheus
 * text), kept for GET /api/metrics.  For hub.c alone.
 */
#ifndef CGI_HUB_COUNTERS_H
#define CGI_HUB_COUNTERS_H

#include <stddef.h>

#include "cgi/buffer.h"

void hub_counters_keep(const char *text, size_t len);

/* Append them; what is older than 5 s says nothing about now. */
void hub_counters_put(struct buffer *b);

void hub_counters_release(void);

#endif
