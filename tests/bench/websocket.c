/*
 * websocket.c: handshake, frames out, messages in.
 *
 * All connections share one buffer; a connection keeps memory of its own only
 * while a message is half here, so that idle ones cost the kernel's part.
 */
#include "tests/bench/websocket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HANDSHAKE_BYTES 2048
#define MASKED 0x80
#define FIN 0x80

enum opcode { MORE = 0, TEXT = 1, CLOSE = 8, PING = 9, PONG = 10 };

struct frame {
	unsigned char first; /* FIN and opcode */
	size_t head, len;    /* bytes */
};

static int
server_connect(uint16_t port)
{
	struct sockaddr_in server = {
	    .sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, (struct sockaddr *)&server, sizeof(server)) < 0 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

int
websocket_open(
    struct websocket *ws, uint16_t port, const char *path, const char *token)
{
	char request[HANDSHAKE_BYTES];
	int len = snprintf(request, sizeof(request),
	    "GET %s HTTP/1.1\r\n"
	    "Host: 127.0.0.1:%d\r\n"
	    "Connection: Upgrade\r\n"
	    "Upgrade: websocket\r\n"
	    "Sec-WebSocket-Version: 13\r\n"
	    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	    "Authorization: Bearer %s\r\n\r\n",
	    path, port, token);

	*ws = (struct websocket){.fd = -1};
	if (len >= (int)sizeof(request)) {
		errno = EMSGSIZE;
		return -1;
	}
	ws->fd = server_connect(port);
	if (ws->fd < 0)
		return -1;
	return send(ws->fd, request, (size_t)len, MSG_NOSIGNAL) == len ? 0 : -1;
}

void
websocket_close(struct websocket *ws)
{
	close(ws->fd);
	free(ws->kept);
	*ws = (struct websocket){.fd = -1};
}

/* The mask is zero: allowed, and the server works through it all the same. */
int
websocket_send(struct websocket *ws, const char *text, size_t len)
{
	unsigned char frame[8 + WEBSOCKET_SEND_MAX] = {FIN | TEXT};
	size_t head = 6;
	ssize_t sent;

	if (len > WEBSOCKET_SEND_MAX) {
		errno = EMSGSIZE;
		return -1;
	}
	if (len < 126) {
		frame[1] = (unsigned char)(MASKED | len);
	} else {
		frame[1] = MASKED | 126;
		frame[2] = (unsigned char)(len >> 8);
		frame[3] = (unsigned char)len;
		head = 8;
	}
	memcpy(frame + head, text, len);
	sent = send(ws->fd, frame, head + len, MSG_NOSIGNAL);
	if (sent >= 0 && (size_t)sent != head + len)
		errno = EMSGSIZE;
	return (size_t)sent == head + len ? 0 : -1;
}

/* The frame at s; false while it is not all here. */
static bool
frame_parse(const char *s, size_t have, struct frame *frame)
{
	const unsigned char *b = (const unsigned char *)s;

	if (have < 2)
		return false;
	frame->first = b[0];
	frame->head = b[1] < 126 ? 2 : b[1] == 126 ? 4 : 10;
	if (have < frame->head)
		return false;
	frame->len = b[1] < 126 ? b[1] : 0;
	for (size_t i = 2; i < frame->head; i++)
		frame->len = frame->len << 8 | b[i];
	return frame->len <= have - frame->head;
}

/*
 * The message at s: bytes that it takes there, 0 while it is not all here.
 * Its frames are put together in place, *text and *len.
 */
static size_t
message_join(char *s, size_t have, const char **text, size_t *len)
{
	struct frame frame;
	size_t used = 0, joined = 0;

	do {
		if (!frame_parse(s + used, have - used, &frame))
			return 0;
		used += frame.head + frame.len;
		joined += frame.len;
	} while (!(frame.first & FIN));

	*text = s + used - frame.len;
	*len = joined;
	if (joined == frame.len)
		return used;

	*text = s;
	joined = 0;
	for (size_t at = 0; at < used; at += frame.head + frame.len) {
		frame_parse(s + at, have - at, &frame);
		memmove(s + joined, s + at + frame.head, frame.len);
		joined += frame.len;
	}
	return used;
}

/* The answer to the handshake: its bytes, 0 while it is not all here. */
static size_t
handshake_read(
    struct websocket *ws, const char *s, size_t have, const char **why)
{
	const char *end = memmem(s, have, "\r\n\r\n", 4);

	if (!end)
		return 0;
	ws->is_open = have > 12 && memcmp(s, "HTTP/1.1 101", 12) == 0;
	if (!ws->is_open)
		*why = "the upgrade was refused";
	return (size_t)(end - s) + 4;
}

static bool
keep(struct websocket *ws, const char *rest, size_t len)
{
	char *kept = NULL;

	if (len > 0) {
		kept = malloc(len);
		if (!kept)
			return false;
		memcpy(kept, rest, len);
	}
	free(ws->kept);
	ws->kept = kept;
	ws->kept_len = len;
	return true;
}

bool
websocket_read(struct websocket *ws,
    void (*take)(void *owner, const char *text, size_t len), void *owner,
    const char **why)
{
	static char buffer[WEBSOCKET_MESSAGE_MAX];
	size_t used, at = 0, have = ws->kept_len, len;
	const char *text;
	ssize_t got;

	if (have > 0)
		memcpy(buffer, ws->kept, have);
	got = recv(ws->fd, buffer + have, sizeof(buffer) - have, 0);
	if (got < 0 && errno == EAGAIN)
		return true;
	*why = got < 0 ? strerror(errno) : "the server hung up";
	if (got <= 0)
		return false;
	have += (size_t)got;

	if (!ws->is_open) {
		at = handshake_read(ws, buffer, have, why);
		if (at > 0 && !ws->is_open)
			return false;
	}
	while (ws->is_open) {
		unsigned char opcode = (unsigned char)buffer[at] & 15;

		used = message_join(buffer + at, have - at, &text, &len);
		if (used == 0)
			break;
		at += used;
		if (opcode == CLOSE)
			return false;
		if (opcode == TEXT)
			take(owner, text, len);
	}
	*why = "a message was too long";
	return have - at < sizeof(buffer) && keep(ws, buffer + at, have - at);
}
