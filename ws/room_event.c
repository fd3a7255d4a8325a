/*
 * room_event.c: see room_event.h.
 */
#include "ws/room_event.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define ID_BYTES (2 * BUS_CONVERSATION_MAX + 1) /* each byte escaped, NUL */
#define EMAIL_BYTES (2 * BUS_IDENTITY_MAX + 1)
#define TIME_BYTES 64
#define WORDS_BYTES 256 /* all that is not an id */

static const char *const roles[ROLES] = {"customer", "seller"};

/* As the inside of a JSON string: without controls, two bytes need care. */
static const char *
escape(char *out, size_t cap, struct span text)
{
	char *at = out;

	assert(2 * text.len < cap);
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '"' || text.at[i] == '\\')
			*at++ = '\\';
		*at++ = text.at[i];
	}
	*at = '\0';
	return out;
}

/* A JSON value: ISO 8601 UTC with milliseconds, or null. */
static const char *
last_seen(char out[TIME_BYTES], const struct identity *party)
{
	time_t seconds = (time_t)(party->seen_ms / 1000);
	struct tm utc;
	char date[TIME_BYTES / 2];

	if (party->online || party->seen_ms == 0 || !gmtime_r(&seconds, &utc))
		return "null";
	(void)strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
	(void)snprintf(out, TIME_BYTES, "\"%s.%03dZ\"", date,
	    (int)(party->seen_ms % 1000));
	return out;
}

static struct parcel *
event(const char *name, const char *json)
{
	const struct span line[] = {
	    SPAN("event"), span_of(name), span_of(json)};

	return parcel_new(line, 3);
}

struct parcel *
presence_event(
    struct span conversation, const struct identity *party, enum role role)
{
	char id[ID_BYTES], email[EMAIL_BYTES], seen[TIME_BYTES];
	char json[ID_BYTES + EMAIL_BYTES + TIME_BYTES + WORDS_BYTES];

	(void)snprintf(json, sizeof(json),
	    "{\"conversationId\":\"%s\",\"userEmail\":\"%s\","
	    "\"userRole\":\"%s\",\"isOnline\":%s,\"lastSeen\":%s}",
	    escape(id, sizeof(id), conversation),
	    escape(email, sizeof(email), party->name), roles[role],
	    party->online ? "true" : "false", last_seen(seen, party));
	return event("user:presence", json);
}

struct parcel *
typing_event(struct span conversation, enum role role, bool is_typing)
{
	char id[ID_BYTES];
	char json[ID_BYTES + WORDS_BYTES];

	(void)snprintf(json, sizeof(json),
	    "{\"conversationId\":\"%s\",\"userRole\":\"%s\",\"isTyping\":%s}",
	    escape(id, sizeof(id), conversation), roles[role],
	    is_typing ? "true" : "false");
	return event("conversation:typing", json);
}
