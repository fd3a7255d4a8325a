/*
 * hub_relay.c: what relays say (bus.h); see hub.h.
 *
 * Relays speak for browsers, so nothing here is believed: who it is was said
 * by the api, and what it may do follows from that.
 */
#include <string.h>

#include "ws/hub.h"

static void
take_relay(struct hub_client *client, const struct frame *frame)
{
	uint64_t *connections = client->hub->metrics.connections;

	connections[client->dialect]--;
	client->dialect = metric_dialect(frame->field[2]);
	connections[client->dialect]++;
}

static void
take_typing(struct hub_client *client, const struct frame *frame)
{
	struct span conversation = frame->field[1];

	if (rooms_typing(
		&client->connection, conversation, frame_is(frame, 2, "1"))) {
		client->hub->metrics.typing++;
		return;
	}
	hub_client_say(client,
	    (const struct span[]){
		SPAN("refuse"), SPAN("not_found"), conversation},
	    3);
}

static void
take_leave(struct hub_client *client, const struct frame *frame)
{
	rooms_leave(&client->connection, frame->field[1]);
}

static void
take_bye(struct hub_client *client, const struct frame *frame)
{
	hub_client_count_end(client, frame->field[1]);
}

static const struct {
	const char *kind;
	size_t fields; /* at least */
	void (*take)(struct hub_client *client, const struct frame *frame);
} kinds[] = {
    {"relay", 3, take_relay},
    {"typing", 3, take_typing},
    {"leave", 2, take_leave},
    {"bye", 2, take_bye},
};

static void
take_line(struct hub_client *client, const struct frame *frame)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (frame_is(frame, 0, kinds[i].kind) &&
		    frame->count >= kinds[i].fields) {
			kinds[i].take(client, frame);
			return;
		}
	client->hub->metrics.ignored++;
}

void
hub_take_relay(struct hub_client *client, struct span packet)
{
	struct frame frame;
	const char *end = packet.at + packet.len;

	while (frame_next(&packet, &frame))
		take_line(client, &frame);
	client->hub->metrics.ignored += packet.at != end;
}
