/*
 * The relay on /chat: init, what becomes of a visitor's and an agent's frames,
 * and what either is told.
 */
#include "tests/relay_scene.h"

TestSuite(relay_chat, .init = scene_init, .fini = scene_release, .timeout = 60);

#define INIT "{\"type\":\"init\",\"userName\":\"N\",\"x\":1}\n"
#define ASKED "{\"userName\":\"N\"}"
#define ASKED_AGAIN "{\"userName\":\"N\",\"sessionId\":\"s1\"}"
#define AGENT_INIT "{\"type\":\"init\",\"role\":\"agent\"}\n"
#define MESSAGE(id)                                                            \
	"{\"type\":\"message\",\"text\":\"a\",\"id\":" id                      \
	",\"sessionId\":\"s9\"}\n"
#define TYPING "{\"type\":\"typing\",\"isTyping\":true,\"sessionId\":\"s9\"}\n"
#define FIRST "{\"id\":7,\"seq\":1,\"text\":\"a\",\"sender\":\"user\"}"
#define OPENED(session, messages, seq)                                         \
	"{\"success\":true,\"sessionId\":\"" session                           \
	"\",\"messages\":[\n" messages "],\"count\":1,\"seq\":" seq "}\n"
#define AGENT_OPENED "{\"success\":true,\"role\":\"agent\"}\n"
#define HISTORY(messages) "{\"type\":\"history\",\"messages\":[ " messages "]}"
#define SESSION(id) "{\"type\":\"session\",\"sessionId\":\"" id "\"}"
#define AGENT_SESSION "{\"type\":\"session\",\"role\":\"agent\"}"
#define POSTED(session)                                                        \
	"{\"success\":true,\"response\":\"Hi\",\"sessionId\":\"" session       \
	"\",\"messageId\":7,\"seq\":1,\"duplicate\":false}\n"
#define REFUSED(code)                                                          \
	"{\"success\":false,\"reason\":\"no\",\"error\":\"no\",\"code\":"      \
	"\"" code "\",\"written\":false}\n"
#define ERROR(code, more)                                                      \
	"{\"type\":\"error\",\"code\":\"" code                                 \
	"\",\"reason\":\"no\",\"message\":\"no\"" more "}"
#define LINE(seq) "{\"id\":8,\"seq\":" seq ",\"text\":\"b\"}"
#define HEARD(seq)                                                             \
	"{\"type\":\"message\",\"id\":8,\"seq\":" seq ",\"text\":\"b\"}"
#define PRESENT                                                                \
	"event\tuser:presence\t{\"conversationId\":\"s1\",\"userEmail\":"      \
	"\"Agents\",\"userRole\":\"seller\",\"isOnline\":true,"                \
	"\"lastSeen\":null}\n"

static void
expect_opening(const char *body)
{
	api_take();
	expect_param("REQUEST_METHOD", "POST");
	expect_param("DOCUMENT_URI", "/api/chat/live");
	expect_param("CONTENT_TYPE", "application/json");
	expect_param("LIVE_CONNECTION", CONNECTION);
	cr_expect_str_eq(seen.body, body, "%s", seen.body);
}

/* Nothing is on its way to the client: the answer to a ping is next. */
static void
expect_silence(void)
{
	say("{\"type\":\"ping\"}\n");
	expect_line("{\"type\":\"pong\"}");
}

static void
start_chat(void)
{
	unsetenv("HTTP_X_PARLEY_GUEST");
	relay_start("/chat");
	relay_meets_hub("chat");
}

/* A visitor with one line in session s1, bound. */
static void
visitor_opens(void)
{
	start_chat();
	say(INIT);
	expect_opening(ASKED);
	hub_say("bound\t{}\n");
	api_answer(200, OPENED("s1", FIRST, "1"));
	expect_line(HISTORY(FIRST));
	expect_line(SESSION("s1"));
}

static void
agent_opens(void)
{
	start_chat();
	say(AGENT_INIT);
	expect_opening("{\"role\":\"agent\"}");
	hub_say("bound\t{}\n");
	api_answer(200, AGENT_OPENED);
	expect_line(AGENT_SESSION);
}

/* --- init --- */

Test(relay_chat, init_is_answered_by_history_then_session)
{
	visitor_opens();
	expect_silence();
}

Test(relay_chat, a_guest_whom_nginx_gave_a_cookie_is_told_to_the_api)
{
	setenv("HTTP_X_PARLEY_GUEST", CONNECTION, 1);
	relay_start("/chat");
	relay_meets_hub("chat");
	say(INIT);
	expect_opening(ASKED);
	expect_param("LIVE_GUEST", CONNECTION);
}

