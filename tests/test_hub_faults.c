/*
 * The hub among slow readers, losses, strangers and nonsense; how it starts
 * and stops.
 */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tests/hub_ends.h"

#define STALLED 2000
#define HEALTHY_EVENTS 500

TestSuite(hub_faults, .init = start, .fini = stop);
TestSuite(hub_fault_options, .fini = stop); /* those that change one first */

/* --- losses --- */

Test(hub_faults, when_the_api_comes_or_says_that_it_lost_all_bound_pull)
{
	struct end *ann = relay("ann"), *bob = relay("bob");
	struct end second = {0}, unbound = {0};

	connect_relay(&unbound);
	connect_api(&second);
	EXPECT(ann, "resync");
	EXPECT(bob, "resync");
	say(&api, "lost\n");
	EXPECT(ann, "resync");
	EXPECT(bob, "resync");
	settle();
	cr_expect(has_nothing(ann) && has_nothing(bob));
	cr_expect(has_nothing(&unbound));
	cr_expect_eq(counter("resyncs_total"), 4);
}

Test(hub_fault_options, a_loss_is_told_to_one_after_the_other_over_the_spread)
{
	struct end *ann[4];
	struct timespec begin, end;

	options.resync_ms = 200;
	start();
	for (int i = 0; i < 4; i++)
		ann[i] = relay("ann");
	clock_gettime(CLOCK_MONOTONIC, &begin);
	say(&api, "lost\nlost\n"); /* one telling is enough for both */
	EXPECT(ann[0], "resync");
	cr_expect(has_nothing(ann[3]));
	for (int i = 1; i < 4; i++)
		EXPECT(ann[i], "resync");
	clock_gettime(CLOCK_MONOTONIC, &end);
	cr_expect_geq((end.tv_sec - begin.tv_sec) * 1000 +
			  (end.tv_nsec - begin.tv_nsec) / 1000000,
	    149);
	cr_expect_eq(counter("resyncs_total"), 4);
}

Test(hub_fault_options,
    a_slow_reader_is_told_what_it_lost_when_it_has_read_the_rest)
{
	struct end *slow, *bob;
	const char *line;
	int events = 0;

	options.queue_bytes = 4096;
	start();
	slow = relay("ann");
	bob = relay("bob");
	for (int i = 0; i < 2000; i++) {
		say(&api, "publish\te\t1\t-\nann\t%d\nbob\t%d\n", i, i);
		EXPECT(bob, (snprintf(slow->packet, 64, "event\te\t%d", i),
				slow->packet));
	}
	while (strcmp(line = hear(slow), "resync") != 0) {
		cr_assert_eq(atoi(line + 8), events++, "%s", line);
	}
	cr_expect_gt(events, 100);
	cr_expect_lt(events, 2000);
	say(&api, "publish\te\t1\t-\nann\tnext\n");
	EXPECT(slow, "event\te\tnext");
	cr_expect_eq(counter("dropped_total"), 2000 - events);
}

Test(hub_fault_options, one_that_reads_nothing_at_all_is_dropped)
{
	struct end *stalled;

	options.stall_ms = 100;
	start();
	stalled = relay("ann");
	for (int i = 0; i < 1000; i++)
		say(&api, "publish\te\t1\t-\nann\t%03000d\n", i);
	while (counter("bound") > 0)
		continue;
	cr_expect_eq(counter("ends_total{code=\"slow_consumer\"}"), 1);
	while (strcmp(hear(stalled), "(closed)") != 0)
		continue;
}

/*
 * Counted, not timed: each of the stalled ones costs one send that fails, not
 * one for each event, and the healthy one gets every event by itself.
 */
Test(hub_fault_options, two_thousand_stalled_relays_do_not_slow_a_healthy_one)
{
	static int stalled[STALLED];
	static char text[32 * 1024];
	struct end *healthy, end = {0};

	options.queue_bytes = 64 * 1024;
	options.account_connections = 2 * STALLED;
	start();
	healthy = relay("bob");
	for (int i = 0; i < STALLED; i++) {
		connect_relay(&end);
		bind_relay(&end, "ann");
		stalled[i] = end.fd;
		end.rest = NULL;
	}
	memset(text, 'x', sizeof(text) - 1);
	for (int i = 0; i < 12; i++) { /* more than both queues hold */
		char line[sizeof(text) + 64];
		int n = snprintf(line, sizeof(line),
		    "publish\te\t1\t-\nann\t%s\nbob\t%d\n", text, i);

		cr_assert_eq(bus_send(api.fd, line, (size_t)n), 0);
		cr_assert_str_neq(hear(healthy), "(closed)");
	}
	cr_expect_geq(counter("full_total"), STALLED);
	for (int i = 0; i < HEALTHY_EVENTS; i++) {
		say(&api, "publish\te\t1\t-\nann\t%d\nbob\t%d\n", i, i);
		cr_assert_str_neq(hear(healthy), "(closed)");
	}
	cr_expect_eq(counter("full_total"), STALLED);
	cr_expect_geq(counted("dropped_total"), STALLED);
	cr_expect_eq(counted("bound"), STALLED + 1);
	for (int i = 0; i < STALLED; i++)
		close(stalled[i]);
}

