/*
 * What waits for one peer: packets, limits, losses, and the last line.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ws/bus.h"
#include "ws/peer.h"

#define LIMIT 4096

static struct peer peer;
static struct hub_metrics metrics;
static int other; /* its end of the socket */
static char packet[BUS_FRAME_MAX + 1];

static void
start(void)
{
	int end[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, end), 0);
	peer_init(&peer, end[0], LIMIT);
	other = end[1];
}

static bool
put(const char *text, size_t len)
{
	struct parcel *parcel = parcel_new(&(struct span){text, len}, 1);
	bool fits = peer_put(&peer, parcel);

	parcel_release(parcel);
	return fits;
}

static bool
say(const char *text)
{
	return put(text, strlen(text));
}

static void
say_last(const char *text)
{
	struct parcel *parcel =
	    parcel_new(&(struct span){text, strlen(text)}, 1);

	peer_put_last(&peer, parcel);
	parcel_release(parcel);
}

/* The next packet, "" where there is none. */
static const char *
hear(void)
{
	ssize_t n = bus_receive(other, packet, sizeof(packet) - 1);

	packet[n < 0 ? 0 : n] = '\0';
	return packet;
}

/* Until neither the kernel nor the queue takes more. */
static int
fill(const char *text)
{
	int lines = 0;

	while (peer_flush(&peer, &metrics) == PEER_EMPTY)
		lines += say(text);
	while (say(text))
		lines++;
	return lines;
}

/* Read and send on until all was told: its lines, and the last of them. */
static int
drain(const char **last)
{
	static char line[64];
	int lines = 0;

	while (*hear() || peer.first) {
		for (char *at = strtok(packet, "\n"); at;
		     at = strtok(NULL, "\n")) {
			lines++;
			snprintf(line, sizeof(line), "%s", at);
		}
		(void)peer_flush(&peer, &metrics);
	}
	*last = line;
	return lines;
}

Test(peer, lines_of_one_turn_are_one_packet, .init = start)
{
	cr_expect(say("one") && say("two") && say("three"));
	cr_expect_str_eq(hear(), "");
	cr_expect_eq(peer_flush(&peer, &metrics), PEER_EMPTY);
	cr_expect_str_eq(hear(), "one\ntwo\nthree\n");
	cr_expect_str_eq(hear(), "");
	cr_expect_eq(metrics.packets, 1);
	cr_expect_eq(peer.bytes, 0);
}

Test(peer, a_packet_has_its_limit_and_only_whole_lines, .init = start)
{
	static char line[3000];
	size_t total = 0, len;

	peer.limit = 1 << 20;
	memset(line, 'x', sizeof(line));
	for (int i = 0; i < 50; i++)
		cr_assert(put(line, sizeof(line)));
	cr_expect_eq(peer_flush(&peer, &metrics), PEER_EMPTY);
	while ((len = strlen(hear())) > 0) {
		cr_expect_leq(len, BUS_PACKET_MAX);
		cr_expect_eq(len % (sizeof(line) + 1), 0);
		total += len;
	}
	cr_expect_eq(total, 50 * (sizeof(line) + 1));
	cr_expect_eq(metrics.packets, 3);
}

Test(peer, very_many_short_lines_are_several_packets, .init = start)
{
	peer.limit = 1 << 20;
	for (int i = 0; i < 1000; i++)
		cr_assert(say("x"));
	cr_expect_eq(peer_flush(&peer, &metrics), PEER_EMPTY);
	for (size_t left = 2000, len; left > 0; left -= len) {
		len = strlen(hear());
		cr_assert_gt(len, 0);
	}
}

Test(peer, a_line_longer_than_a_packet_is_lost_and_said_to_be, .init = start)
{
	static char line[BUS_PACKET_MAX];

	peer.limit = 1 << 20;
	memset(line, 'x', sizeof(line));
	cr_expect(put(line, BUS_PACKET_MAX - 1));
	cr_expect_not(put(line, BUS_PACKET_MAX));
	cr_expect_eq(peer_flush(&peer, &metrics), PEER_EMPTY);
	cr_expect_eq(strlen(hear()), BUS_PACKET_MAX);
	cr_expect_str_eq(hear(), "resync\n");
}

Test(peer, what_the_kernel_does_not_take_waits_up_to_the_limit, .init = start)
{
	fill("a line of some length");
	cr_expect_eq(peer_flush(&peer, &metrics), PEER_FULL);
	cr_expect_leq(peer.bytes, LIMIT);
	cr_expect_gt(peer.bytes, LIMIT - 100);
	cr_expect_geq(metrics.full, 2);
	cr_expect(peer.lost);
	peer_clear(&peer);
	cr_expect_eq(peer.bytes, 0);
}

Test(
    peer, who_lost_lines_is_told_once_when_all_the_rest_was_sent, .init = start)
{
	const char *last;
	int lines = fill("a line of some length");

	cr_expect(peer.lost);
	cr_expect_eq(drain(&last), lines + 1);
	cr_expect_str_eq(last, "resync");
	cr_expect_eq(metrics.resyncs, 1);
	cr_expect_not(peer.lost);
	say("next");
	cr_expect_eq(peer_flush(&peer, &metrics), PEER_EMPTY);
	cr_expect_str_eq(hear(), "next\n");
}

Test(peer, who_lost_nothing_is_not_told_so, .init = start)
{
	const char *last;
	int lines = 0;

	while (peer_flush(&peer, &metrics) == PEER_EMPTY)
		lines += say("a line");
	cr_expect_eq(drain(&last), lines);
	cr_expect_str_eq(last, "a line");
}

Test(peer, the_last_line_fits_and_is_the_last, .init = start)
{
	const char *last;
	int lines = fill("a line of some length");

	say_last("end\trevoked");
	cr_expect(say("later"), "let go quietly");
	say_last("end\tidle");
	cr_expect_eq(drain(&last), lines + 1);
	cr_expect_str_eq(last, "end\trevoked");
}

Test(peer, one_that_is_gone_costs_nothing_more, .init = start)
{
	close(other);
	say("one");
	cr_expect_eq(peer_flush(&peer, &metrics), PEER_DEAF);
	cr_expect_eq(peer.bytes, 0);
	cr_expect_null(peer.first);
	cr_expect_eq(peer_flush(&peer, &metrics), PEER_EMPTY);
}

Test(peer, one_parcel_is_shared_and_freed_with_its_last_holder, .init = start)
{
	struct parcel *parcel = parcel_new(&SPAN("shared"), 1);

	peer_put(&peer, parcel);
	peer_put(&peer, parcel);
	cr_expect_eq(parcel->holders, 3);
	cr_expect_eq(peer_flush(&peer, &metrics), PEER_EMPTY);
	cr_expect_eq(parcel->holders, 1);
	cr_expect_str_eq(hear(), "shared\nshared\n");
	parcel_release(parcel);
}

Test(
    peer, events_are_counted_with_their_time_other_lines_are_not, .init = start)
{
	struct parcel *event = parcel_new(&SPAN("event"), 1);

	event->began_us = 1; /* since the boot */
	peer_put(&peer, event);
	parcel_release(event);
	say("bound");
	cr_expect_eq(metrics.deliveries, 0, "not before it is sent");
	cr_expect_eq(peer_flush(&peer, &metrics), PEER_EMPTY);
	cr_expect_eq(metrics.deliveries, 1);
	cr_expect_eq(metrics.bucket[METRIC_BUCKETS - 1], 1);
}
