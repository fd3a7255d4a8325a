/*
 * websocket.h: the client's end of a WebSocket (RFC 6455), as little of it as
 * a load needs: text in both directions, and the close.
 */
#ifndef BENCH_WEBSOCKET_H
#define BENCH_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEBSOCKET_MESSAGE_MAX (256 * 1024) /* received */
#define WEBSOCKET_SEND_MAX (4 * 1024)

struct websocket {
	int fd;       /* -1: closed */
	bool is_open; /* the server has agreed */
	char *kept;   /* the beginning of a message that is not all here */
	size_t kept_len;
};

/*
 * Connect to a port of this host, and ask for the upgrade of a path; token
 * goes along as bearer.  -1 with errno.
 */
int websocket_open(
    struct websocket *ws, uint16_t port, const char *path, const char *token);
void websocket_close(struct websocket *ws);

/* Send one text; -1 with errno, EMSGSIZE where the socket took half of it. */
int websocket_send(struct websocket *ws, const char *text, size_t len);

/*
 * Read what is there, and call take() for each whole message, which is lent.
 * False at the end of the connection; *why: how it ended.
 */
bool websocket_read(struct websocket *ws,
    void (*take)(void *owner, const char *text, size_t len), void *owner,
    const char **why);

#endif