/* --- strangers, nonsense, starts and stops --- */

Test(hub_faults, what_makes_no_sense_is_ignored_and_harms_nobody)
{
	/* clang-format off */
	static const char *const nonsense[] = {
		"x", "\n", "\t\t\t\n", "typing\n", "typing\tc1\n", "leave\n",
		"bye\n", "relay\n", "relay\t9\n", "no\tsuch\tline\n",
		"typing\tc1\t1", "bind\tx\t1\ts\tann\t1\n", "api\t1\n",
		"publish\te\t1\t-\nann\t1\n", "lost\n", "end\trevoked\n",
		"\x01\x02\x03", "\xff\xfe\n", "a\rb\n", "hello\t1\tx\n",
	};
	static const char *const of_api[] = {
		"publish\n", "publish\te\n", "publish\te\tx\t-\nann\t1\n",
		"publish\te\tx\t-\nlost\t1\n", "publish\te\nlost\t1\n",
		"bind\n", "bind\tx\ty\tz\n", "join\tx\n", "revoke\ts\n",
		"revoke\ts\tx\n", "stats\n", "relay\t1\tnative\n", "x",
		"typing\tc1\t1\n",
	};
	/* clang-format on */
	struct end *ann = relay("ann");
	struct end hostile = {0};
	static char huge[BUS_FRAME_MAX];

	connect_relay(&hostile);
	for (size_t i = 0; i < sizeof(nonsense) / sizeof(*nonsense); i++)
		cr_assert_eq(
		    bus_send(hostile.fd, nonsense[i], strlen(nonsense[i])), 0);
	memset(huge, 'x', sizeof(huge));
	cr_assert_eq(bus_send(hostile.fd, huge, sizeof(huge)), 0);
	for (size_t i = 0; i < sizeof(of_api) / sizeof(*of_api); i++)
		say(&api, "%s", of_api[i]);
	say(&api, "bind\t%s\tx\ts\tann\t1\n", hostile.id);
	say(&api, "bind\t%s\t%lld\ts\t\t1\n", hostile.id, FAR);
	say(&api, "publish\te\t1\t-\nann\t1\n");
	EXPECT(ann, "event\te\t1");
	say(&hostile, "typing\tc9\t1\n");
	EXPECT(&hostile, "refuse\tnot_found\tc9");
	cr_expect(has_nothing(&hostile), "%s", hear(&hostile));
	cr_expect_geq(counter("ignored_total"), 28);
	cr_expect(has_nothing(ann), "%s", hear(ann));
}

Test(hub_faults, an_identity_or_an_id_beyond_its_limit_is_ignored)
{
	static char text[BUS_IDENTITY_MAX + 2];
	struct end *ann = relay("ann");

	memset(text, 'x', BUS_IDENTITY_MAX + 1);
	say(&api, "bind\t%s\t%lld\ts\tann\t%s\t1\n", ann->id, FAR, text);
	say(&api, "join\t%s\tc1\tc1\tcustomer\tann\t%s\n", ann->id, text);
	text[BUS_CONVERSATION_MAX + 1] = '\0';
	join(ann, text, "customer");
	settle();
	cr_expect(has_nothing(ann));
}

Test(hub_faults, a_frame_of_its_full_size_is_taken)
{
	static char frame[BUS_FRAME_MAX];
	struct end *ann = relay("ann"), *bob = relay("bob");
	size_t half;
	int n = sprintf(frame, "publish\te\t1\t-\nann\t");

	half = BUS_PACKET_MAX - strlen("event\te\t\n");
	memset(frame + n, 'a', half);
	n += (int)half;
	n += sprintf(frame + n, "\nbob\t");
	memset(frame + n, 'b', sizeof(frame) - (size_t)n);
	frame[sizeof(frame) - 1] = '\n';
	cr_assert_eq(bus_send(api.fd, frame, sizeof(frame)), 0);
	cr_expect_eq(strlen(hear(ann)), BUS_PACKET_MAX - 1);
	cr_expect_gt(strlen(hear(bob)), BUS_PACKET_MAX - 200);
}

Test(hub_faults, a_relay_of_a_later_version_is_one_of_ours)
{
	struct end end = {0};

	open_end(&end, relays);
	cr_assert_eq(sscanf(hear(&end), "hello 1 %32s", end.id), 1);
	say(&end, "relay\t2\tsocketio\tand\tmore\n");
	say(&api, "bind\t%s\t%lld\ts\tann\t1\n", end.id, FAR);
	EXPECT(&end, "bound\t1");
	cr_expect_eq(counter("connections{dialect=\"socketio\"}"), 1);
}

