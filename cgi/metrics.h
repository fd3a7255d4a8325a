/*
 * metrics.h: counters for GET /api/metrics (Prometheus text, loopback only).
 *
 * Relaxed atomics in one table; nothing here waits.
 */
#ifndef CGI_METRICS_H
#define CGI_METRICS_H

#include <stdint.h>

#include "cgi/buffer.h"
#include "cgi/request.h"
#include "cgi/reply.h"

enum metric {
	METRIC_SENDS,      /* messages newly stored */
	METRIC_DUPLICATES, /* sends answered as duplicates */
	METRIC_CONFLICTS,  /* 409 */
	METRIC_DATABASE_ERRORS,
	METRIC_RETRIES,      /* statements tried again after a race */
	METRIC_ROLLS,        /* windows moved to the archive */
	METRIC_BARRIERS,     /* barrier writes while in doubt */
	METRIC_NOT_MODIFIED, /* 304 */
	METRIC_ADMIN_READS,
	METRIC_LIVE_LOST, /* what hub_lost() was told */
	METRIC_COUNT,
};

void metrics_count(enum metric metric, uint64_t n);

/* One finished request of row route (-1: no route), its status and time. */
void metrics_request(int route, int status, int64_t microseconds);

/* It came from a relay. */
void metrics_live(int route);

/* Handler of GET /api/metrics. */
int metrics_get(struct request *req, struct reply *out);

#endif
