/*
 * The hub's own loop in a thread, and this test as its relays and its api,
 * over real sockets.  "Nothing came" is asked after something that came later
 * has been heard, never after a wait.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "ws/hub.h"

#define PATIENCE_MS 20000 /* of the test; nothing takes that long */
#define FAR 9999999999LL  /* seconds */
#define ENDS 64
#define STALLED 2000
#define HEALTHY_EVENTS 500

struct end {
	int fd;
	char id[BUS_CONNECTION_BYTES];
	char packet[BUS_FRAME_MAX + 1];
	char *rest; /* lines not yet heard */
};

static struct hub hub;
static struct hub_options options = {.queue_bytes = 256 * 1024,
    .account_connections = 32,
    .joins = 256,
    .offline_ms = 3000,
    .typing_ms = 5000,
    .resync_ms = 0,
    .last_seen = 100,
    .stall_ms = 30000,
    .farewell_ms = 5000};
static char folder[] = "/tmp/parley-hub-XXXXXX";
static char relays[64], publish[64];
static pthread_t thread;
static struct end api;

/* time(3) may lag behind by a tick. */
static long long
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec;
}

/* --- both ends --- */

static void
open_end(struct end *end, const char *path)
{
	end->fd = bus_connect(path);
	cr_assert_geq(end->fd, 0, "%s: %s", path, strerror(errno));
	end->rest = NULL;
}

/* The next packet, lent; its length, 0: the hub has closed. */
static size_t
hear_packet(struct end *end)
{
	struct pollfd readable = {end->fd, POLLIN, 0};
	ssize_t n;

	cr_assert_eq(poll(&readable, 1, PATIENCE_MS), 1, "nothing came");
	n = bus_receive(end->fd, end->packet, sizeof(end->packet) - 1);
	if (n < 0)
		n = 0;
	end->packet[n] = '\0';
	end->rest = end->packet;
	return (size_t)n;
}

/* The next line, lent; "(closed)" where there comes none any more. */
static const char *
hear(struct end *end)
{
	char *line = end->rest;
	char *stop;

	if (!line || !*line) {
		if (hear_packet(end) == 0)
			return "(closed)";
		line = end->rest;
	}
	stop = strchr(line, '\n');
	cr_assert_not_null(stop, "no line: %s", line);
	*stop = '\0';
	end->rest = stop + 1;
	return line;
}

static void
expect_line(struct end *end, const char *line, int source_line)
{
	const char *got = hear(end);

	cr_expect_str_eq(
	    got, line, "line %d: %s, not %s", source_line, got, line);
}

#define EXPECT(end, line) expect_line(end, line, __LINE__)

static bool
has_nothing(struct end *end)
{
	struct pollfd readable = {end->fd, POLLIN, 0};

	return (!end->rest || !*end->rest) && poll(&readable, 1, 0) == 0;
}

__attribute__((format(printf, 2, 3))) static void
say(struct end *end, const char *format, ...)
{
	char text[4096];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	while (bus_send(end->fd, text, (size_t)n) < 0) {
		struct pollfd writable = {end->fd, POLLOUT, 0};

		cr_assert_eq(errno, EAGAIN);
		cr_assert_eq(poll(&writable, 1, PATIENCE_MS), 1);
	}
}

/* --- the hub --- */

static void *
run(void *arg)
{
	hub_loop_run(&hub);
	return arg;
}

