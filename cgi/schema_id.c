/*
 * schema_id.c: the names of things: conversations, messages, listings, people.
 */
#include "cgi/schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi/schema_table.h"
#include "ws/scan.h"

/* Every client's numbers hold it exactly. */
static bool
is_exact(int64_t n)
{
	return n >= -SCAN_INTEGER_MAX && n <= SCAN_INTEGER_MAX;
}

/* Is s how one writes an integer within +-(2^53-1)?  "07" and "-0" are not. */
static bool
reads_as_integer(const char *s, int64_t *n)
{
	int64_t value = strtoll(s, NULL, 10);
	char again[24];

	(void)snprintf(again, sizeof(again), "%" PRId64, value);
	if (!is_exact(value) || strcmp(again, s) != 0)
		return false;
	*n = value;
	return true;
}

/* --- conversations --- */

bool
conversation_id_check(
    const char *id, size_t len, const char *path, struct flaw *flaw)
{
	if (text_is_token(id, len, CONVERSATION_ID_MAX))
		return true;
	return field_wrong(flaw, path, "",
	    "must be 1 to 128 printable ASCII characters without blanks");
}

bool
take_conversation_id(const struct given *given, void *out)
{
	const char *id = given_string(given);
	char path[FLAW_FIELD_BYTES];

	if (!id)
		return false;
	field_path(path, given->parent, given->field->name);
	if (!conversation_id_check(id, strlen(id), path, given->flaw))
		return false;
	*(const char **)out = id;
	return true;
}

/* --- messages --- */

static bool
is_of_server(const char *id)
{
	return strncmp(id, SERVER_ID_PREFIX, strlen(SERVER_ID_PREFIX)) == 0;
}

void
message_id_from_number(struct message_id *id, int64_t number)
{
	*id = (struct message_id){.number = number, .was_number = true};
	(void)snprintf(id->text, sizeof(id->text), "%" PRId64, number);
}

bool
message_id_from_text(
    struct message_id *id, const char *text, bool may_be_server)
{
	size_t len = strlen(text);

	*id = (struct message_id){0};
	if (!text_is_token(text, len, MESSAGE_ID_MAX))
		return false;
	if (!may_be_server && is_of_server(text))
		return false;
	memcpy(id->text, text, len + 1);
	id->also_number = reads_as_integer(text, &id->number);
	return true;
}

static bool
message_id_read(struct message_id *id, struct json_object *from,
    bool may_be_server, const char *path, struct flaw *flaw)
{
	int64_t number = json_object_get_int64(from);
	const char *text = json_object_is_type(from, json_type_string)
			       ? json_object_get_string(from)
			       : "";

	if (json_object_is_type(from, json_type_int) && is_exact(number)) {
		message_id_from_number(id, number);
		return true;
	}
	if (!message_id_from_text(id, text, true))
		return field_wrong(flaw, path, "",
		    "must be an integer or a string of 1 to 64 printable "
		    "ASCII characters without blanks");
	if (!may_be_server && is_of_server(text))
		return field_wrong(
		    flaw, path, "", "must not begin with " SERVER_ID_PREFIX);
	return true;
}

bool
message_id_take(struct message_id *id, struct json_object *from,
    const char *path, struct flaw *flaw)
{
	return message_id_read(id, from, false, path, flaw);
}

bool
take_message_id(const struct given *given, void *out)
{
	char path[FLAW_FIELD_BYTES];

	field_path(path, given->parent, given->field->name);
	return message_id_read(out, given->value, false, path, given->flaw);
}

bool
take_reference(const struct given *given, void *out)
{
	char path[FLAW_FIELD_BYTES];

	field_path(path, given->parent, given->field->name);
	return message_id_read(out, given->value, true, path, given->flaw);
}

/* --- listings --- */

void
listing_id_from_text(struct listing_id *id, const char *text)
{
	*id = (struct listing_id){.text = text};
	id->is_number = reads_as_integer(text, &id->number);
}

bool
take_listing_id(const struct given *given, void *out)
{
	struct listing_id *id = out;

	if (json_object_is_type(given->value, json_type_int)) {
		id->number = json_object_get_int64(given->value);
		id->is_number = true;
		(void)snprintf(
		    id->digits, sizeof(id->digits), "%" PRId64, id->number);
		id->text = id->digits;
		return true;
	}
	if (!json_object_is_type(given->value, json_type_string))
		return given_wrong(given, "must be an integer or a string");
	return take_line(given, &id->text);
}

/* --- people --- */

/* A line of at most IDENTITY_MAX: NULL where it is only blanks. */
static bool
identity_line(const struct given *given, const char **line)
{
	const char *s = given_line(given);

	if (!s)
		return false;
	if (text_points(s, strlen(s)) > IDENTITY_MAX)
		return given_wrong(
		    given, "must be at most %d characters", IDENTITY_MAX);
	*line = text_has_ink(s, strlen(s)) ? s : NULL;
	return true;
}

bool
take_identity(const struct given *given, void *out)
{
	const char *line;

	if (!identity_line(given, &line))
		return false;
	if (line)
		(void)text_identity(out, line, strlen(line)); /* it fits */
	return true;
}

bool
take_user_email(const struct given *given, void *out)
{
	struct claims *claims = out;

	return identity_line(given, &claims->user_email);
}

/* The words for a party in requests; "user" is the original's customer. */
static const struct {
	const char *word;
	enum side side;
} parties[] = {
    {"customer", SIDE_CUSTOMER},
    {"user", SIDE_CUSTOMER},
    {"seller", SIDE_SELLER},
};

/* SIDE_NONE for another word. */
static enum side
party_side(const char *word)
{
	for (size_t i = 0; i < sizeof(parties) / sizeof(parties[0]); i++)
		if (strcmp(parties[i].word, word) == 0)
			return parties[i].side;
	return SIDE_NONE;
}

bool
take_side(const struct given *given, void *out)
{
	const char *word = given_string(given);
	enum side side = word ? party_side(word) : SIDE_NONE;

	if (!word)
		return false;
	if (side == SIDE_NONE)
		return given_wrong(given, "must be customer, user or seller");
	*(enum side *)out = side;
	return true;
}

static bool
claim_side(struct claims *claims, enum side side)
{
	claims->conflicting = claims->side != SIDE_NONE && claims->side != side;
	claims->side = side;
	return true;
}

bool
take_user_role(const struct given *given, void *out)
{
	enum side side;

	return take_side(given, &side) && claim_side(out, side);
}

bool
take_read_by(const struct given *given, void *out)
{
	struct claims *claims = out;
	enum side side;

	if (!identity_line(given, &claims->read_by))
		return false;
	side = claims->read_by ? party_side(claims->read_by) : SIDE_NONE;
	if (side == SIDE_NONE)
		return true;
	claims->read_by = NULL;
	return claim_side(claims, side);
}
