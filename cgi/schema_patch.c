/*
 * schema_patch.c: PATCH /api/conversations: one kind of change to it.
 */
#include "cgi/schema.h"

#include <stdio.h>
#include <stdlib.h>

#include "cgi/schema_table.h"

static bool take_mark_ids(const struct given *given, void *out);

/* clang-format off */
static const struct field flag_fields[] = {
	{"reason", take_text, .required = true, .min = 1,
		.max = FLAG_REASON_MAX},
};
static const struct table flag_table = TABLE(flag_fields);

#define AT(field) offsetof(struct patch_request, field)
static const struct field patch_fields[] = {
	{"conversationId", take_conversation_id, .at = AT(conversation_id),
		.required = true},
	{"userEmail", take_user_email, .at = AT(claims)},
	{"userRole", take_user_role, .at = AT(claims)},
	{"readBy", take_read_by, .at = AT(claims)},
	{"markReadMessageIds", .take = take_mark_ids},
	{"readSeq", take_seq, .at = AT(read_seq)},
	{"deliveredSeq", take_seq, .at = AT(delivered_seq)},
	{"threadReadBy", take_side, .at = AT(thread_side)},
	{"threadReadState", take_bool, .at = AT(yes)},
	{"archive", take_bool, .at = AT(yes)},
	{"clearMessages", .take = take_true},
	{"flag", take_object, .at = AT(reason), .detail = &flag_table},
	{"resolveFlag", .take = take_true},
};
#undef AT
static const struct table patch_table = TABLE(patch_fields);

/* What each field asks for; fields of one kind may come together. */
static const struct {
	const char *name;
	enum patch_kind kind;
} changes[] = {
	{"markReadMessageIds", PATCH_MARK_IDS},
	{"readSeq", PATCH_MARK_SEQ},
	{"deliveredSeq", PATCH_MARK_SEQ},
	{"threadReadBy", PATCH_THREAD_READ},
	{"threadReadState", PATCH_THREAD_READ},
	{"archive", PATCH_ARCHIVE},
	{"clearMessages", PATCH_CLEAR},
	{"flag", PATCH_FLAG},
	{"resolveFlag", PATCH_RESOLVE_FLAG},
};
/* clang-format on */

/* An array of ids, of any messages; the memory is patch_request_release()'s. */
static bool
take_mark_ids(const struct given *given, void *out)
{
	static const struct field element = {.name = ""};
	struct patch_request *r = out;
	struct json_object *ids;
	char path[FLAW_FIELD_BYTES];
	size_t count;

	if (!take_array(given, &ids))
		return false;
	count = json_object_array_length(ids);
	if (count > MARK_IDS_MAX)
		return given_wrong(
		    given, "must hold at most %d ids", MARK_IDS_MAX);
	r->mark_ids = calloc(count + 1, sizeof(*r->mark_ids));
	if (!r->mark_ids)
		abort();
	for (; r->mark_count < count; r->mark_count++) {
		struct given id = {
		    .parent = path,
		    .field = &element,
		    .value = json_object_array_get_idx(ids, r->mark_count),
		    .flaw = given->flaw,
		};

		(void)snprintf(path, sizeof(path), "%s[%zu]",
		    given->field->name, r->mark_count);
		if (!take_reference(&id, &r->mark_ids[r->mark_count]))
			return false;
	}
	return true;
}

static bool
find_change(
    struct patch_request *r, struct json_object *body, struct flaw *flaw)
{
	struct json_object *value;
	bool found = false;

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		json_object_object_get_ex(body, changes[i].name, &value);
		if (!value)
			continue;
		if (found && changes[i].kind != r->kind)
			return field_wrong(flaw, "", changes[i].name,
			    "must not come with another change");
		r->kind = changes[i].kind;
		found = true;
	}
	return found || field_wrong(flaw, "", "", "must ask for a change");
}

static bool
thread_read_is_whole(struct json_object *body, struct flaw *flaw)
{
	static const char *const both[] = {"threadReadBy", "threadReadState"};
	struct json_object *value;

	for (size_t i = 0; i < 2; i++) {
		json_object_object_get_ex(body, both[i], &value);
		if (!value)
			return field_wrong(flaw, "", both[i], "is required");
	}
	return true;
}

bool
patch_request_take(
    struct patch_request *r, struct json_object *body, struct flaw *flaw)
{
	*r = (struct patch_request){
	    .claims.side = SIDE_NONE,
	    .read_seq = -1,
	    .delivered_seq = -1,
	    .thread_side = SIDE_NONE,
	};
	if (table_refuse_others(&patch_table, body, flaw) &&
	    table_take(&patch_table, "", body, r, flaw) &&
	    find_change(r, body, flaw) &&
	    (r->kind != PATCH_THREAD_READ || thread_read_is_whole(body, flaw)))
		return true;
	patch_request_release(r);
	return false;
}

void
patch_request_release(struct patch_request *r)
{
	free(r->mark_ids);
	r->mark_ids = NULL;
	r->mark_count = 0;
}
