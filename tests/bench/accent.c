/*
 * accent.c: the dialects, a row each.
 */
#include "tests/bench/accent.h"

#include <stdio.h>
#include <string.h>

static void
native_event(char *out, size_t cap, const char *name, const char *data, int ack)
{
	int len =
	    snprintf(out, cap, "{\"event\":\"%s\",\"data\":%s", name, data);

	if (ack < 0)
		snprintf(out + len, cap - (size_t)len, "}");
	else
		snprintf(out + len, cap - (size_t)len, ",\"ack\":%d}", ack);
}

static void
socketio_event(
    char *out, size_t cap, const char *name, const char *data, int ack)
{
	if (ack < 0)
		snprintf(out, cap, "42[\"%s\",%s]", name, data);
	else
		snprintf(out, cap, "42%d[\"%s\",%s]", ack, name, data);
}

static const struct accent accents[] = {
    {
	.name = "native",
	.path = "/ws",
	.event = native_event,
	.ready = "{\"event\":\"hello\"",
	.message = "{\"event\":\"conversation:new-message\"",
	.ack = "{\"ack\":",
	.error = "{\"event\":\"error\"",
	.refusal = "{\"error\"",
	.reply = {{"{\"event\":\"ping\"", "{\"event\":\"pong\"}"}},
    },
    {
	.name = "socketio",
	.path = "/socket.io/?EIO=4&transport=websocket",
	.event = socketio_event,
	.ready = "40",
	.message = "42[\"conversation:new-message\"",
	.ack = "43",
	.error = "42[\"error\"",
	.refusal = "44",
	.reply = {{"0{", "40"}, {"2", "3"}},
    },
};

const struct accent *
accent_find(const char *name)
{
	for (size_t i = 0; i < sizeof(accents) / sizeof(accents[0]); i++)
		if (strcmp(accents[i].name, name) == 0)
			return &accents[i];
	return NULL;
}