Test(relay_chat, what_the_hub_says_of_it_comes_after_the_history)
{
	start_chat();
	say(INIT);
	expect_opening(ASKED);
	hub_say("bound\t{}\nevent\tchat:message\t" LINE(
	    "1") "\n"
		 "event\tchat:message\t" LINE("2") "\n" PRESENT);
	expect_silence();
	api_answer(200, OPENED("s1", FIRST, "1"));
	expect_line(HISTORY(FIRST));
	expect_line(SESSION("s1"));
	expect_line(HEARD("2")); /* 1 is in the history */
	expect_line("{\"type\":\"presence\",\"isOnline\":true}");
}

Test(relay_chat, an_init_waits_for_the_hub)
{
	relay_start("/chat");
	say(INIT);
	expect_silence();
	expect_no_request();
	relay_meets_hub("chat");
	expect_opening(ASKED);
}

Test(relay_chat, frames_before_init_are_errors_and_the_connection_survives)
{
	static const char *const frames[] = {MESSAGE("7"), TYPING,
	    "{\"type\":\"history\"}\n", "{\"type\":7}\n", "nonsense\n", "[]\n"};

	scene.options.proof_ms = 1;
	scene.options.silence_ms = 1;
	start_chat();
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		say(frames[i]);
		cr_expect(strstr(hear(), "{\"type\":\"error\",\"code\":"));
	}
	expect_silence();
	expect_no_request();
}

Test(relay_chat, a_refused_init_opens_nothing)
{
	start_chat();
	say(AGENT_INIT MESSAGE("7"));
	expect_opening("{\"role\":\"agent\"}");
	api_answer(403, REFUSED("forbidden"));
	expect_line(ERROR("forbidden", ""));
	cr_expect(strstr(hear(), "\"unauthorized\"")); /* the message */
	say(INIT);
	expect_opening(ASKED);
}

Test(relay_chat, an_init_that_is_refused_leaves_what_was_opened)
{
	visitor_opens();
	say(AGENT_INIT);
	expect_opening("{\"role\":\"agent\"}");
	api_answer(403, REFUSED("forbidden"));
	expect_line(ERROR("forbidden", ""));
	close(scene.hub);
	relay_meets_hub("chat");
	expect_opening(ASKED_AGAIN);
}

Test(relay_chat, an_init_that_is_too_long_to_keep_is_refused)
{
	static char line[1200];

	start_chat();
	snprintf(line, sizeof(line),
	    "{\"type\":\"init\",\"userName\":\"%*s\"}\n", EVENT_INIT_MAX, "N");
	say(line);
	cr_expect(strstr(hear(), "\"init must be at most 1024 bytes\""));
	expect_silence();
}

Test(relay_chat, an_answer_without_a_session_opens_nothing)
{
	static const char *const answers[] = {"{\"success\":true}",
	    "{\"sessionId\":\"s1\",\"messages\":7}",
	    "{\"sessionId\":7,\"messages\":[]}", "cut"};

	start_chat();
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		say(INIT);
		expect_opening(ASKED);
		api_answer(200, answers[i]);
		cr_expect(strstr(hear(), "\"code\":\"unavailable\""));
		say(TYPING);
		cr_expect(strstr(hear(), "\"code\":\"unauthorized\""));
	}
}

Test(relay_chat, an_init_is_repeated_while_the_api_is_busy)
{
	start_chat();
	say(INIT);
	expect_opening(ASKED);
	api_answer(503, REFUSED("unavailable"));
	expect_opening(ASKED);
	api_break();
	expect_opening(ASKED);
	api_answer(200, OPENED("s1", FIRST, "1"));
	expect_line(HISTORY(FIRST));
}

Test(relay_chat, an_init_may_come_again)
{
	visitor_opens();
	say(INIT);
	expect_opening(ASKED);
	hub_say("bound\t{}\n");
	api_answer(200, OPENED("s1", FIRST, "1"));
	expect_line(HISTORY(FIRST));
	expect_line(SESSION("s1"));
	expect_silence();
}

/* --- to be bound --- */

Test(relay_chat, one_that_the_hub_does_not_confirm_is_sent_again)
{
	start_chat();
	say(INIT);
	expect_opening(ASKED);
	api_answer(200, OPENED("s1", FIRST, "1"));
	expect_line(HISTORY(FIRST));
	expect_line(SESSION("s1"));
	expect_opening(ASKED_AGAIN);
	hub_say("bound\t{}\n");
	api_answer(200, OPENED("s1", FIRST, "1"));
	expect_line(HISTORY(FIRST));
	expect_silence();
}

