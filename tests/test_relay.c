/*
 * The relay: who the client is, how a connection lives and ends.  What
 * becomes of its events is test_relay_events.c's.
 */
#include "tests/relay_scene.h"

TestSuite(relay, .init = scene_init, .fini = scene_release, .timeout = 60);

#define AUTH(token) "{\"event\":\"auth\",\"data\":{\"token\":\"" token "\"}}\n"
#define AUTH_ACK(token)                                                        \
	"{\"event\":\"auth\",\"data\":{\"token\":\"" token "\"},\"ack\":1}\n"
#define JOIN                                                                   \
	"{\"event\":\"conversation:join\",\"data\":{\"conversationId\":\"c\"}" \
	"}\n"
#define TYPE                                                                   \
	"{\"event\":\"conversation:typing\",\"data\":{\"conversationId\":"     \
	"\"c\",\"isTyping\":true}}\n"
#define REFUSED                                                                \
	"{\"success\":false,\"code\":\"unauthorized\",\"reason\":\"no\"}"

/* --- who it is --- */

Test(relay, a_native_client_is_greeted_once_the_hub_knows_it)
{
	setenv("HTTP_COOKIE", "parley_token=t", 1);
	relay_start("/ws");
	relay_meets_hub("native");
	api_take();
	expect_param("REQUEST_METHOD", "GET");
	expect_param("DOCUMENT_URI", "/api/session");
	expect_param("HTTP_COOKIE", "parley_token=t");
	expect_param("HTTP_ORIGIN", "https://x.de");
	expect_param("REMOTE_ADDR", "192.0.2.7");
	expect_param("LIVE_CONNECTION", CONNECTION);
	cr_expect_eq(strlen(param("REQUEST_ID")), 32);
	api_answer(200, OK_BODY);
	hub_say(BOUND);
	expect_line(HELLO);
}

Test(relay, the_hub_may_be_faster_than_the_api)
{
	setenv("HTTP_COOKIE", "parley_token=t", 1);
	relay_start("/ws");
	relay_meets_hub("native");
	api_take();
	hub_say(BOUND);
	expect_line(HELLO);
	api_answer(200, OK_BODY);
}

Test(relay, a_native_client_without_a_credential_proves_itself_in_band)
{
	relay_start("/ws");
	relay_meets_hub("native");
	say(AUTH_ACK("abc"));
	api_take();
	expect_param("HTTP_AUTHORIZATION", "Bearer abc");
	expect_param("HTTP_COOKIE", "");
	api_answer(200, OK_BODY);
	hub_say(BOUND);
	expect_line(HELLO);
	expect_line("{\"ack\":1,\"data\":{\"success\":true}}");
}

Test(relay, a_token_outranks_the_cookie)
{
	setenv("HTTP_COOKIE", "parley_token=t", 1);
	setenv("HTTP_AUTHORIZATION", "Bearer other", 1);
	relay_start("/socket.io/");
	cr_expect(strstr(hear(), "\"pingInterval\":25000"));
	relay_meets_hub("socketio");
	say("40{\"token\":\"abc\"}\n");
	api_take();
	expect_param("HTTP_AUTHORIZATION", "Bearer abc");
	expect_param("HTTP_COOKIE", "");
}

Test(relay, a_refused_cookie_leaves_time_for_a_token)
{
	setenv("HTTP_COOKIE", "parley_token=old", 1);
	relay_start("/ws");
	relay_meets_hub("native");
	api_take();
	api_answer(401, REFUSED);
	say(AUTH("abc"));
	relay_is_bound();
	expect_line(HELLO);
}

Test(relay, a_token_that_is_refused_before_the_greeting_is_answered)
{
	relay_start("/ws");
	relay_meets_hub("native");
	say(AUTH_ACK("abc"));
	api_take();
	api_answer(401, REFUSED);
	cr_expect(strstr(hear(), "{\"ack\":1,\"error\":{\"success\":false"));
	expect_error("unauthorized", "");
	say(AUTH("def"));
	relay_is_bound();
	expect_param("HTTP_AUTHORIZATION", "Bearer def");
	expect_line(HELLO);
}

Test(relay, who_does_not_prove_itself_in_time_ends)
{
	scene.options.proof_ms = 50;
	relay_start("/ws");
	relay_meets_hub("native");
	expect_error("auth_failed", "");
	hub_expect("bye\tauth_failed\n");
	expect_end();
	relay_ends();
}

