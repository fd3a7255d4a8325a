/*
 * hub_stats.c: the counters, told to the api each second; see hub.h.
 */
#include <string.h>

#include "ws/hub.h"

#define EVERY_MS 1000

/* To the end of the packet it is one text, so nothing may follow it there. */
static void
send_to_idle(struct hub *hub, const struct span *text)
{
	struct parcel *parcel = parcel_new(text, 1);

	LIST_EACH(at, &hub->publisher_list) {
		struct hub_client *client =
		    LIST_ITEM(at, struct hub_client, all);

		if (!client->peer.first)
			hub_client_put(client, parcel);
	}
	parcel_release(parcel);
}

static void
tell(struct timer *timer)
{
	struct hub *hub = LIST_ITEM(timer, struct hub, stats);
	char text[BUS_PACKET_MAX] = "stats\n";
	FILE *out;

	if (list_is_empty(&hub->publisher_list))
		return;
	timer_set(&hub->timers, timer, hub->timers.now_ms + EVERY_MS);
	hub->metrics.bound = hub->rooms.bound_count;
	hub->metrics.accounts = hub->rooms.account_count;
	hub->metrics.rooms = hub->rooms.room_count;
	out = fmemopen(text, sizeof(text), "a");
	if (!out)
		return; /* out of memory costs a second's counters */
	hub_metrics_print(&hub->metrics, out);
	(void)fclose(out);
	send_to_idle(hub, &(struct span){text, strlen(text) - 1});
}

void
hub_stats_start(struct hub *hub)
{
	hub->stats.fire = tell;
	if (!hub->stats.place)
		timer_set(
		    &hub->timers, &hub->stats, hub->timers.now_ms + EVERY_MS);
}
