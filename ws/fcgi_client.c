/*
 * fcgi_client.c: a request into memory, onto the socket, and its answer off
 * it; see fcgi_client.h.  What the answer says is fcgi_answer.c's.
 */
#include "ws/fcgi_record.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ws/bus_address.h"

#define RESPONDER 1
#define KEEP_CONN 1
#define CONTENT_MAX 0xffff
#define SHORT_LENGTH_MAX 127

void
fcgi_init(struct fcgi_client *c, char *out, size_t out_cap, char *answer,
    size_t answer_cap)
{
	*c = (struct fcgi_client){.fd = -1, .bytes = answer, .cap = answer_cap};
	queue_init(&c->out, out, out_cap);
}

/* --- the request --- */

static void
write_header(char header[FCGI_HEADER_BYTES], enum fcgi_record type, size_t len)
{
	header[0] = FCGI_VERSION;
	header[1] = (char)type;
	header[2] = 0;
	header[3] = FCGI_REQUEST_ID;
	header[4] = (char)(len >> 8);
	header[5] = (char)len;
	header[6] = 0; /* padding */
	header[7] = 0;
}

static void
put_record(
    struct queue *out, enum fcgi_record type, const char *content, size_t len)
{
	char header[FCGI_HEADER_BYTES];

	write_header(header, type, len);
	queue_put(out, header, FCGI_HEADER_BYTES);
	queue_put(out, content, len);
}

void
fcgi_begin(struct fcgi_client *c, bool keep)
{
	const char begin[FCGI_HEADER_BYTES] = {
	    0, RESPONDER, keep ? KEEP_CONN : 0};

	assert(c->state != FCGI_WORKING);
	c->keep = keep;
	queue_consume(&c->out, queue_length(&c->out));
	queue_begin(&c->out);
	put_record(&c->out, FCGI_BEGIN_REQUEST, begin, sizeof(begin));
	c->params = c->out.tail;
	put_record(&c->out, FCGI_PARAMS, NULL, 0); /* its length follows */
}

static void
put_length(struct queue *out, size_t len)
{
	const char four[] = {(char)(len >> 24 | 0x80), (char)(len >> 16),
	    (char)(len >> 8), (char)len};

	if (len <= SHORT_LENGTH_MAX)
		queue_put(out, four + 3, 1);
	else
		queue_put(out, four, sizeof(four));
}

void
fcgi_param(struct fcgi_client *c, const char *name, const char *value)
{
	if (!value)
		return;
	put_length(&c->out, strlen(name));
	put_length(&c->out, strlen(value));
	queue_puts(&c->out, name);
	queue_puts(&c->out, value);
}

/* All parameters are one record; nginx lets through less than it holds. */
static bool
end_params(struct fcgi_client *c)
{
	size_t len = c->out.tail - c->params - FCGI_HEADER_BYTES;

	if (c->out.overflow || len > CONTENT_MAX)
		return false;
	write_header(c->out.bytes + c->params, FCGI_PARAMS, len);
	put_record(&c->out, FCGI_PARAMS, NULL, 0);
	return true;
}

bool
fcgi_body(struct fcgi_client *c, struct span body)
{
	char length[24];

	(void)snprintf(length, sizeof(length), "%zu", body.len);
	fcgi_param(c, "CONTENT_LENGTH", length);
	if (!end_params(c))
		return false;
	while (body.len > 0) {
		size_t n = body.len < CONTENT_MAX ? body.len : CONTENT_MAX;

		put_record(&c->out, FCGI_STDIN, body.at, n);
		body.at += n;
		body.len -= n;
	}
	put_record(&c->out, FCGI_STDIN, NULL, 0);
	return queue_commit(&c->out);
}

/* --- the connection --- */

static void
disconnect(struct fcgi_client *c)
{
	if (c->fd >= 0)
		(void)close(c->fd);
	c->fd = -1;
}

/* Connecting to a Unix socket never takes time: it is there, or it is not. */
static int
connect_to(const char *path)
{
	struct sockaddr_un to;
	int fd, why;

	if (bus_address(&to, path) < 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	why = errno;
	(void)close(fd);
	errno = why;
	return -1;
}

/* An api that hangs up while we write may have answered before: read on. */
static void
write_on(struct fcgi_client *c)
{
	struct span rest = queue_head(&c->out);
	ssize_t n = send(c->fd, rest.at, rest.len, MSG_NOSIGNAL);

	if (n >= 0)
		queue_consume(&c->out, (size_t)n);
	else if (errno != EAGAIN && errno != EINTR)
		queue_consume(&c->out, rest.len);
	c->sent = c->sent || n > 0;
}

void
fcgi_start(struct fcgi_client *c, const char *path)
{
	c->len = c->content = 0;
	c->sent = false;
	if (c->fd < 0)
		c->fd = connect_to(path);
	if (c->fd < 0) {
		fcgi_fail(c, errno);
		return;
	}
	c->state = FCGI_WORKING;
	write_on(c);
}

void
fcgi_end(struct fcgi_client *c, bool keep)
{
	if (!keep || !c->keep || c->state != FCGI_DONE)
		disconnect(c);
	queue_consume(&c->out, queue_length(&c->out));
	c->len = c->content = 0;
	c->state = FCGI_IDLE;
}

static void
read_on(struct fcgi_client *c)
{
	ssize_t n = recv(c->fd, c->bytes + c->len, c->cap - c->len, 0);

	if (n > 0) {
		c->len += (size_t)n;
		fcgi_take_records(c);
	} else if (n == 0) {
		fcgi_fail(c, ECONNRESET);
	} else if (errno != EAGAIN && errno != EINTR) {
		fcgi_fail(c, errno);
	}
}

short
fcgi_events(const struct fcgi_client *c)
{
	return queue_length(&c->out) > 0 ? POLLIN | POLLOUT : POLLIN;
}

void
fcgi_ready(struct fcgi_client *c)
{
	if (queue_length(&c->out) > 0)
		write_on(c);
	read_on(c);
}