Test(relay, who_could_not_prove_itself_because_of_us_is_told_so)
{
	enum { NO_HUB, NO_API, NO_BOUND, CASES };

	scene.options.proof_ms = 300;
	scene.options.drain_ms = 1;
	setenv("HTTP_COOKIE", "parley_token=t", 1);
	for (int i = 0; i < CASES; i++) {
		if (i == NO_HUB)
			unlink(scene.hub_path);
		if (i == NO_API)
			unlink(scene.api_path);
		relay_start("/ws");
		if (i != NO_HUB)
			relay_meets_hub("native");
		if (i == NO_BOUND) {
			api_take();
			api_answer(200, OK_BODY);
		}
		expect_error("server_restart", "");
		expect_end();
		relay_ends();
		hub_listen();
		api_listen();
	}
}

Test(relay, a_session_that_is_not_told_to_the_hub_is_asked_for_again)
{
	setenv("HTTP_COOKIE", "parley_token=t", 1);
	relay_start("/ws");
	relay_meets_hub("native");
	api_take();
	api_answer(503, REFUSED);
	api_take();
	api_break();
	api_take();
	api_answer(200, OK_BODY); /* but the hub says nothing */
	relay_is_bound();
	expect_line(HELLO);
}

Test(relay, an_open_connection_renews_its_token)
{
	relay_greets();
	say(AUTH_ACK("new"));
	relay_is_bound();
	expect_param("HTTP_AUTHORIZATION", "Bearer new");
	expect_line("{\"ack\":1,\"data\":{\"success\":true}}");
	say(JOIN);
	api_take();
	expect_param("HTTP_AUTHORIZATION", "Bearer new");
	expect_param("HTTP_COOKIE", "");
}

Test(relay, a_renewal_that_is_refused_leaves_what_was_proved)
{
	relay_start("/ws");
	relay_meets_hub("native");
	say(AUTH("good"));
	relay_is_bound();
	expect_line(HELLO);
	say(AUTH_ACK("bad"));
	api_take();
	expect_param("HTTP_AUTHORIZATION", "Bearer bad");
	api_answer(401, REFUSED);
	cr_expect(strstr(hear(), "{\"ack\":1,\"error\":{\"success\":false"));
	expect_error("unauthorized", "");
	say(JOIN);
	api_take();
	expect_param("HTTP_AUTHORIZATION", "Bearer good");
}

Test(relay, an_earlier_bound_is_no_answer_to_a_later_token)
{
	setenv("HTTP_COOKIE", "parley_token=t", 1);
	relay_start("/ws");
	relay_meets_hub("native");
	api_take();
	say(AUTH_ACK("abc"));
	api_take();
	expect_param("HTTP_AUTHORIZATION", "Bearer abc");
	hub_say(BOUND);
	expect_line(HELLO);
	api_answer(401, REFUSED);
	cr_expect(strstr(hear(), "{\"ack\":1,\"error\":{\"success\":false"));
}

/* --- Socket.IO --- */

static void
socketio_opens(void)
{
	relay_start("/socket.io/");
	cr_expect_eq(strncmp(hear(), "0{\"sid\":\"", 9), 0);
	relay_meets_hub("socketio");
}

Test(relay, a_socketio_client_is_connected_once_the_hub_knows_it)
{
	setenv("HTTP_COOKIE", "parley_token=t", 1);
	socketio_opens();
	say("40\n");
	relay_is_bound();
	cr_expect_eq(strncmp(hear(), "40{\"sid\":\"", 10), 0);
	say("40\n");
	relay_is_bound();
	cr_expect_eq(strncmp(hear(), "40{\"sid\":\"", 10), 0);
}

Test(relay, a_socketio_client_that_proves_nothing_gets_44)
{
	socketio_opens();
	say("40\n"); /* no cookie, no token */
	expect_line("44{\"message\":\"unauthorized\"}");
	expect_no_request();
	say("40{\"token\":\"abc\"}\n");
	api_take();
	api_answer(403, REFUSED);
	expect_line("44{\"message\":\"unauthorized\"}");
}

Test(relay, a_socketio_client_comes_back_after_a_restart_but_not_after_44)
{
	scene.options.drain_ms = 1;
	socketio_opens();
	kill(scene.pid, SIGTERM);
	cr_expect_eq(
	    strncmp(hear(), "42[\"error\",{\"code\":\"server_rest", 29), 0);
	expect_end();
	relay_ends();

	scene.options.proof_ms = 50;
	socketio_opens();
	expect_line("44{\"message\":\"unauthorized\"}");
	expect_end();
	relay_ends();
}

/* --- the hub's lines --- */

Test(relay, events_of_the_hub_reach_the_client_as_they_stand)
{
	relay_greets();
	hub_say("event\tconversation:updated\t{\"a\": \"\\u00e9\"}\n"
		"unknown\tline\n"
		"event\tuser:presence\t{}\n");
	expect_line("{\"event\":\"conversation:updated\",\"data\":"
		    "{\"a\": \"\\u00e9\"}}");
	expect_line("{\"event\":\"user:presence\",\"data\":{}}");
}

