/*
 * metrics.c: see metrics.h.
 *
 * Source: Prometheus text format 0.0.4.
 */
#include "cgi/metrics.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "cgi/hub.h"
#include "cgi/route.h"

#define NO_ROUTE ROUTES_MAX
#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))

static const struct {
	const char *name, *help;
} names[METRIC_COUNT] = {
    [METRIC_SENDS] = {"sends", "Messages newly stored."},
    [METRIC_DUPLICATES] = {"duplicates", "Sends answered as duplicates."},
    [METRIC_CONFLICTS] = {"conflicts", "Requests answered 409."},
    [METRIC_DATABASE_ERRORS] = {"database_errors",
	"Statements that failed or had an unknown outcome."},
    [METRIC_RETRIES] = {"retries", "Statements tried again after a race."},
    [METRIC_ROLLS] = {"rolls", "Windows moved to the archive."},
    [METRIC_BARRIERS] = {"barriers", "Barrier writes while in doubt."},
    [METRIC_NOT_MODIFIED] = {"not_modified", "Requests answered 304."},
    [METRIC_ADMIN_READS] = {"admin_reads", "Conversations read by admins."},
    [METRIC_LIVE_LOST] = {"live_lost",
	"Commits that were not, or perhaps not, published."},
};

/* Every status that is answered; the last row counts any other. */
static const int statuses[] = {
    200, 201, 304, 400, 401, 403, 404, 405, 409, 413, 415, 429, 500, 503, 0};

/* Upper bounds of the histogram, and as Prometheus wants them written. */
static const struct {
	int64_t microseconds;
	const char *seconds;
} buckets[] = {
    {500, "0.0005"},
    {1000, "0.001"},
    {2500, "0.0025"},
    {5000, "0.005"},
    {10000, "0.01"},
    {25000, "0.025"},
    {50000, "0.05"},
    {100000, "0.1"},
    {250000, "0.25"},
    {500000, "0.5"},
    {1000000, "1"},
    {2500000, "2.5"},
    {5000000, "5"},
    {10000000, "10"},
    {INT64_MAX, "+Inf"},
};

static _Atomic uint64_t counters[METRIC_COUNT];
static struct {
	_Atomic uint64_t status[COUNT_OF(statuses)];
	_Atomic uint64_t bucket[COUNT_OF(buckets)]; /* not cumulative */
	_Atomic uint64_t microseconds;
	_Atomic uint64_t live;
} requests[ROUTES_MAX + 1];

static void
add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static uint64_t
get(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

void
metrics_count(enum metric metric, uint64_t n)
{
	add(&counters[metric], n);
}

void
metrics_request(int route, int status, int64_t microseconds)
{
	size_t row = route < 0 ? NO_ROUTE : (size_t)route;
	size_t s = 0, b = 0;

	while (statuses[s] != status && statuses[s] != 0)
		s++;
	while (buckets[b].microseconds < microseconds)
		b++;
	add(&requests[row].status[s], 1);
	add(&requests[row].bucket[b], 1);
	add(&requests[row].microseconds, (uint64_t)microseconds);
	if (status == 409)
		metrics_count(METRIC_CONFLICTS, 1);
	if (status == 304)
		metrics_count(METRIC_NOT_MODIFIED, 1);
}

void
metrics_live(int route)
{
	if (route >= 0)
		add(&requests[route].live, 1);
}

static void
put_counters(struct buffer *b)
{
	for (size_t i = 0; i < METRIC_COUNT; i++) {
		buffer_printf(b, "# HELP parley_%s_total %s\n", names[i].name,
		    names[i].help);
		buffer_printf(
		    b, "# TYPE parley_%s_total counter\n", names[i].name);
		buffer_printf(b, "parley_%s_total %" PRIu64 "\n", names[i].name,
		    get(&counters[i]));
	}
}

/* method="GET",path="/api/health", or of no row: what no path or method took */
static void
put_labels(struct buffer *b, size_t row)
{
	bool known = row < route_count;

	buffer_printf(b, "{method=\"%s\",path=\"%s\"",
	    known ? routes[row].method : "", known ? routes[row].path : "");
}

static void
put_statuses(struct buffer *b, size_t row)
{
	for (size_t i = 0; i < COUNT_OF(statuses); i++) {
		uint64_t n = get(&requests[row].status[i]);

		if (n == 0)
			continue;
		buffer_puts(b, "parley_requests_total");
		put_labels(b, row);
		buffer_printf(b, ",code=\"%d\"} %" PRIu64 "\n", statuses[i], n);
	}
}

static void
put_histogram(struct buffer *b, size_t row)
{
	uint64_t total = 0;

	for (size_t i = 0; i < COUNT_OF(buckets); i++) {
		total += get(&requests[row].bucket[i]);
		buffer_puts(b, "parley_request_seconds_bucket");
		put_labels(b, row);
		buffer_printf(
		    b, ",le=\"%s\"} %" PRIu64 "\n", buckets[i].seconds, total);
	}
	buffer_puts(b, "parley_request_seconds_sum");
	put_labels(b, row);
	buffer_printf(
	    b, "} %.6f\n", (double)get(&requests[row].microseconds) / 1e6);
	buffer_puts(b, "parley_request_seconds_count");
	put_labels(b, row);
	buffer_printf(b, "} %" PRIu64 "\n", total);
}

static void
put_live(struct buffer *b)
{
	buffer_puts(b, "# HELP parley_live_requests_total Requests of relays.\n"
		       "# TYPE parley_live_requests_total counter\n");
	for (size_t row = 0; row < route_count; row++)
		if (routes[row].live)
			buffer_printf(b,
			    "parley_live_requests_total{event=\"%s\"} %" PRIu64
			    "\n",
			    routes[row].live, get(&requests[row].live));
}

/* Every row that is in the table, and the one of no route. */
static void
put_rows(struct buffer *b, void (*put)(struct buffer *, size_t))
{
	for (size_t row = 0; row < route_count; row++)
		put(b, row);
	put(b, NO_ROUTE);
}

int
metrics_get(struct request *req, struct reply *out)
{
	struct buffer *b = &out->body;

	(void)req;
	put_counters(b);
	buffer_puts(b, "# HELP parley_requests_total Requests answered.\n"
		       "# TYPE parley_requests_total counter\n");
	put_rows(b, put_statuses);
	buffer_puts(b, "# HELP parley_request_seconds Time to an answer.\n"
		       "# TYPE parley_request_seconds histogram\n");
	put_rows(b, put_histogram);
	put_live(b);
	hub_metrics(b);
	out->type = "text/plain; version=0.0.4; charset=utf-8";
	return reply_json(out, 200);
}
