/*
 * swarm.c: the clients, and the messages under way among them.
 *
 * A message carries its number in its text, so whoever gets it knows how long
 * it took and who is still missing.  One clock, one thread: no figure rests on
 * two processes' agreement about time.
 */
#include "tests/bench/swarm.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "tests/bench/accent.h"
#include "tests/bench/websocket.h"

#define EVENTS 256
#define STALL_MS 20000 /* nothing at all for so long: it has failed */
#define JOIN_WINDOW 16
#define COMPLAINTS 5

struct client {
	struct websocket ws;
	char *token;
	int64_t began_us; /* to connect */
	bool is_ready;
};

struct turn {
	int64_t sent_us;
	int missing; /* of those who shall see it */
};

struct outcome outcome;

static const struct accent *accent;
static uint16_t port;
static int epoll_fd;

static struct client clients[SWARM_CLIENTS];
static struct route routes[SWARM_ROUTES];
static struct turn turns[SWARM_TURNS];
static int client_count, opened_count, route_count, turn_count;
static int under_way; /* greetings, joins or messages waited for */

static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static void
finish(int64_t began_us)
{
	if (outcome.done < SWARM_TURNS)
		outcome.latency_us[outcome.done++] =
		    (uint32_t)(now_us() - began_us);
	under_way--;
}

static void
complain(const char *what, const char *text, size_t len)
{
	if (outcome.failed++ < COMPLAINTS)
		fprintf(stderr, "sockets: %s: %.*s\n", what,
		    (int)(len < 500 ? len : 500), text);
}

static bool
begins(const char *text, size_t len, const char *with)
{
	size_t n = strlen(with);

	return len >= n && memcmp(text, with, n) == 0;
}

static void
client_send(struct client *c, const char *text)
{
	if (websocket_send(&c->ws, text, strlen(text)) < 0)
		complain("cannot send", text, strlen(text));
}

static void
message_seen(const struct client *c, const char *text, size_t len)
{
	const char *mark = memmem(text, len, "turn=", 5);
	long n = mark ? strtol(mark + 5, NULL, 10) : -1;
	long who = c - clients;
	const struct route *route;

	if (n < 0 || n >= turn_count) {
		complain("a message of somebody else", text, len);
		return;
	}
	route = &routes[n % route_count];
	if (who < route->first || who >= route->first + route->count)
		return;
	outcome.deliveries++;
	turns[n].missing--;
	if (turns[n].missing == 0)
		finish(turns[n].sent_us);
	else if (turns[n].missing < 0)
		complain("a message twice", text, len);
}

static void
text_take(void *owner, const char *text, size_t len)
{
	struct client *c = owner;

	for (size_t i = 0; i < 2 && accent->reply[i].said; i++)
		if (begins(text, len, accent->reply[i].said))
			client_send(c, accent->reply[i].answer);

	if (begins(text, len, accent->message)) {
		message_seen(c, text, len);
	} else if (begins(text, len, accent->ready) && !c->is_ready) {
		c->is_ready = true;
		finish(c->began_us);
	} else if (begins(text, len, accent->ack)) {
		if (!memmem(text, len, "\"success\":true", 14))
			complain("refused", text, len);
		under_way--;
	} else if (begins(text, len, accent->error) ||
		   begins(text, len, accent->refusal)) {
		complain("an error", text, len);
	}
}

static void
client_read(struct client *c)
{
	const char *why = "";

	if (websocket_read(&c->ws, text_take, c, &why))
		return;
	complain("a connection ended", why, strlen(why));
	outcome.gone++;
	if (!c->is_ready)
		under_way--;
	websocket_close(&c->ws);
}

bool
swarm_serve(int wait_ms)
{
	struct epoll_event ready[EVENTS];
	int n = epoll_wait(epoll_fd, ready, EVENTS, wait_ms);

	for (int i = 0; i < n; i++)
		client_read(ready[i].data.ptr);
	return n > 0;
}