static void
raise_descriptors(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void
start_alone(void)
{
	char why[256];

	raise_descriptors();
	cr_assert(mkdtemp(folder));
	snprintf(relays, sizeof(relays), "%s/relays", folder);
	snprintf(publish, sizeof(publish), "%s/publish", folder);
	options.relays = relays;
	options.publish = publish;
	cr_assert(hub_loop_open(&hub, &options, why), "%s", why);
	cr_assert_eq(pthread_create(&thread, NULL, run, NULL), 0);
}

static void
connect_api(struct end *end)
{
	open_end(end, publish);
	EXPECT(end, "hello\t1");
	say(end, "api\t1\n");
}

static void
start(void)
{
	start_alone();
	connect_api(&api);
}

/* SIGTERM is all that it takes; and then its counters may be read. */
static void
stop_hub(void)
{
	kill(getpid(), SIGTERM);
	cr_assert_eq(pthread_join(thread, NULL), 0);
}

static void
stop(void)
{
	if (!hub.is_stopping)
		stop_hub();
	unlink(relays);
	unlink(publish);
	rmdir(folder);
}

TestSuite(hub, .init = start, .fini = stop);
TestSuite(hub_options, .fini = stop); /* those that change one first */

/* --- relays --- */

static void
connect_relay(struct end *end)
{
	char id[64] = "";

	open_end(end, relays);
	cr_assert_eq(sscanf(hear(end), "hello 1 %63s", id), 1);
	cr_assert_eq(strlen(id), 32);
	cr_assert_eq(strspn(id, "0123456789abcdef"), 32);
	strcpy(end->id, id);
	say(end, "relay\t1\tnative\n");
}

/* To identities parted by tabs; the session is named for the first. */
static void
bind_relay(struct end *end, const char *ids)
{
	say(&api, "bind\t%s\t%lld\tsession-%.*s\t%s\t{\"ids\":[]}\n", end->id,
	    FAR, (int)strcspn(ids, "\t"), ids, ids);
}

/* Connected and bound, to identities parted by tabs. */
static struct end *
relay(const char *ids)
{
	static struct end ends[ENDS];
	static size_t used;
	struct end *end = &ends[used++];

	cr_assert_leq(used, ENDS);
	connect_relay(end);
	bind_relay(end, ids);
	EXPECT(end, "bound\t{\"ids\":[]}");
	return end;
}

static void
join(struct end *end, const char *conversation, const char *role)
{
	say(&api, "join\t%s\t%s\t%s\t%s\tann\tbob\n", end->id, conversation,
	    conversation, role);
}

/* Everything that the api has said before has been done by now. */
static void
settle(void)
{
	struct end end = {0};

	connect_relay(&end);
	say(&api, "bind\t%s\t%lld\ts\tsettle\t1\n", end.id, FAR);
	EXPECT(&end, "bound\t1");
	close(end.fd);
}

/* One of the counters that were told last. */
static long
counted(const char *name)
{
	char line[128];
	const char *at;

	snprintf(line, sizeof(line), "\nparley_live_%s ", name);
	at = strstr(api.packet, line);
	cr_assert_not_null(at, "%s in:\n%s", name, api.packet);
	return atol(at + strlen(line));
}

/* The same after what was heard so far: older tellings are passed over. */
static long
counter(const char *name)
{
	while (bus_receive(api.fd, api.packet, sizeof(api.packet)) > 0)
		continue;
	cr_assert_gt(hear_packet(&api), 0);
	cr_assert_eq(strncmp(api.packet, "stats\n", 6), 0);
	api.rest = NULL;
	return counted(name);
}

/* --- events --- */

Test(hub, an_event_reaches_every_connection_of_both_parties_and_nobody_else)
{
	struct end *ann = relay("ann"), *tab = relay("ann");
	struct end *bob = relay("4711\tbob"), *eve = relay("eve");
	struct end unbound = {0};

	connect_relay(&unbound);
	say(&api, "publish\tmessage:status\t1\t-\n"
		  "ann\t{\"to\":\"ann\"}\nbob\t{\"to\":\"bob\"}\n");
	EXPECT(ann, "event\tmessage:status\t{\"to\":\"ann\"}");
	EXPECT(tab, "event\tmessage:status\t{\"to\":\"ann\"}");
	EXPECT(bob, "event\tmessage:status\t{\"to\":\"bob\"}");
	settle();
	cr_expect(has_nothing(ann) && has_nothing(tab) && has_nothing(bob));
	cr_expect(has_nothing(eve) && has_nothing(&unbound));
}

Test(hub, a_connection_gets_an_event_once_by_the_first_line_that_fits)
{
	struct end *both = relay("bob\tann\tmore");

	say(&api, "publish\te\t1\t-\nann\t1\nbob\t2\nmore\t3\n");
	EXPECT(both, "event\te\t1");
	say(&api, "publish\te\t1\t-\nbob\t2\nann\t1\n");
	EXPECT(both, "event\te\t2");
	settle();
	cr_expect(has_nothing(both));
}

Test(hub, the_connection_that_caused_it_needs_no_copy)
{
	struct end *ann = relay("ann"), *tab = relay("ann");

	say(&api, "publish\te\t1\t%s\nann\t1\n", ann->id);
	say(&api, "publish\te\t1\t-\nann\t2\n");
	EXPECT(ann, "event\te\t2");
	EXPECT(tab, "event\te\t1");
	EXPECT(tab, "event\te\t2");
}

Test(hub, events_keep_their_order_and_share_packets)
{
	struct end *ann = relay("ann");
	int packets = 0;

	for (int i = 0; i < 1000; i++)
		say(&api, "publish\te\t1\t-\nann\t%d\n", i);
	for (int i = 0; i < 1000; i++) {
		char line[32];

		packets += !ann->rest || !*ann->rest;
		snprintf(line, sizeof(line), "event\te\t%d", i);
		cr_assert_str_eq(hear(ann), line);
	}
	cr_expect_lt(packets, 1000);
}

Test(hub, a_line_of_a_party_without_json_is_passed_over)
{
	struct end *ann = relay("ann"), *bob = relay("bob");

	say(&api, "publish\te\t1\t-\nann\nnobody\t1\nbob\t2\n");
	EXPECT(bob, "event\te\t2");
	cr_expect(has_nothing(ann));
}

/* --- binding --- */

Test(hub, a_bind_of_an_unknown_connection_is_ignored_and_counted)
{
	struct end *ann;

	say(&api, "bind\t%032d\t%lld\ts\tann\t1\n", 0, FAR);
	say(&api, "join\t%032d\tc\tc\tcustomer\tann\tbob\n", 0);
	ann = relay("ann");
	cr_expect_eq(counter("ignored_total"), 2);
	cr_expect(has_nothing(ann));
}

Test(hub, a_renewal_of_the_same_account_is_bound_again)
{
	struct end *ann = relay("ann\tone");

	say(&api, "bind\t%s\t%lld\tnew\tann\ttwo\t{\"n\":2}\n", ann->id, FAR);
	EXPECT(ann, "bound\t{\"n\":2}");
	say(&api, "publish\te\t1\t-\none\t1\ntwo\t2\n");
	EXPECT(ann, "event\te\t2");
	say(&api, "revoke\tsession-ann\t%lld\n", FAR);
	say(&api, "publish\te\t1\t-\nann\t3\n");
	EXPECT(ann, "event\te\t3");
	say(&api, "revoke\tnew\t%lld\n", FAR);
	EXPECT(ann, "end\trevoked");
}

Test(hub, a_renewal_by_another_account_ends_it)
{
	struct end *ann = relay("ann");

	say(&api, "bind\t%s\t%lld\ts\teve\tann\t1\n", ann->id, FAR);
	EXPECT(ann, "end\tauth_failed");
}

Test(hub, one_connection_too_many_of_an_account_ends_and_the_others_stay)
{
	struct end *ann[32], one_more = {0}, *other;

	for (int i = 0; i < 32; i++)
		ann[i] = relay(i % 2 ? "ann" : "ann\tmore");
	connect_relay(&one_more);
	bind_relay(&one_more, "ann");
	EXPECT(&one_more, "end\trate_limited");
	other = relay("more\tann"); /* another account */
	say(&api, "publish\te\t1\t-\nann\t1\n");
	for (int i = 0; i < 32; i++)
		EXPECT(ann[i], "event\te\t1");
	EXPECT(other, "event\te\t1");
	close(ann[0]->fd);
	cr_expect_eq(counter("bound"), 32);
	relay("ann");
}

Test(hub, when_its_credential_ends_so_does_the_connection)
{
	struct end *ann = relay("ann"), *late = relay("late");
	long long now = seconds();

	say(&api, "bind\t%s\t%lld\ts\tann\t1\n", ann->id, now + 1);
	EXPECT(ann, "bound\t1");
	EXPECT(ann, "end\tauth_failed");
	cr_expect_geq(seconds(), now + 1);
	say(&api, "bind\t%s\t%lld\ts\tlate\t1\n", late->id, now - 1);
	EXPECT(late, "bound\t1");
	EXPECT(late, "end\tauth_failed");
}

Test(hub, a_credential_that_ends_after_all_time_is_no_trouble)
{
	struct end *ann = relay("ann");

	say(&api, "bind\t%s\t999999999999999999\ts\tann\t1\n", ann->id);
	EXPECT(ann, "bound\t1");
	settle();
	cr_expect(has_nothing(ann));
}

Test(hub, a_revoked_session_ends_and_cannot_be_bound_again)
{
	struct end *ann = relay("ann"), *tab = relay("ann"),
		   *bob = relay("bob");
	struct end late = {0};

	say(&api, "bind\t%s\t%lld\tother\tann\t1\n", tab->id, FAR);
	EXPECT(tab, "bound\t1");
	say(&api, "revoke\tsession-ann\t%lld\n", FAR);
	EXPECT(ann, "end\trevoked");
	connect_relay(&late);
	say(&api, "bind\t%s\t%lld\tsession-ann\tann\t1\n", late.id, FAR);
	EXPECT(&late, "end\trevoked");
	say(&api, "publish\te\t1\t-\nann\t1\nbob\t1\n");
	EXPECT(tab, "event\te\t1");
	EXPECT(bob, "event\te\t1");
	cr_expect(has_nothing(ann));
}

Test(hub, a_revocation_is_forgotten_when_its_time_has_come)
{
	struct end ann = {0};

	say(&api, "revoke\tsession-ann\t%lld\n", seconds());
	connect_relay(&ann);
	say(&api, "bind\t%s\t%lld\tsession-ann\tann\t1\n", ann.id, FAR);
	EXPECT(&ann, "bound\t1");
}

Test(hub_options, after_end_nothing_more_is_said_and_the_connection_closes)
{
	struct end *ann;

	options.farewell_ms = 50;
	start();
	ann = relay("ann");
	say(&api, "revoke\tsession-ann\t%lld\n", FAR);
	say(&api, "bind\t%s\t%lld\tnew\tann\t1\n", ann->id, FAR);
	say(&api, "publish\te\t1\t-\nann\t1\n");
	say(&api, "lost\n");
	EXPECT(ann, "end\trevoked");
	EXPECT(ann, "(closed)");
}

/* --- rooms --- */

Test(hub_options, joined_parties_see_each_other_type_come_and_go)
{
	struct end *ann, *bob, *eve;

	options.offline_ms = 20;
	options.typing_ms = 20;
	start();
	ann = relay("ann");
	eve = relay("eve");
	join(ann, "c1", "customer");
	EXPECT(ann, "event\tuser:presence\t{\"conversationId\":\"c1\","
		    "\"userEmail\":\"bob\",\"userRole\":\"seller\","
		    "\"isOnline\":false,\"lastSeen\":null}");
	bob = relay("bob");
	EXPECT(ann, "event\tuser:presence\t{\"conversationId\":\"c1\","
		    "\"userEmail\":\"bob\",\"userRole\":\"seller\","
		    "\"isOnline\":true,\"lastSeen\":null}");
	join(bob, "c1", "seller");
	EXPECT(bob, "event\tuser:presence\t{\"conversationId\":\"c1\","
		    "\"userEmail\":\"ann\",\"userRole\":\"customer\","
		    "\"isOnline\":true,\"lastSeen\":null}");
	say(bob, "typing\tc1\t1\n");
	EXPECT(ann, "event\tconversation:typing\t{\"conversationId\":\"c1\","
		    "\"userRole\":\"seller\",\"isTyping\":true}");
	EXPECT(ann, "event\tconversation:typing\t{\"conversationId\":\"c1\","
		    "\"userRole\":\"seller\",\"isTyping\":false}");
	say(bob, "bye\tleft\n");
	close(bob->fd);
	cr_expect_not_null(strstr(hear(ann), "\"isOnline\":false,\"lastSeen\":"
					     "\"20"));
	cr_expect(has_nothing(eve));
	cr_expect_eq(counter("ends_total{code=\"left\"}"), 1);
	cr_expect_eq(counted("typing_total"), 1);
	cr_expect_eq(counted("rooms"), 1);
}

Test(hub, typing_without_a_join_is_refused_and_leaving_ends_a_join)
{
	struct end *ann = relay("ann");

	say(ann, "typing\tc1\t1\n");
	EXPECT(ann, "refuse\tnot_found\tc1");
	join(ann, "c1", "customer");
	hear(ann);
	say(ann, "typing\tc1\t0\nleave\tc1\ntyping\tc1\t0\n");
	EXPECT(ann, "refuse\tnot_found\tc1");
	cr_expect(has_nothing(ann));
}

Test(hub_options, one_join_too_many_is_refused)
{
	struct end *ann;

	options.joins = 1;
	start();
	ann = relay("ann");
	join(ann, "c1", "customer");
	hear(ann);
	join(ann, "c2", "customer");
	EXPECT(ann, "refuse\trate_limited\tc2");
}

Test(hub, a_join_of_one_that_is_not_bound_is_ignored)
{
	struct end ann = {0};

	connect_relay(&ann);
	join(&ann, "c1", "customer");
	settle();
	cr_expect(has_nothing(&ann));
}

/* --- losses --- */

Test(hub, when_the_api_comes_or_says_that_it_lost_all_bound_pull)
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

Test(hub_options, a_loss_is_told_to_one_after_the_other_over_the_spread)
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

Test(hub_options, a_slow_reader_is_told_what_it_lost_when_it_has_read_the_rest)
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

Test(hub_options, one_that_reads_nothing_at_all_is_dropped)
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
Test(hub_options, two_thousand_stalled_relays_do_not_slow_a_healthy_one)
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

Test(hub, what_makes_no_sense_is_ignored_and_harms_nobody)
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
}

