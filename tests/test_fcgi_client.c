/*
 * The FastCGI client: what it writes, and what it takes for an answer, cut
 * anywhere; against a socket of the test's own, no api.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ws/fcgi_client.h"

enum { END = 3, STDOUT = 6, STDERR = 7 };

static char out[256 * 1024], bytes[4096];
static struct fcgi_client client;

static void
start(void)
{
	fcgi_init(&client, out, sizeof(out), bytes, sizeof(bytes));
}

TestSuite(fcgi_client, .init = start);

/* --- answers --- */

static char wire[8192];
static size_t wire_len;

static void
put(int type, const char *content, size_t len, int padding)
{
	char *at = wire + wire_len;

	at[0] = 1;
	at[1] = (char)type;
	at[2] = 0;
	at[3] = 1;
	at[4] = (char)(len >> 8);
	at[5] = (char)len;
	at[6] = (char)padding;
	at[7] = 0;
	memcpy(at + 8, content, len);
	wire_len += 8 + len + (size_t)padding;
}

static void
put_text(const char *text)
{
	put(STDOUT, text, strlen(text), (int)(wire_len % 7));
}

static void
put_end(void)
{
	put(STDOUT, "", 0, 0);
	put(END, "\0\0\0\0\0\0\0\0", 8, 0);
}

/* What a request that is under way makes of the wire, in pieces of step. */
static void
feed(size_t step)
{
	start();
	client.state = FCGI_WORKING;
	errno = 0;
	for (size_t at = 0; at < wire_len; at += step)
		fcgi_feed(&client, wire + at,
		    wire_len - at < step ? wire_len - at : step);
}

