/*
 * said.c: see said.h.
 */
#include "ws/said.h"

#include <string.h>

#include "ws/json_string.h"
#include "ws/scan.h"

void
said_flaw(struct said *said, const char *code, const char *reason)
{
	said->kind = SAID_FLAW;
	said->code = code;
	said->reason = reason;
}

bool
said_scan(struct said *said, struct span *text, char kind)
{
	struct scan_flaw flaw;

	if (!scan_check(text->at, text->len, &flaw)) {
		said_flaw(said, flaw.malformed ? "bad_json" : "bad_field",
		    flaw.reason);
		return false;
	}
	*text = span_trimmed(*text);
	if (json_kind(*text) == kind)
		return true;
	said_flaw(said, "bad_json",
	    kind == '{' ? "it must be a JSON object"
			: "it must be a JSON array");
	return false;
}

static bool
is_named(struct span name, const char *word)
{
	return json_string_equals(name.at + 1, word, strlen(word));
}

void
said_event(
    struct said *said, struct span name, struct span data, struct span ack)
{
	said->event = name;
	said->data = data;
	said->ack = ack;
	if (json_kind(name) != '"') {
		said_flaw(
		    said, "bad_field", "an event's name must be a string");
		return;
	}
	said->kind = SAID_EVENT;
	if (!is_named(name, "auth"))
		return;
	said->kind = SAID_AUTH;
	said->token = json_member(data, "token");
	if (json_kind(said->token) != '"')
		said_flaw(said, "bad_field", "data.token must be a string");
}

void
no_greeting(struct queue *out, const struct greeting *greeting)
{
	(void)out;
	(void)greeting;
}

void
no_line(struct queue *out)
{
	(void)out;
}
