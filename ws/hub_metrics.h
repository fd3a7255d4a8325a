/*
 * hub_metrics.h: what the hub counts, as Prometheus text (format 0.0.4).
 *
 * It goes to the api, which shows it beside its own.  Labels come from the
 * tables in hub_metrics.c alone: what is not in them is "other".
 */
#ifndef WS_HUB_METRICS_H
#define WS_HUB_METRICS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "ws/span.h"

/* Sizes of the tables, the row "other" included. */
#define METRIC_DIALECTS 4
#define METRIC_EVENTS 10
#define METRIC_ENDS 10
#define METRIC_BUCKETS 14

struct hub_metrics {
	/* how many there are */
	uint64_t connections[METRIC_DIALECTS];
	uint64_t bound, accounts, rooms;
	uint64_t queue_bytes_max;

	/* how often it came to pass */
	uint64_t events[METRIC_EVENTS];
	uint64_t ends[METRIC_ENDS];
	uint64_t deliveries, packets, full, dropped, resyncs, typing, ignored;
	uint64_t bucket[METRIC_BUCKETS]; /* of deliveries, not cumulative */
	uint64_t delivery_us;            /* all of them together */
};

/* Rows of the tables. */
size_t metric_dialect(struct span name);
size_t metric_event(struct span name);
size_t metric_end(struct span code);

/* A published event was handed to the kernel, so long after its request. */
void hub_metrics_delivered(struct hub_metrics *metrics, int64_t us);

void hub_metrics_print(const struct hub_metrics *metrics, FILE *out);

#endif
