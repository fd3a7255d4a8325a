/*
 * The api's end of the bus, against a listener in place of the hub.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgi/clock.h"
#include "cgi/hub.h"
#include "cgi/revoked.h"
#include "ws/bus.h"

#define PATIENCE_MS 5000
#define QUIET_MS 250 /* longer than "lost" waits for its next try */

static char folder[64], path[96];
static struct settings settings;
static int listener = -1, hub = -1;
static char packet[BUS_FRAME_MAX + 1];

static void
listen_as_hub(void)
{
	listener = bus_listen(path, 0600);
	cr_assert_geq(listener, 0, "%s", strerror(errno));
}

static void
choose_path(void)
{
	strcpy(folder, "/tmp/parley-hub-XXXXXX");
	cr_assert(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/hub.sock", folder);
	settings.hub_socket = path;
}

static void
start(void)
{
	choose_path();
	listen_as_hub();
	cr_assert(hub_open(&settings));
}

static void
stop(void)
{
	hub_close();
	(void)unlink(path);
	(void)rmdir(folder);
}

TestSuite(hub_client, .init = start, .fini = stop);
TestSuite(hub_client_alone, .init = choose_path, .fini = stop);

static bool
comes(int fd, int ms)
{
	struct pollfd set = {.fd = fd, .events = POLLIN};

	return poll(&set, 1, ms) > 0;
}

/* The next packet, or "" where the api has gone. */
static const char *
next(void)
{
	ssize_t n;

	cr_assert(comes(hub, PATIENCE_MS), "nothing comes");
	n = bus_receive(hub, packet, sizeof(packet) - 1);
	cr_assert_geq(n, 0);
	packet[n] = '\0';
	return packet;
}

/* Let the api in, which greets first of all. */
static void
let_in(void)
{
	cr_assert(comes(listener, PATIENCE_MS), "it does not connect");
	hub = bus_accept(listener);
	cr_assert_geq(hub, 0);
	cr_expect_str_eq(next(), "api\t1\n");
}

static void
say(const char *text)
{
	cr_assert_eq(bus_send(hub, text, strlen(text)), 0);
}

static bool
send_text(const char *text)
{
	return hub_send(text, strlen(text));
}

/* Wait until a line stands in the metrics. */
static bool
metrics_say(const char *line)
{
	int64_t until = clock_steady_ms() + PATIENCE_MS;
	struct buffer b = {0};
	bool found;

	do {
		buffer_reset(&b);
		hub_metrics(&b);
		found = strstr(b.data, line) != NULL;
	} while (
	    !found && clock_steady_ms() < until && (poll(NULL, 0, 1), true));
	buffer_release(&b);
	return found;
}

/* Until the api is connected sends are refused: this one was taken. */
static void
let_in_and_wait(void)
{
	let_in();
	say("hello\t1\n");
	cr_assert(metrics_say("\nparley_live_up 1\n"));
}

Test(hub_client, frames_arrive_whole_and_in_order)
{
	static char large[BUS_FRAME_MAX];

	let_in_and_wait();
	cr_expect(send_text("publish\tx\t1\t-\na\t{}\nb\t{}\n"));
	cr_expect_str_eq(next(), "publish\tx\t1\t-\na\t{}\nb\t{}\n");
	memset(large, 'x', sizeof(large));
	cr_expect(hub_send(large, sizeof(large)));
	cr_expect_eq(strlen(next()), sizeof(large));
}

Test(hub_client, a_frame_that_is_too_long_is_refused)
{
	static char large[BUS_FRAME_MAX + 1];

	let_in_and_wait();
	cr_expect_not(hub_send(large, sizeof(large)));
	cr_expect(send_text("x\n"));
}

Test(hub_client_alone, without_the_setting_all_is_quietly_well)
{
	struct buffer b = {0};

	settings.hub_socket = "";
	cr_expect(hub_open(&settings));
	cr_expect_not(hub_is_used());
	cr_expect(send_text("x\n"));
	hub_lost();
	hub_revoke("ab", 1);
	hub_metrics(&b);
	cr_expect_eq(b.len, 0);
	hub_close();
}

Test(hub_client_alone, a_hub_that_comes_later_is_found_within_a_second)
{
	int64_t began;

	cr_assert(hub_open(&settings));
	cr_expect_not(send_text("x\n"));
	cr_expect(metrics_say("parley_live_up 0\n"));
	poll(NULL, 0, 1500); /* its tries are as rare by now as they get */
	began = clock_steady_ms();
	listen_as_hub();
	let_in_and_wait();
	cr_expect_lt(clock_steady_ms() - began, 1500);
	cr_expect(send_text("x\n"));
	cr_expect_str_eq(next(), "x\n");
}

/* A hub that is merely busy makes room in time. */
Test(hub_client, a_stalled_hub_costs_a_moment_once)
{
	int64_t began;

	let_in_and_wait();
	while (send_text("x\n"))
		continue;
	began = clock_steady_ms();
	for (int i = 0; i < 1000; i++)
		cr_assert_not(send_text("x\n"));
	cr_expect_lt(clock_steady_ms() - began, 1000);
}

static void *
read_slowly(void *unused)
{
	(void)unused;
	for (int i = 0; i < 1000; i++) {
		(void)next();
		if (i % 100 == 99)
			poll(NULL, 0, 1);
	}
	return NULL;
}

Test(hub_client, a_burst_to_a_busy_hub_is_not_lost)
{
	static char frame[2048];
	pthread_t reader;

	let_in_and_wait();
	memset(frame, 'x', sizeof(frame));
	pthread_create(&reader, NULL, read_slowly, NULL);
	for (int i = 0; i < 1000; i++)
		cr_expect(hub_send(frame, sizeof(frame)), "%d", i);
	pthread_join(reader, NULL);
}

Test(hub_client, what_was_lost_is_said_once_when_there_is_room)
{
	let_in_and_wait();
	while (send_text("publish\tx\t1\t-\na\t{}\n"))
		continue;
	hub_lost();
	hub_lost();
	while (strcmp(next(), "lost\n") != 0)
		cr_assert_str_eq(packet, "publish\tx\t1\t-\na\t{}\n");
	cr_expect_not(comes(hub, QUIET_MS), "said twice");
	hub_lost();
	cr_expect_str_eq(next(), "lost\n");
}

Test(hub_client_alone, what_was_lost_before_the_greeting_needs_no_word)
{
	cr_assert(hub_open(&settings));
	hub_lost();
	listen_as_hub();
	let_in_and_wait();
	cr_expect_not(comes(hub, QUIET_MS));
}

Test(hub_client, a_hub_that_went_is_back_within_a_second)
{
	let_in_and_wait();
	close(hub);
	cr_expect(metrics_say("parley_live_up 0\n"));
	hub_lost();
	let_in_and_wait();
	cr_expect_not(comes(hub, QUIET_MS));
}

/* As one does that does not know us. */
Test(hub_client, a_hub_that_closes_at_once_is_not_flooded)
{
	int connects = 0;
	int64_t until = clock_steady_ms() + 1000;

	while (clock_steady_ms() < until) {
		if (!comes(listener, 50))
			continue;
		close(bus_accept(listener));
		connects++;
	}
	cr_expect_geq(connects, 2);
	cr_expect_leq(connects, 5);
}

Test(hub_client, a_session_that_ends_is_told_at_once)
{
	let_in_and_wait();
	hub_revoke("0123", 1767400000);
	cr_expect_str_eq(next(), "revoke\t0123\t1767400000\n");
}

/* More than its queue holds, and while nobody reads at first. */
Test(hub_client_alone, ended_sessions_are_all_told_at_each_connect)
{
	enum { MANY = 2000 };
	int64_t now = clock_wall_ms() / 1000;
	int told[MANY] = {0};

	for (int i = 0; i < MANY; i++) {
		char session[65];

		snprintf(session, sizeof(session), "%064x", (unsigned)i);
		revoked_add(session, i % 2 ? now + 1000 : now - 1);
	}
	listen_as_hub();
	cr_assert(hub_open(&settings));
	let_in();
	poll(NULL, 0, QUIET_MS);
	for (int left = MANY / 2; left > 0; left--) {
		unsigned i;

		cr_assert_eq(
		    sscanf(next(), "revoke\t%64x\t", &i), 1, "%s", packet);
		told[i]++;
	}
	for (int i = 0; i < MANY; i++)
		cr_expect_eq(told[i], i % 2, "%d", i);
	cr_expect_not(comes(hub, QUIET_MS));
}

Test(hub_client, one_that_was_not_taken_is_told_when_there_is_room)
{
	int seen = 0;

	let_in_and_wait();
	while (send_text("x\n"))
		continue;
	revoked_add("0123", clock_wall_ms() / 1000 + 1000);
	hub_revoke("0123", 1);
	while (seen == 0)
		seen = strncmp(next(), "revoke\t0123\t", 12) == 0;
}

Test(hub_client, counters_of_the_hub_are_among_ours)
{
	let_in_and_wait();
	say("stats\nparley_live_rooms 3\nparley_live_bound 2\n");
	cr_expect(metrics_say("\nparley_live_rooms 3\nparley_live_bound 2\n"));
	say("stats\nparley_live_rooms 4\n");
	cr_expect(metrics_say("\nparley_live_rooms 4\n"));
	cr_expect(metrics_say("\nparley_live_up 1\n"));
}

Test(hub_client, what_makes_no_sense_is_ignored)
{
	static char large[BUS_FRAME_MAX];
	static const char *const senseless[] = {"\n", "\t\t\n", "stats",
	    "what\tis\tthis\n", "stats\x01\n", "hello\n", "stats\n", "bound\n"};

	let_in_and_wait();
	for (size_t i = 0; i < sizeof(senseless) / sizeof(*senseless); i++)
		say(senseless[i]);
	memset(large, 'x', sizeof(large));
	cr_assert_eq(bus_send(hub, large, sizeof(large)), 0);
	say("stats\nparley_live_rooms 5\n");
	cr_expect(metrics_say("\nparley_live_rooms 5\n"));
}
