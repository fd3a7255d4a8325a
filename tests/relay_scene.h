/*
 * relay_scene.h: the relay's own loop in a child, and around it what it talks
 * to: its client on two pipes, a little hub, a little api.
 *
 * Everything that is awaited has WAIT_MS, far beyond what it takes; nothing
 * sleeps.  Texts are compared whole; "hex" stands for 32 random digits.
 */
#ifndef TESTS_RELAY_SCENE_H
#define TESTS_RELAY_SCENE_H

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ws/relay.h"

#define WAIT_MS 20000
#define CONNECTION "0123456789abcdef0123456789abcdef"
#define BOUND "bound\t{\"ids\":[\"a@x.de\"],\"epoch\":\"e\"}\n"
#define HELLO                                                                  \
	"{\"event\":\"hello\",\"data\":{\"ids\":[\"a@x.de\"],\"epoch\":\"e\"," \
	"\"heartbeat\":25}}"
#define OK_BODY "{\"success\":true,\"data\":{}}\n"

#define UNUSED __attribute__((unused))

/* One request, as it came to the api. */
struct request_seen {
	int fd;
	char params[40 * 1024]; /* "\nNAME=value\nNAME=value\n" */
	char body[80 * 1024];
};

static struct scene {
	struct relay_options options;
	char hub_path[64], api_path[64];
	int hub_listener, hub, api_listener;
	int in, out; /* what it reads, what it writes */
	pid_t pid;
	struct line_reader lines;
} scene;

static struct request_seen seen;

/* --- its client --- */

UNUSED static void
say(const char *text)
{
	size_t len = strlen(text);

	cr_assert_eq(write(scene.in, text, len), (ssize_t)len);
}

static void
await(int fd, short events, const char *what)
{
	struct pollfd set = {fd, events, 0};

	cr_assert_eq(poll(&set, 1, WAIT_MS), 1, "waited for %s", what);
}

/* Its next line, NULL at the end; lent until the next call. */
static const char *
hear(void)
{
	static char text[RELAY_LINE_MAX * 2 + 1];
	struct span line;
	size_t room;
	ssize_t n;

	while (!line_next(&scene.lines, &line)) {
		char *to = line_room(&scene.lines, &room);

		await(scene.out, POLLIN, "a line");
		n = read(scene.out, to, room);
		if (n <= 0)
			return NULL;
		line_filled(&scene.lines, (size_t)n);
	}
	memcpy(text, line.at, line.len);
	text[line.len] = '\0';
	return text;
}

UNUSED static void
expect_line(const char *text)
{
	const char *line = hear();

	cr_assert(line, "the end came, not %s", text);
	cr_expect_str_eq(line, text);
}

UNUSED static void
expect_error(const char *code, const char *after_reason)
{
	const char *line = hear();
	char head[128];

	cr_assert(line, "the end came, not error %s", code);
	snprintf(head, sizeof(head),
	    "{\"event\":\"error\",\"data\":{\"code\":\"%s\",\"reason\":\"",
	    code);
	cr_expect_eq(
	    strncmp(line, head, strlen(head)), 0, "%s is not %s", line, head);
	cr_expect(
	    strstr(line, after_reason), "%s lacks %s", line, after_reason);
}

UNUSED static void
expect_end(void)
{
	const char *line = hear();

	cr_expect_null(line, "%s came after the last line", line);
}

/* --- the hub --- */

UNUSED static void
hub_accept(void)
{
	await(scene.hub_listener, POLLIN, "the relay at the hub");
	scene.hub = accept(scene.hub_listener, NULL, NULL);
}

UNUSED static void
hub_expect(const char *text)
{
	char packet[1024];
	ssize_t n;

	await(scene.hub, POLLIN, text);
	n = recv(scene.hub, packet, sizeof(packet) - 1, 0);
	if (n < 0 && errno == ECONNRESET) /* it left unread what we said */
		n = recv(scene.hub, packet, sizeof(packet) - 1, 0);
	cr_assert_geq(n, 0);
	packet[n] = '\0';
	cr_expect_str_eq(packet, text);
}