Test(relay, what_the_hub_refuses_or_lost_is_told)
{
	relay_greets();
	hub_say("refuse\tnot_found\ta\"b\n");
	expect_error("not_found", "\"conversationId\":\"a\\\"b\"");
	hub_say("resync\n");
	expect_line("{\"event\":\"resync\",\"data\":{}}");
}

Test(relay, a_loss_is_told_also_while_events_keep_coming)
{
	relay_greets();
	hub_say("resync\nevent\tx\t{}\n");
	expect_line("{\"event\":\"x\",\"data\":{}}");
	hub_say("event\ty\t{}\n");
	expect_line("{\"event\":\"resync\",\"data\":{}}");
	expect_line("{\"event\":\"y\",\"data\":{}}");
}

Test(relay, a_packet_that_is_too_long_is_a_loss)
{
	static char packet[BUS_PACKET_MAX + 2];

	relay_greets();
	memset(packet, 'x', sizeof(packet) - 1);
	hub_say(packet);
	expect_line("{\"event\":\"resync\",\"data\":{}}");
}

Test(relay, the_hub_ends_a_connection_with_a_reason)
{
	static const struct {
		const char *word, *code;
	} rows[] = {
	    {"end\tauth_failed\n", "auth_failed"},
	    {"end\trevoked\n", "revoked"},
	    {"end\trate_limited\n", "rate_limited"},
	    {"end\tof_a_later_version\n", "server_restart"},
	};

	scene.options.drain_ms = 1;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		relay_greets();
		hub_say(rows[i].word);
		expect_error(rows[i].code, "");
		expect_end();
		relay_ends();
	}
}

Test(relay, a_hub_that_comes_back_binds_again_and_ends_nobody)
{
	relay_greets();
	for (int i = 0; i < 3; i++) {
		close(scene.hub);
		relay_meets_hub("native");
		relay_is_bound();
		expect_line("{\"event\":\"resync\",\"data\":{}}");
	}
	hub_say("event\tx\t{}\n");
	expect_line("{\"event\":\"x\",\"data\":{}}");
}

Test(relay, a_hub_is_waited_for)
{
	setenv("HTTP_COOKIE", "parley_token=t", 1);
	close(scene.hub_listener);
	unlink(scene.hub_path);
	relay_start("/ws");
	say("{\"event\":\"ping\"}\n");
	expect_line("{\"event\":\"pong\"}");
	hub_listen();
	relay_meets_hub("native");
	relay_is_bound();
	expect_line(HELLO);
}

Test(relay, a_session_that_ended_while_the_hub_was_away_ends_the_connection)
{
	relay_greets();
	close(scene.hub);
	relay_meets_hub("native");
	api_take();
	api_answer(401, REFUSED);
	expect_error("auth_failed", "");
	expect_end();
}

/* --- limits --- */

Test(relay, a_line_that_is_too_long_ends_the_connection)
{
	static char line[2000];

	scene.options.line_bytes = 1024;
	relay_greets();
	memset(line, 'x', 1024);
	say(line);
	expect_error("too_large", "");
	hub_expect("bye\ttoo_large\n");
	say(line); /* drained */
	expect_end();
	relay_ends();
}

Test(relay, the_longest_line_is_taken)
{
	static char line[1025];

	scene.options.line_bytes = 1024;
	relay_greets();
	memset(line, 'x', 1023);
	line[1023] = '\n';
	say(line);
	expect_error("bad_json", "");
}

Test(relay, events_beyond_the_burst_are_refused)
{
	scene.options.events_per_second = 1;
	scene.options.events_burst = 3;
	scene.options.joins_burst = 2;
	relay_greets();
	for (int i = 0; i < 3; i++) {
		say("nonsense\n");
		expect_error("bad_json", "");
	}
	say("{\"event\":\"x\",\"data\":{\"conversationId\":\"c\"}}\n");
	expect_error("rate_limited", "\"conversationId\":\"c\"");
	for (int i = 0; i < 2; i++) {
		say(JOIN);
		api_take();
		api_answer(404, REFUSED);
		expect_error("unauthorized", "");
	}
	say(JOIN);
	expect_error("rate_limited", "\"conversationId\":\"c\"");
}

/* A line that is due is always taken: the connection drops it, and lives. */
Test(relay, a_flood_ends_the_connection_after_a_while)
{
	const char *line;
	int refused = 0;

	scene.options.events_per_second = 1;
	scene.options.events_burst = 1;
	scene.options.flood_ms = 200;
	relay_greets();
	do {
		say("nonsense\n");
		line = hear();
		refused++;
	} while (line && !strstr(line, "too many events, or"));
	cr_expect_not_null(line);
	cr_expect_gt(refused, 2);
	hub_expect("bye\trate_limited\n");
	expect_end();
}

