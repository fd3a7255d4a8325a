/*
 * Counters, as Prometheus reads them.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "cgi/metrics.h"
#include "cgi/route.h"

static struct reply out;

/* True if the text has this line. */
static bool
has(const char *line)
{
	char whole[256];

	snprintf(whole, sizeof(whole), "\n%s\n", line);
	reply_begin(&out);
	cr_assert_eq(metrics_get(NULL, &out), 200);
	return strstr(out.body.data, whole) != NULL;
}

static void
release(void)
{
	reply_release(&out);
}

TestSuite(metrics, .fini = release);

Test(metrics, what_was_counted_is_told)
{
	metrics_count(METRIC_SENDS, 1);
	metrics_count(METRIC_SENDS, 2);
	cr_expect(has("parley_sends_total 3"));
	cr_expect(has("parley_duplicates_total 0"));
	cr_expect(has("# TYPE parley_sends_total counter"));
}

Test(metrics, requests_are_told_by_route_and_code)
{
	metrics_request(0, 200, 10);
	metrics_request(0, 200, 10);
	metrics_request(0, 409, 10);
	metrics_request(1, 304, 10);
	metrics_request(-1, 404, 10);
	metrics_request(0, 418, 10);
#define CONVERSATIONS "path=\"/api/conversations\""
	cr_expect(has("parley_requests_total{method=\"GET\"," CONVERSATIONS
		      ",code=\"200\"} 2"));
	cr_expect(has("parley_requests_total{method=\"GET\"," CONVERSATIONS
		      ",code=\"409\"} 1"));
	cr_expect(has("parley_requests_total{method=\"POST\"," CONVERSATIONS
		      ",code=\"304\"} 1"));
	cr_expect(has("parley_requests_total{method=\"\",path=\"\","
		      "code=\"404\"} 1"));
	cr_expect(has("parley_requests_total{method=\"GET\"," CONVERSATIONS
		      ",code=\"0\"} 1"));
	cr_expect(has("parley_conflicts_total 1"));
	cr_expect(has("parley_not_modified_total 1"));
}

Test(metrics, what_relays_ask_for_is_told_by_event)
{
	for (size_t row = 0; row < route_count; row++)
		metrics_live((int)row);
	metrics_live(-1);
	cr_expect(has("parley_live_requests_total{event=\"session\"} 1"));
	cr_expect(has("parley_live_requests_total{event=\"join\"} 1"));
	cr_expect(has("parley_live_requests_total{event=\"message\"} 1"));
	cr_expect(has("parley_live_requests_total{event=\"mark\"} 1"));
}

Test(metrics, times_fall_into_cumulative_buckets)
{
	static const struct {
		const char *le;
		int count;
	} cases[] = {
	    {"0.0005", 2},
	    {"0.001", 3},
	    {"0.0025", 3},
	    {"10", 4},
	    {"+Inf", 5},
	};

	metrics_request(0, 200, 0);
	metrics_request(0, 200, 500);
	metrics_request(0, 200, 501);
	metrics_request(0, 200, 10000000);
	metrics_request(0, 200, 10000001);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char line[128];

		snprintf(line, sizeof(line),
		    "parley_request_seconds_bucket{method="
		    "\"GET\"," CONVERSATIONS ",le=\"%s\"} %d",
		    cases[i].le, cases[i].count);
		cr_expect(has(line), "%s", line);
	}
	cr_expect(has("parley_request_seconds_sum{method=\"GET\"," CONVERSATIONS
		      "} 20.001002"));
	cr_expect(
	    has("parley_request_seconds_count{method=\"GET\"," CONVERSATIONS
		"} 5"));
}