UNUSED static void
hub_say(const char *packet)
{
	cr_assert_eq(send(scene.hub, packet, strlen(packet), MSG_NOSIGNAL),
	    (ssize_t)strlen(packet));
}

/* --- the api --- */

static size_t
take_length(const unsigned char **at)
{
	size_t n = *(*at)++;

	if (n < 128)
		return n;
	n = (n & 0x7f) << 24 | (size_t)(*at)[0] << 16 | (size_t)(*at)[1] << 8 |
	    (*at)[2];
	*at += 3;
	return n;
}

static void
take_params(const unsigned char *at, size_t len)
{
	const unsigned char *end = at + len;
	size_t used = strlen(seen.params);

	while (at < end) {
		size_t name = take_length(&at);
		size_t value = take_length(&at);

		used += (size_t)snprintf(seen.params + used,
		    sizeof(seen.params) - used, "%.*s=%.*s\n", (int)name, at,
		    (int)value, at + name);
		at += name + value;
	}
}

static void
read_all(int fd, void *bytes, size_t len)
{
	for (size_t got = 0; got < len;) {
		ssize_t n;

		await(fd, POLLIN, "the rest of a request");
		n = read(fd, (char *)bytes + got, len - got);
		cr_assert_gt(n, 0, "a request was cut");
		got += (size_t)n;
	}
}

/* Read one whole request off a connection. */
static void
api_read(int fd)
{
	unsigned char head[8];
	static unsigned char content[70000];
	size_t body = 0;

	seen.fd = fd;
	strcpy(seen.params, "\n");
	for (;;) {
		size_t len;

		read_all(fd, head, sizeof(head));
		len = (size_t)(head[4] << 8 | head[5]);
		read_all(fd, content, len);
		if (head[1] == 4)
			take_params(content, len);
		if (head[1] == 5 && len == 0)
			break;
		if (head[1] == 5) {
			memcpy(seen.body + body, content, len);
			body += len;
		}
	}
	seen.body[body] = '\0';
}

UNUSED static void
api_take(void)
{
	await(scene.api_listener, POLLIN, "a request at the api");
	api_read(accept(scene.api_listener, NULL, NULL));
}

/* The value of a parameter of the request; "" where it is absent. */
static const char *
param(const char *name)
{
	static char value[20 * 1024];
	char head[64];
	const char *at;

	snprintf(head, sizeof(head), "\n%s=", name);
	at = strstr(seen.params, head);
	value[0] = '\0';
	if (at)
		sscanf(at + strlen(head), "%20000[^\n]", value);
	return value;
}

UNUSED static void
expect_param(const char *name, const char *value)
{
	cr_expect_str_eq(
	    param(name), value, "%s is %s, not %s", name, param(name), value);
}

static void
put_record(int fd, char type, const void *content, size_t len)
{
	const char head[8] = {1, type, 0, 1, (char)(len >> 8), (char)len, 0, 0};

	cr_assert_eq(send(fd, head, 8, MSG_NOSIGNAL), 8);
	cr_assert_eq(send(fd, content, len, MSG_NOSIGNAL), (ssize_t)len);
}

/* Answer, on a connection that stays open. */
static void
api_answer_and_keep(int status, const char *body)
{
	char text[8192];

	snprintf(text, sizeof(text),
	    "Status: %d So\r\nContent-Length: %zu\r\n\r\n%s", status,
	    strlen(body), body);
	put_record(seen.fd, 6, text, strlen(text));
	put_record(seen.fd, 3, "\0\0\0\0\0\0\0\0", 8);
}

UNUSED static void
api_answer(int status, const char *body)
{
	api_answer_and_keep(status, body);
	close(seen.fd);
}

UNUSED static void
api_break(void)
{
	close(seen.fd);
}

/* Is there nothing that it asks for?  Only where all else has been seen. */
UNUSED static void
expect_no_request(void)
{
	struct pollfd set = {scene.api_listener, POLLIN, 0};

	cr_expect_eq(poll(&set, 1, 0), 0);
}