Test(fcgi_client, answers_are_the_same_however_they_are_cut)
{
	static const struct {
		const char *part[3];
		int status;
		long retry_after;
		const char *body;
	} rows[] = {
	    {{"Status: 200 OK\r\n\r\n{}"}, 200, 0, "{}"},
	    {{"X: y\r\n\r\n{}"}, 200, 0, "{}"},
	    {{"Status: 503 No\r\nretry-after: 2\r\n\r\nno\n"}, 503, 2, "no\n"},
	    {{"Status: 4", "04 None\r\n", "\r\nno"}, 404, 0, "no"},
	    {{"Content-Length: 4\r\n\r\nab", "cd"}, 200, 0, "abcd"},
	    {{"Status: 200\n\nunix"}, 200, 0, "unix"},
	    {{"Status: 204 None\r\n\r\n"}, 204, 0, ""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wire_len = 0;
		put(STDERR, "a word", 6, 2);
		for (int j = 0; j < 3 && rows[i].part[j]; j++)
			put_text(rows[i].part[j]);
		put_end();
		for (size_t step = 1; step <= wire_len; step++) {
			feed(step);
			cr_assert_eq(client.state, FCGI_DONE, "row %zu", i);
			cr_expect_eq(client.status, rows[i].status);
			cr_expect_eq(client.retry_after, rows[i].retry_after);
			cr_expect(span_is(client.body, rows[i].body));
		}
	}
}

Test(fcgi_client, what_is_no_whole_answer_fails)
{
	static const struct {
		const char *what, *text;
		int why;
	} rows[] = {
	    {"cut", "Content-Length: 5\r\n\r\nabcd", EBADMSG},
	    {"too much", "Content-Length: 3\r\n\r\nabcd", EBADMSG},
	    {"no headers", "hello", EBADMSG},
	    {"headers alone", "Status: 200 OK\r\n", EBADMSG},
	    {"nothing", "", EBADMSG},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wire_len = 0;
		put_text(rows[i].text);
		put_end();
		feed(1);
		cr_expect_eq(client.state, FCGI_FAILED, "%s", rows[i].what);
		cr_expect_eq(errno, rows[i].why, "%s", rows[i].what);
	}
}

Test(fcgi_client, records_of_another_protocol_fail)
{
	static const struct {
		size_t at;
		char byte;
	} rows[] = {
	    {0, 2},
	    {2, 1},
	    {3, 2},
	    {8 + 4, 1} /* "cannot multiplex" */,
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wire_len = 0;
		put(END, "\0\0\0\0\0\0\0\0", 8, 0);
		wire[rows[i].at] = rows[i].byte;
		feed(1);
		cr_expect_eq(client.state, FCGI_FAILED, "row %zu", i);
		cr_expect_eq(errno, EPROTO, "row %zu", i);
	}
}

Test(fcgi_client, an_answer_that_is_too_long_fails)
{
	static const char text[3000];

	wire_len = 0;
	put(STDOUT, text, sizeof(text), 0);
	put(STDOUT, text, sizeof(text), 0);
	feed(100);
	cr_expect_eq(client.state, FCGI_FAILED);
	cr_expect_eq(errno, EMSGSIZE);
}

/* --- requests --- */

static size_t
length_at(const unsigned char **at)
{
	size_t n = *(*at)++;

	if (n < 128)
		return n;
	n = (n & 0x7f) << 24 | (size_t)(*at)[0] << 16 | (size_t)(*at)[1] << 8 |
	    (*at)[2];
	*at += 3;
	return n;
}

static char params[70000], body[140000];

/* The other side of what was built: all records, strictly. */
static void
take_apart(struct span request)
{
	const unsigned char *at = (const unsigned char *)request.at;
	const unsigned char *end = at + request.len;
	size_t param_bytes = 0, body_bytes = 0;
	int ends = 0;

	params[0] = '\0';
	for (; at < end; at += 8 + (at[4] << 8 | at[5])) {
		size_t len = (size_t)(at[4] << 8 | at[5]);
		const unsigned char *p = at + 8;

		cr_assert_eq(at[0], 1);
		cr_assert_eq(at[3], 1);
		if (len == 0)
			ends++;
		if (at[1] == 4) {
			while (p < at + 8 + len) {
				size_t name = length_at(&p);
				size_t value = length_at(&p);

				param_bytes += (size_t)sprintf(
				    params + param_bytes, "%.*s=%.*s;",
				    (int)name, p, (int)value, p + name);
				p += name + value;
			}
		} else if (at[1] == 5) {
			memcpy(body + body_bytes, p, len);
			body_bytes += len;
		}
	}
	body[body_bytes] = '\0';
	cr_expect_eq(ends, 2);
}

Test(fcgi_client, a_request_is_its_parameters_and_its_body)
{
	fcgi_begin(&client, true);
	fcgi_param(&client, "A", "1");
	fcgi_param(&client, "GONE", NULL);
	fcgi_param(&client, "EMPTY", "");
	cr_assert(fcgi_body(&client, SPAN("{\"x\":1}")));
	take_apart(queue_head(&client.out));
	cr_expect_str_eq(params, "A=1;EMPTY=;CONTENT_LENGTH=7;");
	cr_expect_str_eq(body, "{\"x\":1}");
	cr_expect_eq(out[8 + 2], 1, "the flag to keep the connection");
}

Test(fcgi_client, long_values_and_long_bodies_are_written_in_their_form)
{
	static char value[60001], long_body[131001];

	memset(value, 'v', sizeof(value) - 1);
	memset(long_body, 'b', sizeof(long_body) - 1);
	fcgi_begin(&client, false);
	fcgi_param(&client, "LONG", value);
	cr_assert(fcgi_body(&client, span_of(long_body)));
	take_apart(queue_head(&client.out));
	cr_expect_eq(strlen(params),
	    strlen("LONG=;CONTENT_LENGTH=131000;") + strlen(value));
	cr_expect_str_eq(body, long_body);
}

Test(fcgi_client, what_does_not_fit_is_refused_whole)
{
	static char value[66000];

	memset(value, 'v', sizeof(value) - 1);
	fcgi_begin(&client, false);
	fcgi_param(&client, "LONG", value);
	cr_expect_not(fcgi_body(&client, SPAN("{}")));
	fcgi_begin(&client, false);
	cr_expect(fcgi_body(&client, SPAN("{}")));
	take_apart(queue_head(&client.out));
	cr_expect_str_eq(params, "CONTENT_LENGTH=2;");
}

/* --- connections --- */

static char path[64];

static int
listen_there(void)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(path, sizeof(path), "/tmp/test-fcgi-%d", (int)getpid());
	strcpy(at.sun_path, path);
	cr_assert_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	cr_assert_eq(listen(fd, 1), 0);
	return fd;
}

