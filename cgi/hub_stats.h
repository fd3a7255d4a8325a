/*
 * hub_stats.h: the newest counters of the hub, as it sent them (Prometheus
 * text), kept for GET /api/metrics.  For hub.c alone.
 */
#ifndef CGI_HUB_STATS_H
#define CGI_HUB_STATS_H

#include <stddef.h>

#include "cgi/buffer.h"

void hub_stats_keep(const char *text, size_t len);

/* Append them; what is older than 5 s says nothing about now. */
void hub_stats_put(struct buffer *b);

void hub_stats_release(void);

#endif