Test(relay, a_silent_client_is_pinged_and_then_dropped)
{
	scene.options.heartbeat_ms = 100;
	scene.options.silence_ms = 350;
	relay_start("/ws");
	relay_meets_hub("native");
	expect_line("{\"event\":\"ping\"}");
	expect_line("{\"event\":\"ping\"}");
	for (;;) {
		const char *line = hear();

		cr_assert_not_null(line);
		if (strcmp(line, "{\"event\":\"ping\"}") != 0) {
			cr_expect(strstr(line, "\"idle\""), "%s", line);
			break;
		}
	}
	hub_expect("bye\tidle\n");
	expect_end();
}

Test(relay, any_line_is_a_sign_of_life)
{
	scene.options.heartbeat_ms = 50;
	scene.options.silence_ms = 400;
	relay_start("/socket.io/");
	(void)hear();
	relay_meets_hub("socketio");
	for (int i = 0; i < 20; i++) {
		expect_line("2");
		say("3\n");
	}
}

/* --- a reader that stalls --- */

/* Fill what it has to say, without reading it, until it takes no more. */
static int
hub_floods(void)
{
	static char packet[60000];
	int packets = 0;

	memset(packet, 'x', sizeof(packet));
	memcpy(packet, "event\tx\t\"", 9);
	memcpy(packet + sizeof(packet) - 2, "\"\n", 2);
	for (;;) {
		struct pollfd set = {scene.hub, POLLOUT, 0};

		if (poll(&set, 1, 300) != 1)
			return packets;
		if (send(scene.hub, packet, sizeof(packet), MSG_DONTWAIT) < 0)
			return packets;
		packets++;
	}
}

Test(relay, a_client_that_takes_nothing_is_dropped)
{
	const char *line, *last = NULL;
	static char copy[256];

	scene.options.stall_ms = 1500;
	scene.options.drain_ms = 2000;
	scene.options.events_per_second = 1000000;
	scene.options.events_burst = 1000000;
	relay_greets();
	cr_expect_geq(hub_floods(), 2);
	for (int i = 0; i < 20000; i++) /* until there is no room at all */
		say("{\"event\":\"ping\"}\n");
	hub_expect("bye\tslow_consumer\n");
	while ((line = hear())) {
		snprintf(copy, sizeof(copy), "%s", line);
		last = copy;
	}
	cr_assert_not_null(last);
	cr_expect(strstr(last, "\"slow_consumer\""), "%s", last);
}

Test(relay, stdin_is_read_whatever_waits_to_be_written)
{
	static const char line[] = "{\"event\":\"ping\"}\n";

	scene.options.events_per_second = 1000000;
	scene.options.events_burst = 1000000;
	relay_greets();
	(void)hub_floods();
	for (int i = 0; i < 50000; i++) {
		await(scene.in, POLLOUT, "stdin to be read");
		say(line);
	}
}

Test(relay, what_did_not_fit_is_told_when_there_is_room_again)
{
	const char *line;

	scene.options.events_per_second = 1000000;
	scene.options.events_burst = 1000000;
	relay_greets();
	(void)hub_floods();
	for (int i = 0; i < 30000; i++)
		say("{\"event\":\"ping\"}\n");
	do
		cr_assert_not_null(line = hear());
	while (strcmp(line, "{\"event\":\"resync\",\"data\":{}}") != 0);
}

/* --- signals, and the end of input --- */

Test(relay, a_restart_is_told_in_the_last_line)
{
	relay_greets();
	kill(scene.pid, SIGINT);
	kill(scene.pid, SIGTERM);
	expect_error("server_restart", "");
	kill(scene.pid, SIGTERM);
	hub_expect("bye\tserver_restart\n");
	say(JOIN);
	expect_end();
	relay_ends();
	expect_no_request();
}

Test(relay, a_client_that_leaves_is_let_go_at_once)
{
	static const char *const words[] = {NULL, "41\n", "1\n"};

	for (size_t i = 0; i < 3; i++) {
		socketio_opens();
		if (words[i])
			say(words[i]);
		else
			close(scene.in);
		hub_expect("bye\tleft\n");
		expect_end();
		relay_ends();
	}
}

Test(relay, what_was_answered_before_the_leave_is_written)
{
	socketio_opens();
	say("2probe\n41\n");
	expect_line("3probe");
	expect_end();
}

Test(relay, a_client_that_reads_no_more_has_left)
{
	relay_greets();
	close(scene.out);
	say("{\"event\":\"ping\"}\n");
	hub_expect("bye\tleft\n");
	relay_ends();
}

Test(relay, events_before_any_proof_are_refused)
{
	relay_start("/ws");
	relay_meets_hub("native");
	say(TYPE);
	expect_error("unauthorized", "\"conversationId\":\"c\"");
	say(JOIN);
	expect_error("unauthorized", "\"conversationId\":\"c\"");
}
