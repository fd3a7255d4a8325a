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

static bool
is_blank(char c)
{
	return memchr(" \t\n\r", c, 4) != NULL;
}

static struct span
trimmed(struct span text)
{
	while (text.len > 0 && is_blank(text.at[0])) {
		text.at++;
		text.len--;
	}
	while (text.len > 0 && is_blank(text.at[text.len - 1]))
		text.len--;
	return text;
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
	*text = trimmed(*text);
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

struct span
json_inside(struct span object)
{
	if (object.len < 2)
		return (struct span){0};
	return trimmed((struct span){object.at + 1, object.len - 2});
}

void
say_no_greeting(struct queue *out, const struct greeting *greeting)
{
	(void)out;
	(void)greeting;
}

void
say_nothing(struct queue *out)
{
	(void)out;
}
