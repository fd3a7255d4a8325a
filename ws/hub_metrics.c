/*
 * hub_metrics.c: see hub_metrics.h.
 */
#include "ws/hub_metrics.h"

#include <inttypes.h>

#define P "parley_live_"

static const char *const dialects[METRIC_DIALECTS] = {
    "native", "socketio", "chat", "other"};

/* What the api publishes: the contract's table of events, and publish_chat.h */
static const char *const events[METRIC_EVENTS] = {
    "conversation:new-message",
    "message:status",
    "conversation:read",
    "conversation:delivered",
    "conversation:updated",
    "conversations:deleted",
    "chat:message",
    "chat:session",
    "resync",
    "other",
};

/* The contract's reasons; and "gone": it left without a word. */
static const char *const ends[METRIC_ENDS] = {"left", "gone", "auth_failed",
    "revoked", "too_large", "slow_consumer", "idle", "rate_limited",
    "server_restart", "other"};

/* Upper bounds of the histogram, and as Prometheus wants them written. */
static const struct {
	int64_t us;
	const char *seconds;
} buckets[METRIC_BUCKETS] = {
    {250, "0.00025"},
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
    {5000000, "5"},
    {INT64_MAX, "+Inf"},
};

/* Those without labels. */
static const struct {
	size_t at;
	const char *name, *type, *help;
} plain[] = {
#define AT(member) offsetof(struct hub_metrics, member)
    {AT(bound), "bound", "gauge", "Connections whose account is known."},
    {AT(accounts), "accounts", "gauge", "Accounts that are connected."},
    {AT(rooms), "rooms", "gauge", "Conversations that somebody has joined."},
    {AT(queue_bytes_max), "queue_bytes_max", "gauge",
	"The most that ever waited for one connection."},
    {AT(deliveries), "deliveries_total", "counter",
	"Published events handed to connections."},
    {AT(packets), "packets_total", "counter",
	"Packets handed to the kernel, of one or more lines."},
    {AT(full), "full_total", "counter",
	"Times that the kernel's queue of a connection was full."},
    {AT(dropped), "dropped_total", "counter",
	"Lines that did not fit into the queue of a connection."},
    {AT(resyncs), "resyncs_total", "counter",
	"Connections told that something may have been lost."},
    {AT(typing), "typing_total", "counter",
	"Signs of typing from connections that had joined."},
    {AT(ignored), "ignored_total", "counter",
	"Lines not understood, or about nobody who is connected."},
#undef AT
};

static size_t
find(struct span name, const char *const *table, size_t count)
{
	size_t i = 0;

	while (i < count - 1 && !span_is(name, table[i]))
		i++;
	return i;
}

size_t
metric_dialect(struct span name)
{
	return find(name, dialects, METRIC_DIALECTS);
}

size_t
metric_event(struct span name)
{
	return find(name, events, METRIC_EVENTS);
}

size_t
metric_end(struct span code)
{
	return find(code, ends, METRIC_ENDS);
}

void
hub_metrics_delivered(struct hub_metrics *metrics, int64_t us)
{
	size_t i = 0;

	if (us < 0)
		us = 0; /* a clock that is not ours */
	while (buckets[i].us < us)
		i++;
	metrics->bucket[i]++;
	metrics->delivery_us += (uint64_t)us;
	metrics->deliveries++;
}

static void
print_head(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP " P "%s %s\n# TYPE " P "%s %s\n", name, help, name,
	    type);
}

static void
print_plain(const struct hub_metrics *metrics, FILE *out)
{
	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++) {
		const char *at = (const char *)metrics + plain[i].at;

		print_head(out, plain[i].name, plain[i].type, plain[i].help);
		fprintf(out, P "%s %" PRIu64 "\n", plain[i].name,
		    *(const uint64_t *)(const void *)at);
	}
}

static void
print_rows(FILE *out, const char *name, const char *label,
    const char *const *row, const uint64_t *n, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fprintf(out, P "%s{%s=\"%s\"} %" PRIu64 "\n", name, label,
		    row[i], n[i]);
}

static void
print_delivery(const struct hub_metrics *metrics, FILE *out)
{
	uint64_t total = 0;

	print_head(out, "delivery_seconds", "histogram",
	    "From a request to the kernel's queue of a connection.");
	for (size_t i = 0; i < METRIC_BUCKETS; i++) {
		total += metrics->bucket[i];
		fprintf(out,
		    P "delivery_seconds_bucket{le=\"%s\"} %" PRIu64 "\n",
		    buckets[i].seconds, total);
	}
	fprintf(out, P "delivery_seconds_sum %.6f\n",
	    (double)metrics->delivery_us / 1e6);
	fprintf(out, P "delivery_seconds_count %" PRIu64 "\n", total);
}

void
hub_metrics_print(const struct hub_metrics *metrics, FILE *out)
{
	print_head(out, "connections", "gauge", "Connections by dialect.");
	print_rows(out, "connections", "dialect", dialects,
	    metrics->connections, METRIC_DIALECTS);
	print_head(out, "events_total", "counter", "Events published.");
	print_rows(out, "events_total", "event", events, metrics->events,
	    METRIC_EVENTS);
	print_head(out, "ends_total", "counter", "Connections that ended.");
	print_rows(out, "ends_total", "code", ends, metrics->ends, METRIC_ENDS);
	print_plain(metrics, out);
	print_delivery(metrics, out);
}