/* --- the relay --- */

static int
listen_at(int type, char *path, const char *name)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	snprintf(path, 64, "/tmp/relay-%d-%s", (int)getpid(), name);
	(void)unlink(path);
	strcpy(at.sun_path, path);
	cr_assert_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	cr_assert_eq(listen(fd, 16), 0);
	return fd;
}

UNUSED static void
hub_listen(void)
{
	scene.hub_listener = listen_at(SOCK_SEQPACKET, scene.hub_path, "hub");
}

UNUSED static void
api_listen(void)
{
	scene.api_listener = listen_at(SOCK_STREAM, scene.api_path, "api");
}

static void
scene_init(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
	hub_listen();
	api_listen();
	scene.options = (struct relay_options){
	    .hub = scene.hub_path,
	    .api = scene.api_path,
	    .line_bytes = RELAY_LINE_MAX,
	    .events_per_second = 20,
	    .events_burst = 40,
	    .joins_burst = 256,
	    .flood_ms = 10000,
	    .proof_ms = WAIT_MS,
	    .heartbeat_ms = 25000,
	    .pong_ms = 20000,
	    .silence_ms = 75000,
	    .deadline_ms = WAIT_MS,
	    .stall_ms = WAIT_MS,
	    .drain_ms = 300,
	};
	setenv("HTTP_X_REAL_IP", "192.0.2.7", 1);
	setenv("HTTP_ORIGIN", "https://x.de", 1);
	unsetenv("HTTP_AUTHORIZATION");
	unsetenv("HTTP_COOKIE");
}

static void
scene_release(void)
{
	int status;

	if (scene.pid > 0 && waitpid(scene.pid, &status, WNOHANG) == 0) {
		(void)kill(scene.pid, SIGKILL);
		(void)waitpid(scene.pid, &status, 0);
	}
	(void)unlink(scene.hub_path);
	(void)unlink(scene.api_path);
}

/* Start it for a client that came by this path. */
UNUSED static void
relay_start(const char *path)
{
	static char bytes[RELAY_LINE_MAX * 2];
	int in[2], out[2];

	line_init(&scene.lines, bytes, sizeof(bytes));
	cr_assert_eq(pipe2(in, O_CLOEXEC), 0);
	cr_assert_eq(pipe2(out, O_CLOEXEC), 0);
	scene.pid = fork();
	if (scene.pid == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		close(in[0]);
		close(in[1]);
		close(out[0]);
		close(out[1]);
		close(scene.hub_listener);
		close(scene.api_listener);
		relay_run(&scene.options, dialect_find(path));
		_exit(0);
	}
	close(in[0]);
	close(out[1]);
	scene.in = in[1];
	scene.out = out[0];
}

/* It is at the hub, and knows its connection. */
UNUSED static void
relay_meets_hub(const char *dialect)
{
	char line[64];

	hub_accept();
	snprintf(line, sizeof(line), "relay\t1\t%s\n", dialect);
	hub_expect(line);
	hub_say("hello\t1\t" CONNECTION "\n");
}

/* The api and the hub say who it is. */
UNUSED static void
relay_is_bound(void)
{
	api_take();
	expect_param("DOCUMENT_URI", "/api/session");
	expect_param("LIVE_CONNECTION", CONNECTION);
	api_answer(200, OK_BODY);
	hub_say(BOUND);
}

/* A native client with a cookie, greeted. */
UNUSED static void
relay_greets(void)
{
	setenv("HTTP_COOKIE", "parley_token=t", 1);
	relay_start("/ws");
	relay_meets_hub("native");
	relay_is_bound();
	expect_line(HELLO);
}

/* It has ended, by itself. */
UNUSED static void
relay_ends(void)
{
	int status;

	cr_assert_eq(waitpid(scene.pid, &status, 0), scene.pid);
	scene.pid = 0;
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %x",
	    (unsigned)status);
}

#endif
