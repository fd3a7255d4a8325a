/*
 * The relay: what becomes of a client's events: requests to the api, lines to
 * the hub, and what the client is told of them.
 */
#include "tests/relay_scene.h"

TestSuite(
    relay_events, .init = scene_init, .fini = scene_release, .timeout = 60);

#define SEND(id)                                                               \
	"{\"event\":\"conversation:message\",\"data\":{\"conversationId\":"    \
	"\"c\",\"message\":{\"id\":" id ",\"text\":\"a\"}},\"ack\":" id "}\n"
#define STORED(id, seq)                                                        \
	"{\"success\":true,\"data\":{\"id\":\"c\"},\"message\":{\"id\":" id    \
	",\"seq\":" seq ",\"text\":\"a\"},\"duplicate\":false}\n"
#define ACKED(id, seq)                                                         \
	"{\"ack\":" id ",\"data\":{\"success\":true,\"message\":{\"id\":" id   \
	",\"seq\":" seq ",\"text\":\"a\"},\"seq\":" seq                        \
	",\"duplicate\":false}}"
#define SENT(id, seq)                                                          \
	"{\"event\":\"message:status\",\"data\":{\"conversationId\":\"c\","    \
	"\"messageId\":" id ",\"status\":\"sent\",\"seq\":" seq "}}"
#define BUSY                                                                   \
	"{\"success\":false,\"reason\":\"later\",\"error\":\"later\","         \
	"\"code\":\"unavailable\",\"written\":false}\n"
#define EVENT(name, data)                                                      \
	"{\"event\":\"conversation:" name "\",\"data\":" data ",\"ack\":9}\n"

static void
expect_sent_once(void)
{
	expect_line(ACKED("7", "3"));
	expect_line(SENT("7", "3"));
}

/* --- requests --- */

Test(relay_events, a_send_is_the_request_that_nginx_would_send)
{
	relay_greets();
	say(SEND("7"));
	api_take();
	expect_param("REQUEST_METHOD", "PUT");
	expect_param("DOCUMENT_URI", "/api/conversations");
	expect_param("QUERY_STRING", "messages=0");
	expect_param("CONTENT_TYPE", "application/json");
	expect_param("HTTP_COOKIE", "parley_token=t");
	expect_param("HTTP_ORIGIN", "https://x.de");
	expect_param("REMOTE_ADDR", "192.0.2.7");
	expect_param("LIVE_CONNECTION", CONNECTION);
	cr_expect_eq(strlen(param("REQUEST_ID")), 32);
	cr_expect(strchr(param("REQUEST_MSEC"), '.'));
	cr_expect_str_eq(seen.body, "{\"conversationId\":\"c\",\"message\":"
				    "{\"id\":7,\"text\":\"a\"}}");
	api_answer(200, STORED("7", "3"));
	expect_sent_once();
}

Test(relay_events, events_become_their_requests)
{
	static const struct {
		const char *event, *method, *body;
	} rows[] = {
	    {EVENT("mark-read", "{\"conversationId\":\"c\",\"seq\":4}"),
		"PATCH", "{\"conversationId\":\"c\",\"readSeq\":4}"},
	    {EVENT("delivered", "{\"conversationId\":\"c\",\"seq\":4}"),
		"PATCH", "{\"conversationId\":\"c\",\"deliveredSeq\":4}"},
	    {EVENT("join", "{\"conversationId\":\"a b&\"}"), NULL, NULL},
	    {EVENT("join", "{\"conversationId\":\"a/&\\\"\"}"), "GET", ""},
	};

	relay_greets();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		say(rows[i].event);
		if (!rows[i].method) {
			cr_expect(strstr(hear(), "\"bad_field\""));
			expect_error("bad_field", "");
			continue;
		}
		api_take();
		expect_param("REQUEST_METHOD", rows[i].method);
		cr_expect_str_eq(seen.body, rows[i].body, "%s", seen.body);
		api_answer(200, OK_BODY);
		expect_line("{\"ack\":9,\"data\":{\"success\":true}}");
	}
	expect_param("QUERY_STRING", "messages=0&conversationId=%61%2F%26%22");
}