static void
begin(bool keep)
{
	fcgi_begin(&client, keep);
	fcgi_body(&client, SPAN("{}"));
	fcgi_start(&client, path);
}

static void
wait_for(enum fcgi_state state)
{
	while (client.state == FCGI_WORKING) {
		struct pollfd set = {client.fd, fcgi_events(&client), 0};

		cr_assert_eq(poll(&set, 1, 5000), 1);
		fcgi_ready(&client);
	}
	cr_assert_eq(client.state, state);
}

static void
answer_and_keep(int fd)
{
	wire_len = 0;
	put_text("Status: 200 OK\r\n\r\n{}");
	put_end();
	cr_assert_eq(write(fd, wire, wire_len), (ssize_t)wire_len);
}

Test(fcgi_client, nobody_there_is_told_at_once)
{
	int listener = listen_there();

	close(listener);
	begin(false);
	cr_expect_eq(client.state, FCGI_FAILED);
	cr_expect_eq(errno, ECONNREFUSED);
	cr_expect_not(client.sent);
	fcgi_end(&client, true);

	unlink(path);
	begin(false);
	cr_expect_eq(client.state, FCGI_FAILED);
	cr_expect_eq(errno, ENOENT);
}

Test(fcgi_client, a_kept_connection_serves_the_next_request)
{
	int listener = listen_there(), fd;

	begin(true);
	fd = accept(listener, NULL, NULL);
	answer_and_keep(fd);
	wait_for(FCGI_DONE);
	fcgi_end(&client, true);
	cr_expect_geq(client.fd, 0);

	begin(true);
	answer_and_keep(fd);
	wait_for(FCGI_DONE);
	fcgi_end(&client, false);
	cr_expect_eq(client.fd, -1);
	unlink(path);
}

Test(fcgi_client, a_connection_is_kept_only_where_the_request_said_so)
{
	int listener = listen_there(), fd;

	begin(false);
	fd = accept(listener, NULL, NULL);
	answer_and_keep(fd);
	wait_for(FCGI_DONE);
	fcgi_end(&client, true);
	cr_expect_eq(client.fd, -1);
	unlink(path);
}

Test(fcgi_client, a_connection_that_breaks_fails_the_request)
{
	int listener = listen_there(), fd;

	begin(true);
	cr_expect(client.sent);
	fd = accept(listener, NULL, NULL);
	close(fd);
	wait_for(FCGI_FAILED);
	cr_expect_eq(errno, ECONNRESET);
	fcgi_end(&client, true);
	cr_expect_eq(client.fd, -1);
	unlink(path);
}

Test(fcgi_client, an_answer_that_came_before_the_hang_up_counts)
{
	static char long_body[200000];
	int listener = listen_there(), fd;

	memset(long_body, 'b', sizeof(long_body) - 1);
	fcgi_begin(&client, true);
	cr_assert(fcgi_body(&client, span_of(long_body)));
	fcgi_start(&client, path);
	fd = accept(listener, NULL, NULL);
	while (recv(fd, body, sizeof(body), MSG_DONTWAIT) > 0)
		continue;
	answer_and_keep(fd);
	shutdown(fd, SHUT_RD); /* the rest is not wanted */
	wait_for(FCGI_DONE);
	cr_expect(span_is(client.body, "{}"));
	unlink(path);
}