/* Serve until no more than so many are under way; false: it hangs. */
static bool
serve_until(int most)
{
	while (under_way > most)
		if (!swarm_serve(STALL_MS)) {
			complain("nothing came", "", 0);
			return false;
		}
	return true;
}

bool
swarm_init(const char *dialect, uint16_t server_port)
{
	accent = accent_find(dialect);
	port = server_port;
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	return accent && epoll_fd >= 0;
}

int
swarm_descriptor(void)
{
	return epoll_fd;
}

bool
swarm_add(const char *token)
{
	if (client_count == SWARM_CLIENTS)
		return false;
	clients[client_count++].token = strdup(token);
	return true;
}

bool
swarm_route(const struct route *r)
{
	if (route_count == SWARM_ROUTES || r->sender < 0 ||
	    r->sender >= client_count || r->first < 0 || r->count < 1 ||
	    r->first + r->count > client_count)
		return false;
	routes[route_count++] = *r;
	return true;
}

void
swarm_begin(void)
{
	under_way = outcome.done = outcome.failed = 0;
	outcome.deliveries = 0;
}

static void
client_open(struct client *c)
{
	struct epoll_event want = {.events = EPOLLIN, .data.ptr = c};

	c->began_us = now_us();
	under_way++;
	if (websocket_open(&c->ws, port, accent->path, c->token) < 0 ||
	    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->ws.fd, &want) < 0)
		err(1, "cannot connect");
}

void
swarm_open(int parallel)
{
	while (opened_count < client_count && serve_until(parallel - 1))
		client_open(&clients[opened_count++]);
	serve_until(0);
}

static void
join(int number, const struct route *route)
{
	char data[256], text[WEBSOCKET_SEND_MAX];

	snprintf(data, sizeof(data), "{\"conversationId\":\"%s\"}",
	    route->conversation);
	accent->event(text, sizeof(text), "conversation:join", data, number);
	under_way++;
	client_send(&clients[number], text);
}

void
swarm_join(void)
{
	for (const struct route *r = routes; r < routes + route_count; r++) {
		join(r->sender, r);
		for (int i = 0; i < r->count; i++)
			if (serve_until(JOIN_WINDOW))
				join(r->first + i, r);
	}
	serve_until(0);
}

/* As the first clients write it. */
static void
message_put(char *out, size_t cap, const struct route *route, int n)
{
	static int64_t first_id;
	struct timespec wall;
	struct tm utc;
	char time[32];

	clock_gettime(CLOCK_REALTIME, &wall);
	if (first_id == 0)
		first_id = wall.tv_sec * INT64_C(1000000);
	strftime(
	    time, sizeof(time), "%FT%T.000Z", gmtime_r(&wall.tv_sec, &utc));
	snprintf(out, cap,
	    "{\"conversationId\":\"%s\",\"message\":{\"id\":%" PRId64
	    ",\"sender\":\"user\",\"text\":\"turn=%d Yes, a little. Come on "
	    "Saturday at ten; bring your mechanic and twenty minutes for a "
	    "drive.\",\"timestamp\":\"%s\",\"type\":\"text\"}}",
	    route->conversation, first_id + n, n, time);
}

static void
message_send(const struct route *route, int n)
{
	char data[WEBSOCKET_SEND_MAX / 2], text[WEBSOCKET_SEND_MAX];

	message_put(data, sizeof(data), route, n);
	accent->event(text, sizeof(text), "conversation:message", data, -1);
	turns[n] = (struct turn){now_us(), route->count};
	under_way++;
	client_send(&clients[route->sender], text);
}

void
swarm_send(int count, int window)
{
	if (route_count == 0 || turn_count + count > SWARM_TURNS)
		errx(2, "no route, or too many messages");
	while (count-- > 0 && serve_until(window - 1)) {
		int n = turn_count++;

		message_send(&routes[n % route_count], n);
	}
	serve_until(0);
}