Test(relay_chat, after_a_restart_of_the_hub_the_history_comes_again)
{
	visitor_opens();
	for (int i = 0; i < 3; i++) {
		close(scene.hub);
		relay_meets_hub("chat");
		expect_opening(ASKED_AGAIN);
		hub_say("bound\t{}\n");
		api_answer(200, OPENED("s1", FIRST, "1"));
		expect_line(HISTORY(FIRST));
	}
	hub_say("event\tchat:message\t" LINE("2") "\n");
	expect_line(HEARD("2"));
}

Test(relay_chat, what_was_lost_is_history_again)
{
	static const char *const losses[] = {"resync\n", "event\tresync\t{}\n"};

	visitor_opens();
	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		hub_say(losses[i]);
		expect_opening(ASKED_AGAIN);
		hub_say("bound\t{}\n");
		api_answer(200, OPENED("s1", FIRST, "1"));
		expect_line(HISTORY(FIRST));
	}
	expect_silence();
}

Test(relay_chat, what_was_lost_is_history_also_while_lines_keep_coming)
{
	visitor_opens();
	hub_say("resync\nevent\tchat:message\t" LINE("2") "\n");
	expect_line(HEARD("2"));
	hub_say("event\tchat:message\t" LINE("3") "\n");
	expect_opening(ASKED_AGAIN);
	hub_say("bound\t{}\n");
	api_answer(200, OPENED("s1", FIRST, "2"));
	expect_line(HISTORY(FIRST));
	expect_line(HEARD("3"));
}

Test(relay_chat, what_a_later_history_holds_is_not_told_before_it_nor_again)
{
	visitor_opens();
	hub_say("resync\n");
	expect_opening(ASKED_AGAIN);
	hub_say("bound\t{}\nevent\tchat:message\t" LINE("2") "\n");
	expect_silence();
	api_answer(200, OPENED("s1", FIRST, "2"));
	expect_line(HISTORY(FIRST));
	expect_silence();
}

Test(relay_chat, an_agent_who_may_have_lost_something_is_told_to_pull)
{
	agent_opens();
	hub_say("resync\n");
	expect_opening("{\"role\":\"agent\"}");
	hub_say("bound\t{}\n");
	api_answer(200, AGENT_OPENED);
	expect_line(AGENT_SESSION);
}

Test(relay_chat, a_session_that_ended_meanwhile_ends_the_connection)
{
	visitor_opens();
	close(scene.hub);
	relay_meets_hub("chat");
	api_take();
	api_answer(401, REFUSED("unauthorized"));
	cr_expect(strstr(hear(), "\"auth_failed\""));
	expect_end();
}

Test(relay_chat, a_line_that_another_session_got_is_followed_there)
{
	visitor_opens();
	say(MESSAGE("7"));
	api_take();
	api_answer(200, POSTED("s2"));
	expect_opening(ASKED_AGAIN);
	hub_say("bound\t{}\n");
	api_answer(200, OPENED("s2", FIRST, "1"));
	expect_line(HISTORY(FIRST));
	expect_line(SESSION("s2"));
	say(TYPING);
	hub_expect("typing\ts2\t1\n");
}

Test(relay_chat, a_session_that_is_his_no_more_is_forgotten_and_none_is_lost)
{
	char id[RELAY_HEX_BYTES];

	visitor_opens();
	say(MESSAGE("7"));
	api_take();
	snprintf(id, sizeof(id), "%s", param("REQUEST_ID"));
	api_answer(404, REFUSED("not_found"));
	api_take();
	expect_param("REQUEST_ID", id);
	cr_expect_str_eq(seen.body, "{\"message\":\"a\",\"messageId\":7}");
	api_answer(200, POSTED("s2"));
	expect_opening(ASKED);
	api_answer(200, OPENED("s2", FIRST, "1"));
	expect_line(HISTORY(FIRST));
	expect_line(SESSION("s2"));
}

/* --- messages --- */

Test(relay_chat, a_message_is_the_request_that_nginx_would_send)
{
	visitor_opens();
	say(MESSAGE("7"));
	api_take();
	expect_param("REQUEST_METHOD", "POST");
	expect_param("DOCUMENT_URI", "/api/chat");
	expect_param("QUERY_STRING", "");
	expect_param("LIVE_CONNECTION", CONNECTION);
	cr_expect_eq(strlen(param("REQUEST_ID")), 32);
	cr_expect_str_eq(seen.body, "{\"message\":\"a\",\"messageId\":7,"
				    "\"sessionId\":\"s1\"}");
	api_answer(200, POSTED("s1"));
	expect_silence();
	expect_no_request();
}

