/*
 * Picking and checking (see post_messages.h).
 */
#include "cgi/post_messages.h"

#include <stdio.h>
#include <string.h>

#include "cgi/clock.h"
#include "cgi/store_merge.h"
#include "cgi/store_shape.h"

/* Whose is it?  Messages without a sender are the caller's. */
static bool
is_own(struct json_object *message, enum side side)
{
	struct json_object *sender;

	if (!json_object_object_get_ex(message, "sender", &sender) || !sender)
		return true;
	return json_object_is_type(sender, json_type_string) &&
	       strcmp(json_object_get_string(sender), sender_names[side]) == 0;
}

static bool
take_own(struct post_messages *p, struct json_object *message, size_t i,
    enum side side, struct flaw *flaw)
{
	struct json_object *id = NULL;
	char path[48];

	snprintf(path, sizeof(path), "messages[%zu]", i);
	if (!json_object_is_type(message, json_type_object))
		return flaw_set(
		    flaw, BAD_FIELD, path, "%s must be an object", path);
	if (!is_own(message, side))
		return true;
	snprintf(path, sizeof(path), "messages[%zu].id", i);
	if (!json_object_object_get_ex(message, "id", &id) || !id)
		return flaw_set(flaw, BAD_FIELD, path, "%s is required", path);
	if (!message_id_take(&p->ids[p->own_count], id, path, flaw))
		return false;
	p->place[p->own_count] = i;
	p->own[p->own_count++] = message;
	return true;
}

bool
post_messages_take(struct post_messages *p, struct json_object *list,
    enum side side, struct flaw *flaw)
{
	size_t count = list ? json_object_array_length(list) : 0;

	if (count > POST_MESSAGES_MAX)
		return flaw_set(flaw, BAD_FIELD, "messages",
		    "messages must hold at most %d", POST_MESSAGES_MAX);
	if (side == SIDE_NONE)
		count = 0;
	p->own = bson_malloc0((count + 1) * sizeof(*p->own));
	p->place = bson_malloc0((count + 1) * sizeof(*p->place));
	p->ids = bson_malloc0((count + 1) * sizeof(*p->ids));
	for (size_t i = 0; i < count; i++)
		if (!take_own(
			p, json_object_array_get_idx(list, i), i, side, flaw))
			return false;
	return true;
}

/* Only unknown ids are checked, and each is taken once. */
bool
post_messages_check(
    struct post_messages *p, struct lh_table *known, struct flaw *flaw)
{
	int64_t now_ms = clock_wall_ms();
	char path[48];

	p->unknown = bson_malloc0((p->own_count + 1) * sizeof(*p->unknown));
	for (size_t i = 0; i < p->own_count; i++) {
		if (ids_has(known, &p->ids[i]))
			continue;
		snprintf(path, sizeof(path), "messages[%zu]", p->place[i]);
		if (!message_take(
			&p->unknown[p->count++], p->own[i], path, now_ms, flaw))
			return false;
		ids_add(known, &p->ids[i]);
	}
	return true;
}

size_t
post_messages_waiting(const struct post_messages *p)
{
	size_t waiting = 0;

	for (size_t i = 0; i < p->count; i++)
		waiting += message_waits(&p->unknown[i]);
	return waiting;
}

void
post_messages_release(struct post_messages *p)
{
	bson_free(p->own);
	bson_free(p->place);
	bson_free(p->ids);
	bson_free(p->unknown);
}