Test(hub, an_identity_or_an_id_beyond_its_limit_is_ignored)
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

Test(hub, a_frame_of_its_full_size_is_taken)
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

Test(hub, a_relay_of_a_later_version_is_one_of_ours)
{
	struct end end = {0};

	open_end(&end, relays);
	cr_assert_eq(sscanf(hear(&end), "hello 1 %32s", end.id), 1);
	say(&end, "relay\t2\tsocketio\tand\tmore\n");
	say(&api, "bind\t%s\t%lld\ts\tann\t1\n", end.id, FAR);
	EXPECT(&end, "bound\t1");
	cr_expect_eq(counter("connections{dialect=\"socketio\"}"), 1);
}

Test(hub, a_stranger_cannot_publish)
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

Test(hub, only_its_own_user_gets_to_the_path_of_publishers)
{
	struct stat st;

	cr_assert_eq(stat(publish, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0600);
	cr_assert_eq(stat(relays, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0660);
}

Test(hub, a_second_one_on_the_same_path_does_not_start)
{
	static struct hub second;
	char why[256];

	cr_expect_not(hub_loop_open(&second, &options, why));
	cr_expect_not_null(strstr(why, "Address already in use"), "%s", why);
	relay("ann");
}

Test(hub, uninvolved_relays_are_never_woken)
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

Test(hub, connections_are_counted_as_they_come_and_go)
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
Test(hub, what_a_relay_said_before_it_left_is_heard)
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
Test(hub, without_descriptors_others_are_served_and_the_next_waits)
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

Test(hub, sigterm_ends_the_loop_at_once_with_everybody_connected)
{
	struct end *ann = relay("ann");

	join(ann, "c1", "customer");
	hear(ann);
	stop_hub();
	cr_expect_eq(hub.rooms.bound_count, 1);
}