Test(hub_faults, a_stranger_cannot_publish)
{
	struct end *ann = relay("ann");
	struct end stranger = {0};

	if (geteuid() != 0)
		return; /* only root can become somebody else */
	cr_assert_eq(chmod(folder, 0755), 0);
	cr_assert_eq(chmod(publish, 0666), 0);
	/* This thread alone: seteuid(3) would take the hub along. */
	cr_assert_eq(syscall(SYS_setresuid, -1, 65534, -1), 0);
	open_end(&stranger, publish);
	cr_assert_eq(syscall(SYS_setresuid, -1, 0, -1), 0);
	(void)bus_send(stranger.fd, "publish\te\t1\t-\nann\t1\n", 21);
	EXPECT(&stranger, "(closed)");
	cr_expect(has_nothing(ann));
}

Test(hub_faults, only_its_own_user_gets_to_the_path_of_publishers)
{
	struct stat st;

	cr_assert_eq(stat(publish, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0600);
	cr_assert_eq(stat(relays, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0660);
}

Test(hub_faults, a_second_one_on_the_same_path_does_not_start)
{
	static struct hub second;
	char why[256];

	cr_expect_not(hub_loop_open(&second, &options, why));
	cr_expect_not_null(strstr(why, "Address already in use"), "%s", why);
	relay("ann");
}

Test(hub_faults, uninvolved_relays_are_never_woken)
{
	struct end *ann = relay("ann"), *bob = relay("bob");
	struct end *idle[20];
	static char name[20][16];

	for (int i = 0; i < 20; i++) {
		snprintf(name[i], sizeof(name[i]), "idle%d", i);
		idle[i] = relay(name[i]);
		join(idle[i], i % 2 ? "c8" : "c9", "customer");
		hear(idle[i]);
	}
	join(ann, "c1", "customer");
	join(bob, "c1", "seller");
	for (int i = 0; i < 100; i++)
		say(&api, "publish\te\t1\t-\nann\t1\nbob\t1\n");
	say(ann, "typing\tc1\t1\n");
	close(ann->fd);
	settle();
	for (int i = 0; i < 20; i++)
		cr_expect(has_nothing(idle[i]), "%s", hear(idle[i]));
}

Test(hub_faults, connections_are_counted_as_they_come_and_go)
{
	struct end *ann = relay("ann"), unbound = {0};

	connect_relay(&unbound);
	cr_expect_eq(counter("connections{dialect=\"native\"}"), 2);
	cr_expect_eq(counted("bound"), 1);
	cr_expect_eq(counted("accounts"), 1);
	close(ann->fd);
	close(unbound.fd);
	while (counter("connections{dialect=\"native\"}") > 0)
		continue;
	cr_expect_eq(counter("ends_total{code=\"gone\"}"), 2);
	cr_expect_eq(counted("connections{dialect=\"other\"}"), 0);
}

/* Closing with something unread makes the hub's next recv(2) fail first. */
Test(hub_faults, what_a_relay_said_before_it_left_is_heard)
{
	struct end *ann = relay("ann"), *bob = relay("bob");

	say(&api, "publish\te\t1\t-\nann\t1\nbob\t1\n");
	EXPECT(bob, "event\te\t1");
	cr_assert_eq(
	    poll(&(struct pollfd){ann->fd, POLLIN, 0}, 1, PATIENCE_MS), 1);
	say(ann, "bye\tidle\n");
	close(ann->fd);
	while (counter("bound") > 1)
		continue;
	cr_expect_eq(counted("ends_total{code=\"idle\"}"), 1);
	cr_expect_eq(counted("ends_total{code=\"gone\"}"), 0);
}

/* The test and its hub share their descriptors. */
Test(hub_faults, without_descriptors_others_are_served_and_the_next_waits)
{
	struct end *ann = relay("ann");
	struct end next = {0};
	struct rlimit limit;
	int spare[64], count = 0;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = 32;
	setrlimit(RLIMIT_NOFILE, &limit);
	while (count < 64 && (spare[count] = dup(STDERR_FILENO)) >= 0)
		count++;
	close(spare[--count]);
	open_end(&next, relays);
	say(&api, "publish\te\t1\t-\nann\t1\n");
	EXPECT(ann, "event\te\t1");
	cr_expect(has_nothing(&next));
	close(spare[--count]);
	cr_expect_not_null(strstr(hear(&next), "hello\t1\t"));
}

Test(hub_faults, sigterm_ends_the_loop_at_once_with_everybody_connected)
{
	struct end *ann = relay("ann");

	join(ann, "c1", "customer");
	hear(ann);
	stop_hub();
	cr_expect_eq(hub.rooms.bound_count, 1);
}
