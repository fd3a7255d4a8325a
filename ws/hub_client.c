/*
 * hub_client.c: one relay or api at the hub, how it begins, is read, and
 * runs out of time; see hub.h.  Sending and ending are hub_send.c's.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <unistd.h>

#include "ws/hub.h"
#include "ws/hub_log.h"

#define PACKETS_PER_TURN 64 /* of one client, before others have a turn */
#define ID_BYTES ((BUS_CONNECTION_BYTES - 1) / 2)

struct hub_client *
hub_client_find(const struct hub *hub, struct span id)
{
	struct hub_client *client = index_find(&hub->connections, id);

	return client && !client->is_ended ? client : NULL;
}

/* --- timers --- */

static void
lose_patience(struct timer *timer)
{
	struct hub_client *client =
	    LIST_ITEM(timer, struct hub_client, patience);

	if (!client->is_ended)
		hub_log("%s %.8s read nothing for %ld ms: closed",
		    client->is_publisher ? "an api" : "relay", client->bytes,
		    client->hub->options.stall_ms);
	hub_client_count_end(client, SPAN("slow_consumer"));
	hub_client_drop(client);
}

static void
expire(struct timer *timer)
{
	hub_client_end(
	    LIST_ITEM(timer, struct hub_client, until), "auth_failed");
}

static void
say_resync(struct timer *timer)
{
	struct hub_client *client = LIST_ITEM(timer, struct hub_client, resync);

	client->hub->metrics.resyncs++;
	hub_client_say(client, (const struct span[]){SPAN("resync")}, 1);
}

/* --- reading --- */

/* False where there is no more now, or ever. */
static bool
read_packet(struct hub_client *client)
{
	struct hub *hub = client->hub;
	ssize_t n =
	    bus_receive(client->watch.fd, hub->packet, sizeof(hub->packet));
	struct span packet = {hub->packet, (size_t)n};

	if (n < 0 && errno == EMSGSIZE) {
		hub->metrics.ignored++;
		return true;
	}
	if (n < 0 && errno == ECONNRESET)
		return true; /* told once; what it said last comes after */
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		if (client->is_publisher)
			hub_log("an api has left");
		hub_client_drop(client);
	} else if (client->is_publisher)
		hub_take_api(client, packet);
	else
		hub_take_relay(client, packet);
	return n > 0;
}

static void
ready(struct hub *hub, struct watch *watch, uint32_t events)
{
	struct hub_client *client = LIST_ITEM(watch, struct hub_client, watch);

	if (client->is_gone)
		return;
	if ((events & EPOLLOUT) && list_is_empty(&client->due))
		list_add(&hub->due, &client->due);
	if (!(events & ~(uint32_t)EPOLLOUT))
		return;
	for (int i = 0; i < PACKETS_PER_TURN; i++)
		if (!read_packet(client))
			return;
}

/* --- the beginning --- */

static void
choose_id(struct hub_client *client)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char random[ID_BYTES];

	/* Up to 256 bytes come whole, and at once after the boot. */
	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		abort();
	for (size_t i = 0; i < ID_BYTES; i++) {
		client->bytes[2 * i] = hex[random[i] >> 4];
		client->bytes[2 * i + 1] = hex[random[i] & 15];
	}
	client->id = (struct span){client->bytes, 2 * ID_BYTES};
}

static void
greet_relay(struct hub_client *client)
{
	struct hub *hub = client->hub;

	choose_id(client);
	client->dialect = metric_dialect(SPAN("other")); /* until it says */
	hub->metrics.connections[client->dialect]++;
	index_add(&hub->connections, client);
	list_add(&hub->relay_list, &client->all);
	hub_client_say(client,
	    (const struct span[]){SPAN("hello"), SPAN("1"), client->id}, 3);
}

static void
greet_api(struct hub_client *client)
{
	struct hub *hub = client->hub;

	hub_log("an api is here");
	list_add(&hub->publisher_list, &client->all);
	hub_client_say(
	    client, (const struct span[]){SPAN("hello"), SPAN("1")}, 2);
	hub_stats_start(hub);
}

void
hub_client_new(struct hub *hub, int fd, bool is_publisher)
{
	struct hub_client *client = calloc(1, sizeof(*client));
	struct epoll_event event = {EPOLLIN, {.ptr = NULL}};

	if (!client)
		abort(); /* out of memory */
	event.data.ptr = &client->watch;
	if (epoll_ctl(hub->set, EPOLL_CTL_ADD, fd, &event) < 0) {
		hub_log("cannot watch one more: %s", strerror(errno));
		(void)close(fd);
		free(client);
		return;
	}
	client->hub = hub;
	client->watch = (struct watch){fd, ready};
	client->is_publisher = is_publisher;
	client->until.fire = expire;
	client->resync.fire = say_resync;
	client->patience.fire = lose_patience;
	list_init(&client->all);
	list_init(&client->due);
	peer_init(&client->peer, fd, (size_t)hub->options.queue_bytes);
	rooms_connection(&client->connection);
	if (is_publisher)
		greet_api(client);
	else
		greet_relay(client);
}
