/*
 * hub_send.c: what goes out to a relay or api, and how each of them ends; see
 * hub.h.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ws/hub.h"

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

void
hub_connection_put(struct connection *connection, struct parcel *parcel)
{
	hub_client_put(
	    LIST_ITEM(connection, struct hub_client, connection), parcel);
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
	enum peer_flush result = peer_flush(&client->peer, &hub->metrics);

	wait_for(client, result == PEER_FULL);
	if (result == PEER_DEAF) /* then reading tells that it is gone */
		(void)shutdown(client->watch.fd, SHUT_RDWR);
	if (result != PEER_FULL && !client->is_ended)
		timer_clear(&hub->timers, &client->patience);
	if (result == PEER_FULL && !client->patience.place)
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