Test(relay_events, a_send_needs_no_hub_and_no_greeting)
{
	setenv("HTTP_COOKIE", "parley_token=t", 1);
	close(scene.hub_listener);
	unlink(scene.hub_path);
	relay_start("/ws");
	say(SEND("7"));
	api_take();
	expect_param("LIVE_CONNECTION", "");
	api_answer(200, STORED("7", "3"));
	expect_sent_once();
}

Test(relay_events, a_hub_that_goes_disturbs_no_send)
{
	relay_greets();
	say(SEND("7"));
	api_take();
	close(scene.hub);
	api_answer(200, STORED("7", "3"));
	expect_sent_once();
	say(SEND("8"));
	api_take();
	api_answer(200, STORED("8", "4"));
	expect_line(ACKED("8", "4"));
}

Test(relay_events, a_join_waits_for_the_greeting)
{
	setenv("HTTP_COOKIE", "parley_token=t", 1);
	relay_start("/ws");
	say(EVENT("join", "{\"conversationId\":\"c\"}"));
	relay_meets_hub("native");
	relay_is_bound();
	expect_line(HELLO);
	api_take();
	expect_param("DOCUMENT_URI", "/api/conversations");
	expect_param("LIVE_CONNECTION", CONNECTION);
}

Test(relay_events, a_join_without_a_hub_is_in_vain)
{
	relay_greets();
	close(scene.hub);
	close(scene.hub_listener);
	unlink(scene.hub_path);
	say(EVENT("join", "{\"conversationId\":\"c\"}"));
	for (;;) {
		const char *line = hear();

		cr_assert_not_null(line);
		if (strstr(line, "\"unavailable\""))
			break;
		/* it had not seen yet that the hub is gone */
		cr_assert(strstr(line, "\"success\":true"));
		say(EVENT("join", "{\"conversationId\":\"c\"}"));
	}
}

Test(relay_events, sends_keep_their_order_one_in_flight)
{
	relay_greets();
	say(SEND("1") SEND("2") SEND("3"));
	api_take();
	cr_expect(strstr(seen.body, "\"id\":1"));
	expect_no_request();
	api_answer_and_keep(200, STORED("1", "1"));
	for (int i = 2; i <= 3; i++) {
		char id[32];

		api_read(seen.fd); /* the same connection */
		snprintf(id, sizeof(id), "\"id\":%d", i);
		cr_expect(strstr(seen.body, id));
		api_answer_and_keep(200, OK_BODY);
	}
	cr_expect_eq(read(seen.fd, seen.body, 1), 0, "it closes it then");
}

/* --- repeating --- */

Test(relay_events, a_request_is_repeated_under_the_same_id)
{
	char id[64];

	relay_greets();
	close(scene.api_listener);
	unlink(scene.api_path);
	say(SEND("7"));
	api_listen();
	api_take();
	snprintf(id, sizeof(id), "%s", param("REQUEST_ID"));
	api_break();
	api_take();
	expect_param("REQUEST_ID", id);
	api_answer(503, BUSY);
	api_take();
	expect_param("REQUEST_ID", id);
	api_answer(200, "{\"success\":true"); /* cut: an answer all the same */
	cr_expect(strstr(hear(), "\"written\":\"unknown\""));
	expect_error("unavailable", "\"messageId\":7");

	say(SEND("8"));
	api_take();
	cr_expect_str_neq(param("REQUEST_ID"), id);
}

Test(relay_events, an_answer_that_never_comes_is_unknown)
{
	scene.options.deadline_ms = 300;
	relay_greets();
	say(SEND("7"));
	api_take();
	expect_line("{\"ack\":7,\"error\":{\"success\":false,\"reason\":"
		    "\"no answer in time: send it again\",\"error\":"
		    "\"no answer in time: send it again\",\"code\":"
		    "\"unavailable\",\"written\":\"unknown\"}}");
	expect_error("unavailable", "\"conversationId\":\"c\",\"messageId\":7");
	cr_expect_eq(read(seen.fd, seen.body, 1), 0, "it has hung up");
	say(SEND("8"));
	api_take();
	cr_expect(strstr(seen.body, "\"id\":8"));
}