Test(relay_chat, an_agents_message_names_its_session)
{
	agent_opens();
	say(MESSAGE("7"));
	api_take();
	cr_expect_str_eq(seen.body, "{\"message\":\"a\",\"messageId\":7,"
				    "\"sessionId\":\"s9\"}");
	api_answer(200, POSTED("s9"));
	expect_silence();
	expect_no_request();
}

Test(relay_chat, messages_wait_behind_init)
{
	start_chat();
	say(INIT MESSAGE("1") MESSAGE("2"));
	expect_opening(ASKED);
	expect_no_request();
	hub_say("bound\t{}\n");
	api_answer_and_keep(200, OPENED("s1", FIRST, "1"));
	api_read(seen.fd);
	cr_expect(strstr(seen.body, "\"messageId\":1"));
	api_answer_and_keep(200, POSTED("s1"));
	api_read(seen.fd);
	cr_expect(strstr(seen.body, "\"messageId\":2"));
}

Test(relay_chat, a_refused_message_is_an_error_that_names_it)
{
	visitor_opens();
	say(MESSAGE("7"));
	api_take();
	api_answer(400, REFUSED("bad_field"));
	expect_line(ERROR("bad_field", ",\"messageId\":7"));
}

Test(relay_chat, a_hub_that_goes_disturbs_no_message)
{
	visitor_opens();
	say(MESSAGE("7"));
	api_take();
	close(scene.hub);
	close(scene.hub_listener);
	unlink(scene.hub_path);
	api_answer(200, POSTED("s1"));
	say(MESSAGE("8"));
	api_take();
	cr_expect(strstr(seen.body, "\"messageId\":8"));
}

Test(relay_chat, who_leaves_right_after_init_loses_no_message)
{
	start_chat();
	say(AGENT_INIT MESSAGE("7"));
	expect_opening("{\"role\":\"agent\"}");
	close(scene.in);
	relay_ends();
	api_break();
	api_take();
	expect_param("DOCUMENT_URI", "/api/chat");
	expect_param("LIVE_CONNECTION", "");
	cr_expect(strstr(seen.body, "\"sessionId\":\"s9\""));
	api_answer(200, POSTED("s9"));
}

/* --- events of the hub --- */

Test(relay_chat, a_visitor_never_sees_who_answers)
{
	visitor_opens();
	hub_say(PRESENT);
	expect_line("{\"type\":\"presence\",\"isOnline\":true}");
	hub_say("event\tconversation:typing\t{\"conversationId\":\"s1\","
		"\"userRole\":\"seller\",\"isTyping\":false}\n");
	expect_line("{\"type\":\"typing\",\"isTyping\":false}");
	hub_say(
	    "event\tconversation:new-message\t{\"conversationId\":\"c\"}\n");
	expect_silence();
}

Test(relay_chat, an_agent_is_told_which_session_it_is_about)
{
	agent_opens();
	hub_say("event\tuser:presence\t{\"conversationId\":\"s9\","
		"\"userEmail\":\"Chat:s9\",\"isOnline\":true}\n");
	expect_line(
	    "{\"type\":\"presence\",\"isOnline\":true,\"sessionId\":\"s9\"}");
	hub_say("event\tconversation:typing\t{\"conversationId\":\"s9\","
		"\"userRole\":\"customer\",\"isTyping\":true}\n");
	expect_line(
	    "{\"type\":\"typing\",\"isTyping\":true,\"sessionId\":\"s9\"}");
	hub_say("event\tchat:message\t{\"sessionId\":\"s9\",\"seq\":1}\n");
	expect_line("{\"type\":\"message\",\"sessionId\":\"s9\",\"seq\":1}");
	hub_say("event\tchat:session\t"
		"{\"session\":{\"sessionId\":"
		"\"s9\",\"status\":\"active\"}}"
		"\n");
	expect_line("{\"type\":\"session:updated\",\"session\":{\"sessionId\":"
		    "\"s9\",\"status\":\"active\"}}");
	expect_silence();
}

Test(relay_chat, typing_goes_to_the_room_of_the_session)
{
	visitor_opens();
	say(TYPING);
	hub_expect("typing\ts1\t1\n");
	say("{\"type\":\"typing\",\"isTyping\":1}\n");
	cr_expect(strstr(hear(), "\"bad_field\""));
}

Test(relay_chat, an_agents_typing_names_its_session)
{
	agent_opens();
	say(TYPING);
	hub_expect("typing\ts9\t1\n");
	hub_say("refuse\tnot_found\ts9\n");
	cr_expect(strstr(hear(), "\"claim the session first\""));
	say("{\"type\":\"typing\",\"isTyping\":true}\n");
	cr_expect(strstr(hear(), "\"bad_field\""));
}
