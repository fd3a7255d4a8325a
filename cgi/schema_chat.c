/*
 * schema_chat.c: see schema_chat.h.
 */
#include "cgi/schema_chat.h"

#include <string.h>

#include "cgi/schema_table.h"

static bool take_status(const struct given *given, void *out);
static bool take_agent(const struct given *given, void *out);

/* clang-format off */
#define AT(field) offsetof(struct chat_request, field)
static const struct field request_fields[] = {
	{"message", take_text, .at = AT(text), .required = true, .min = 1,
		.max = CHAT_TEXT_MAX},
	{"messageId", take_message_id, .at = AT(id)},
	{"userName", take_line, .at = AT(user_name), .max = PERSON_NAME_MAX},
	{"sessionId", take_conversation_id, .at = AT(session_id)},
};
#undef AT
static const struct table request_table = TABLE(request_fields);

#define AT(field) offsetof(struct chat_patch, field)
static const struct field patch_fields[] = {
	{"sessionId", take_conversation_id, .at = AT(session_id),
		.required = true},
	{"status", take_status, .at = AT(status)},
	{"claim", .take = take_true},
};
#undef AT
static const struct table patch_table = TABLE(patch_fields);

#define AT(field) offsetof(struct chat_init, field)
static const struct field init_fields[] = {
	{"role", take_agent, .at = AT(as_agent)},
	{"userName", take_line, .at = AT(user_name), .max = PERSON_NAME_MAX},
	{"sessionId", take_conversation_id, .at = AT(session_id)},
};
#undef AT
static const struct table init_table = TABLE(init_fields);
/* clang-format on */

static bool
take_status(const struct given *given, void *out)
{
	static const char *const words[] = {[CHAT_ACTIVE] = "active",
	    [CHAT_CLOSED] = "closed",
	    [CHAT_ARCHIVED] = "archived",
	    NULL};
	int i = given_choice(given, words);

	if (i >= 0)
		*(enum chat_status *)out = (enum chat_status)i;
	return i >= 0;
}

static bool
take_agent(const struct given *given, void *out)
{
	const char *role = given_string(given);

	if (role)
		*(bool *)out = strcmp(role, "agent") == 0;
	return role;
}

bool
chat_request_take(
    struct chat_request *r, struct json_object *body, struct flaw *flaw)
{
	*r = (struct chat_request){.user_name = ""};
	return table_take(&request_table, "", body, r, flaw);
}

static bool
is_given(struct json_object *body, const char *name)
{
	struct json_object *value;

	json_object_object_get_ex(body, name, &value);
	return value;
}

bool
chat_patch_take(
    struct chat_patch *r, struct json_object *body, struct flaw *flaw)
{
	*r = (struct chat_patch){.claim = is_given(body, "claim")};
	if (!table_refuse_others(&patch_table, body, flaw) ||
	    !table_take(&patch_table, "", body, r, flaw))
		return false;
	if (r->claim && is_given(body, "status"))
		return field_wrong(
		    flaw, "", "claim", "must not come with another change");
	if (!r->claim && !is_given(body, "status"))
		return field_wrong(
		    flaw, "", "status", "(or claim) is required");
	return true;
}

bool
chat_init_take(struct chat_init *r, struct json_object *body, struct flaw *flaw)
{
	*r = (struct chat_init){.user_name = ""};
	return table_take(&init_table, "", body, r, flaw);
}