Test(relay_events, what_never_left_is_not_written)
{
	scene.options.deadline_ms = 300;
	relay_greets();
	unlink(scene.api_path);
	say(SEND("7") SEND("8"));
	for (int i = 0; i < 2; i++) {
		cr_expect(strstr(hear(), "\"written\":false"));
		expect_error("unavailable", "");
	}
	api_listen();
	say(SEND("9"));
	api_take();
	api_answer(503, BUSY); /* says so itself */
	cr_expect(strstr(hear(), "\"written\":false"));
}

Test(relay_events, a_busy_api_says_when_to_come_again)
{
	static const char text[] = "Status: 503 No\r\nRetry-After: 9\r\n\r\n{}";

	scene.options.deadline_ms = 700;
	relay_greets();
	say(SEND("7"));
	api_take();
	put_record(seen.fd, 6, text, strlen(text));
	put_record(seen.fd, 3, "\0\0\0\0\0\0\0\0", 8);
	close(seen.fd);
	cr_expect(strstr(hear(), "\"written\":\"unknown\""));
	expect_no_request();
}

/* --- answers --- */

Test(relay_events, a_failure_is_the_envelope_of_the_api_and_an_error)
{
	relay_greets();
	say(SEND("\"m\""));
	api_take();
	api_answer(409, "{\"success\":false,\"reason\":\"a \\\"b\\\"\",\n"
			"\"code\":\"id_reused\",\"x\":[1]}\n");
	expect_line("{\"ack\":\"m\",\"error\":{\"success\":false,\"reason\":"
		    "\"a \\\"b\\\"\", \"code\":\"id_reused\",\"x\":[1]}}");
	expect_error("id_reused",
	    "a \\u0022b\\u0022\",\"conversationId\":\"c\",\"messageId\":\"m\"");
}

Test(relay_events, what_is_no_envelope_is_a_failure)
{
	static const struct {
		int status;
		const char *body, *code;
	} rows[] = {
	    {200, "", "unavailable"},
	    {200, "{\"a\":1", "unavailable"},
	    {500, "<html>", "unavailable"},
	    {500, "[]", "unavailable"},
	    {500, "{}", "internal"},
	    {400, "{\"code\":7,\"reason\":\"x\"}", "internal"},
	};

	relay_greets();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		say(SEND("7"));
		api_take();
		api_answer(rows[i].status, rows[i].body);
		cr_expect(strstr(hear(), "\"written\":\"unknown\""));
		expect_error(rows[i].code, "");
	}
}

Test(relay_events, without_an_ack_there_is_a_status_or_an_error_only)
{
	static const char send[] =
	    "{\"event\":\"conversation:message\",\"data\":{\"conversationId\":"
	    "\"c\",\"message\":{\"id\":7}}}\n";

	relay_greets();
	say(send);
	api_take();
	api_answer(200, STORED("7", "3"));
	expect_line(SENT("7", "3"));
	say(send);
	api_take();
	api_answer(404, "{\"code\":\"not_found\",\"reason\":\"none\"}");
	expect_error("not_found", "\"messageId\":7");
}

Test(relay_events, socketio_clients_get_their_ack_by_number)
{
	setenv("HTTP_COOKIE", "parley_token=t", 1);
	relay_start("/socket.io/");
	(void)hear();
	say("40\n420[\"conversation:join\",{\"conversationId\":\"c\"}]\n");
	relay_meets_hub("socketio");
	relay_is_bound();
	cr_expect_eq(strncmp(hear(), "40{", 3), 0);
	api_take();
	api_answer(200, OK_BODY);
	expect_line("430[{\"success\":true}]");
}

/* --- lines to the hub --- */

