/*
 * hub_client.c: one relay or api at the hub: reading, sending, ending; see
 * hub.h.  What its lines mean is hub_relay.c's and hub_api.c's.
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
hub_client_of(struct connection *connection)
{
	return LIST_ITEM(connection, struct hub_client, connection);
}

struct hub_client *
hub_client_find(const struct hub *hub, struct span id)
{
	struct hub_client *client = index_find(&hub->connections, id);

	return client && !client->is_ended ? client : NULL;
}

/* --- sending --- */

void
hub_client_put(struct hub_client *client, struct parcel *parcel)
{
	struct hub *hub = client->hub;

	if (client->is_gone)
		return;
	if (!peer_put(&client->peer, parcel))
		hub->metrics.dropped++;
	if (client->peer.bytes > hub->metrics.queue_bytes_max)
		hub->metrics.queue_bytes_max = client->peer.bytes;
	if (!client->is_stuck && list_is_empty(&client->due))
		list_add(&hub->due, &client->due);
}

void
hub_client_say(
    struct hub_client *client, const struct span *field, size_t count)
{
	struct parcel *parcel = parcel_new(field, count);

	hub_client_put(client, parcel);
	parcel_release(parcel);
}

static void
wait_for(struct hub_client *client, bool is_stuck)
{
	struct epoll_event event = {
	    EPOLLIN | (is_stuck ? EPOLLOUT : 0), {.ptr = &client->watch}};

	if (client->is_stuck != is_stuck)
		(void)epoll_ctl(client->hub->set, EPOLL_CTL_MOD,
		    client->watch.fd, &event); /* it is in the set */
	client->is_stuck = is_stuck;
}

static void
flush(struct hub_client *client)
{
	struct hub *hub = client->hub;

	if (peer_flush(&client->peer, &hub->metrics) != PEER_FULL) {
		wait_for(client, false);
		if (!client->is_ended)
			timer_clear(&hub->timers, &client->patience);
		return;
	}
	wait_for(client, true);
	if (!client->patience.place)
		timer_set(&hub->timers, &client->patience,
		    hub->timers.now_ms + hub->options.stall_ms);
}

void
hub_flush(struct hub *hub)
{
	LIST_EACH(at, &hub->due) {
		list_remove(at);
		flush(LIST_ITEM(at, struct hub_client, due));
	}
}

/* --- ending --- */

void
hub_client_count_end(struct hub_client *client, struct span code)
{
	if (client->is_publisher || client->is_counted)
		return;
	client->is_counted = true;
	client->hub->metrics.ends[metric_end(code)]++;
}

void
hub_client_end(struct hub_client *client, const char *code)
{
	struct hub *hub = client->hub;
	const struct span line[] = {SPAN("end"), span_of(code)};
	struct parcel *parcel;

	if (client->is_ended || client->is_gone)
		return;
	rooms_unbind(&client->connection);
	hub_client_count_end(client, span_of(code));
	timer_clear(&hub->timers, &client->until);
	timer_clear(&hub->timers, &client->resync);
	timer_set(&hub->timers, &client->patience,
	    hub->timers.now_ms + hub->options.farewell_ms);
	client->is_ended = true;

	parcel = parcel_new(line, 2);
	peer_put_last(&client->peer, parcel);
	hub_client_put(client, parcel); /* now quiet; but it is due */
	parcel_release(parcel);
}

void
hub_client_drop(struct hub_client *client)
{
	struct hub *hub = client->hub;

	if (client->is_gone)
		return;
	client->is_gone = true;
	hub_client_count_end(client, SPAN("gone"));
	rooms_unbind(&client->connection);
	timer_clear(&hub->timers, &client->until);
	timer_clear(&hub->timers, &client->resync);
	timer_clear(&hub->timers, &client->patience);
	if (!client->is_publisher) {
		index_remove(&hub->connections, client);
		hub->metrics.connections[client->dialect]--;
	}
	(void)close(client->watch.fd); /* and so it leaves the epoll set */
	peer_clear(&client->peer);
	list_remove(&client->due);
	list_remove(&client->all);
	list_add(&hub->leaving, &client->all);
}

void
hub_bury(struct hub *hub)
{
	LIST_EACH(at, &hub->leaving) {
		struct hub_client *client =
		    LIST_ITEM(at, struct hub_client, all);

		list_remove(at);
		free(client->session);
		free(client);
	}
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
