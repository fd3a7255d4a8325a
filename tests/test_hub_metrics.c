/*
 * The hub's counters as Prometheus reads them, and labels from tables alone.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "ws/bus.h"
#include "ws/hub_metrics.h"

static char text[BUS_PACKET_MAX];

static bool
prints(const struct hub_metrics *metrics, const char *line)
{
	FILE *out = fmemopen(text, sizeof(text), "w");
	char whole[128];

	hub_metrics_print(metrics, out);
	fclose(out);
	snprintf(whole, sizeof(whole), "\nparley_live_%s\n", line);
	return strstr(text, whole);
}

Test(hub_metrics, what_is_not_in_a_table_is_other)
{
	struct hub_metrics metrics = {0};

	metrics.events[metric_event(SPAN("message:status"))] = 1;
	metrics.events[metric_event(SPAN("x\"} 1\nevil"))] = 2;
	metrics.ends[metric_end(SPAN("revoked"))] = 3;
	metrics.ends[metric_end(SPAN(""))] = 4;
	metrics.connections[metric_dialect(SPAN("chat"))] = 5;
	metrics.connections[metric_dialect(SPAN("chatter"))] = 6;
	cr_expect(prints(&metrics, "events_total{event=\"message:status\"} 1"));
	cr_expect(prints(&metrics, "events_total{event=\"other\"} 2"));
	cr_expect(prints(&metrics, "ends_total{code=\"revoked\"} 3"));
	cr_expect(prints(&metrics, "ends_total{code=\"other\"} 4"));
	cr_expect(prints(&metrics, "connections{dialect=\"chat\"} 5"));
	cr_expect(prints(&metrics, "connections{dialect=\"other\"} 6"));
}

Test(hub_metrics, the_histogram_is_cumulative_and_its_bounds_belong_to_it)
{
	struct hub_metrics metrics = {0};

	hub_metrics_delivered(&metrics, -5);
	hub_metrics_delivered(&metrics, 250);
	hub_metrics_delivered(&metrics, 251);
	hub_metrics_delivered(&metrics, 6000000);
	cr_expect(
	    prints(&metrics, "delivery_seconds_bucket{le=\"0.00025\"} 2"));
	cr_expect(prints(&metrics, "delivery_seconds_bucket{le=\"0.0005\"} 3"));
	cr_expect(prints(&metrics, "delivery_seconds_bucket{le=\"5\"} 3"));
	cr_expect(prints(&metrics, "delivery_seconds_bucket{le=\"+Inf\"} 4"));
	cr_expect(prints(&metrics, "delivery_seconds_sum 6.000501"));
	cr_expect(prints(&metrics, "delivery_seconds_count 4"));
	cr_expect(prints(&metrics, "deliveries_total 4"));
}

Test(hub_metrics, every_series_is_printed_once_and_described)
{
	static char copy[sizeof(text)];
	struct hub_metrics metrics;
	char wanted[128];
	int series = 0;

	memset(&metrics, 0xff, sizeof(metrics)); /* the longest numbers */
	cr_expect_not(prints(&metrics, "nothing"));
	memcpy(copy, text, sizeof(copy));
	for (char *at = strtok(copy, "\n"); at; at = strtok(NULL, "\n")) {
		if (*at == '#' || strstr(at, "delivery_seconds"))
			continue;
		series++;
		*strchr(at, ' ') = '\0';
		snprintf(wanted, sizeof(wanted), "\n%s ", at);
		cr_expect_null(strstr(strstr(text, wanted) + 1, wanted));
		at[strcspn(at, "{")] = '\0';
		snprintf(wanted, sizeof(wanted), "\n# TYPE %s ", at);
		cr_expect_not_null(strstr(text, wanted), "%s", at);
	}
	cr_expect_gt(series, 30);
}
