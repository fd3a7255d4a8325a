/*
 * What the hub learns for a relay that asks: whose its connection is, and that
 * he may join a conversation (see publish.h).
 */
#include <inttypes.h>
#include <string.h>

#include "cgi/hub.h"
#include "cgi/json_out.h"
#include "cgi/publish.h"
#include "ws/bus.h"

const char *
publish_connection(const struct request *req)
{
	const char *connection = request_param(req, "LIVE_CONNECTION");

	if (!connection ||
	    strspn(connection, "0123456789abcdef") != BUS_CONNECTION_BYTES - 1)
		return NULL;
	return connection[BUS_CONNECTION_BYTES - 1] ? NULL : connection;
}

bool
publish_is_nobody(const char *party)
{
	size_t len = strlen(party);

	return len == 0 || len > BUS_IDENTITY_MAX ||
	       text_has_control(party, len);
}

static void
put_ids_json(struct buffer *b, const struct caller *caller)
{
	for (size_t i = 0; i < caller->id_count; i++) {
		buffer_char(b, i == 0 ? '[' : ',');
		json_puts(b, caller->ids[i]);
	}
	buffer_char(b, ']');
}

bool
publish_bind(struct request *req)
{
	const char *connection = publish_connection(req);
	const struct caller *caller = &req->caller;
	struct buffer *b = &req->live;

	if (!connection)
		return true;
	buffer_reset(b);
	buffer_printf(b, "bind\t%s\t%" PRId64 "\t%s", connection,
	    caller->expires_at + JWT_LEEWAY_S, caller->session);
	for (size_t i = 0; i < caller->id_count; i++) {
		buffer_char(b, '\t');
		buffer_puts(b, caller->ids[i]);
	}
	buffer_puts(b, "\t{\"ids\":");
	put_ids_json(b, caller);
	buffer_puts(b, ",\"epoch\":");
	json_puts(b, store_epoch(req->store));
	buffer_puts(b, "}\n");
	return hub_send(b->data, b->len);
}

bool
publish_join(struct request *req, const struct found *found, const char *asked)
{
	const char *connection = publish_connection(req);
	const struct conversation *c = &found->c;
	struct buffer *b = &req->live;

	if (!connection)
		return true;
	buffer_reset(b);
	buffer_printf(b, "join\t%s\t%s\t%s\t%s", connection, asked, c->id,
	    side_names[found->side]);
	for (enum side side = SIDE_CUSTOMER; side < SIDE_NONE; side++) {
		buffer_char(b, '\t');
		buffer_puts(
		    b, publish_is_nobody(c->party[side]) ? "" : c->party[side]);
	}
	buffer_char(b, '\n');
	return hub_send(b->data, b->len);
}