Test(relay_events, typing_and_leave_are_the_hubs_alone)
{
	static const struct {
		const char *event, *line;
	} rows[] = {
	    {EVENT("typing", "{\"conversationId\":\"c\",\"isTyping\":true}"),
		"typing\tc\t1\n"},
	    {EVENT("typing", "{\"isTyping\":false,\"conversationId\":\"c\"}"),
		"typing\tc\t0\n"},
	    {EVENT("leave", "{\"conversationId\":\"c\"}"), "leave\tc\n"},
	};

	relay_greets();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		say(rows[i].event);
		hub_expect(rows[i].line);
		expect_line("{\"ack\":9,\"data\":{\"success\":true}}");
	}
	expect_no_request();
}

Test(relay_events, what_is_wrong_with_an_event_is_said)
{
	static const char *const rows[] = {
	    EVENT("nonsense", "{}"),
	    EVENT("message", "7"),
	    EVENT("typing", "{\"conversationId\":\"c\",\"isTyping\":1}"),
	    EVENT("leave", "{\"conversationId\":\"\"}"),
	    "{\"event\":7,\"ack\":9}\n",
	};

	relay_greets();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		say(rows[i]);
		cr_expect(strstr(hear(), "{\"ack\":9,\"error\":"));
		expect_error("bad_field", "");
	}
}

Test(relay_events, too_many_that_wait_are_refused)
{
	static char line[60000];
	int refused = 0;

	relay_greets();
	snprintf(line, sizeof(line),
	    "{\"event\":\"conversation:delivered\",\"data\":{\"x\":\"%*s\"}}\n",
	    50000, "y");
	for (int i = 0; i < 7; i++)
		say(line);
	do
		refused++;
	while (strstr(hear(), "\"rate_limited\"") && refused < 2);
	cr_expect_eq(refused, 2);
}

/* --- a client that leaves --- */

Test(relay_events, a_client_that_leaves_at_once_loses_nothing)
{
	relay_greets();
	say(SEND("7") EVENT("join", "{\"conversationId\":\"c\"}") SEND("8"));
	close(scene.in);
	expect_end(); /* nothing holds its output, or websocketd would wait */
	relay_ends();
	hub_expect("bye\tleft\n");

	api_take();
	cr_expect(strstr(seen.body, "\"id\":7"));
	api_break();
	api_take();
	cr_expect(strstr(seen.body, "\"id\":7"));
	api_answer_and_keep(200, STORED("7", "3"));
	api_read(seen.fd);
	cr_expect(strstr(seen.body, "\"id\":8"), "no join: %s", seen.body);
	api_answer(200, STORED("8", "4"));
}

Test(relay_events, a_client_that_leaves_before_it_is_known_loses_nothing)
{
	setenv("HTTP_COOKIE", "parley_token=t", 1);
	relay_start("/ws");
	relay_meets_hub("native");
	api_take();
	expect_param("DOCUMENT_URI", "/api/session");
	say(SEND("7"));
	close(scene.in);
	relay_ends();
	api_take(); /* while the session is not answered */
	expect_param("HTTP_COOKIE", "parley_token=t");
	cr_expect(strstr(seen.body, "\"id\":7"));
	api_answer(200, STORED("7", "3"));
}

Test(relay_events, what_is_left_behind_ends_by_its_deadline)
{
	int alive[2];
	char byte;

	cr_assert_eq(pipe(alive), 0); /* inherited by all of it */
	scene.options.deadline_ms = 400;
	relay_greets();
	close(alive[1]);
	say(SEND("7"));
	api_take();
	close(scene.in);
	relay_ends();
	cr_expect_eq(read(alive[0], &byte, 1), 0);
	cr_expect_eq(read(seen.fd, &byte, 1), 0);
}

Test(relay_events, a_restart_carries_out_what_waits)
{
	relay_greets();
	say(SEND("7"));
	api_take();
	kill(scene.pid, SIGTERM);
	expect_error("server_restart", "");
	expect_end();
	relay_ends();
	api_break();
	api_take();
	cr_expect(strstr(seen.body, "\"id\":7"));
	api_answer(200, STORED("7", "3"));
}
