/*
 * DELETE /api/conversations: clear and hide a conversation for the caller, or
 * (?purge=1, an admin) erase it.
 *
 * Takes conversationId in the query or the body.  Answers 200
 * {"data":{"id":...}}, also when repeated.
 */
#include "cgi/conversations.h"

#include <string.h>

#include "cgi/json_out.h"
#include "cgi/log.h"
#include "cgi/publish.h"
#include "cgi/store_delete.h"
#include "cgi/thread_json.h"

static int
reply_done(struct request *req, struct reply *out, const char *id)
{
	buffer_puts(&out->body, "{\"success\":true,\"data\":{\"id\":");
	json_puts(&out->body, id);
	buffer_char(&out->body, '}');
	epoch_json(&out->body, req->store);
	return reply_json(out, 200);
}

/* An admin may; others learn no more than that it is theirs, or absent. */
static enum store_result
may_purge(struct request *req, const char *id)
{
	struct found found;
	enum store_result result;

	if (req->caller.role == ROLE_ADMIN)
		return STORE_OK;
	found_init(&found);
	result = store_look_settled(req->store, &req->caller, id, &found);
	found_release(&found);
	return result == STORE_OK ? STORE_FORBIDDEN : result;
}

static int
purge(struct request *req, struct reply *out, const char *id)
{
	enum store_result result = may_purge(req, id);
	struct found found;
	bool erased;

	if (result != STORE_OK)
		return reply_store(out, result);
	found_init(&found);
	result = store_purge(req->store, &req->caller, id, &found, &erased);
	if (erased)
		publish_deleted(req, &found, BOTH_SIDES);
	found_release(&found);
	if (result != STORE_OK)
		return reply_store(out, result);
	log_info("admin %s purged conversation %s", req->caller.ids[0], id);
	return reply_done(req, out, id);
}

static int
hide(struct request *req, struct reply *out, const char *id)
{
	struct change change = {
	    .kind = CHANGE_HIDE, .conversation_id = id, .claim = SIDE_NONE};
	struct found found;
	struct changed changed;
	enum store_result result;

	found_init(&found);
	result =
	    store_change(req->store, &req->caller, &change, &found, &changed);
	if (result == STORE_OK && changed.wrote)
		publish_change(req, &found, change.kind, &changed);
	found_release(&found);
	if (result != STORE_OK)
		return reply_store(out, result);
	return reply_done(req, out, id);
}

static bool
take(struct request *req, const char **id, bool *purges, struct flaw *flaw)
{
	const char *in_query = request_arg(req, "conversationId");
	const char *purge_arg = request_arg(req, "purge");

	*id = NULL;
	*purges = purge_arg && strcmp(purge_arg, "1") == 0;
	if (purge_arg && !*purges && strcmp(purge_arg, "0") != 0)
		return flaw_set(flaw, BAD_FIELD, "purge", "purge must be 1");
	if (req->body && !delete_request_take(id, req->body, flaw))
		return false;
	if (in_query && *id && strcmp(in_query, *id) != 0)
		return flaw_set(flaw, BAD_FIELD, "conversationId",
		    "conversationId differs between query and body");
	if (in_query)
		*id = in_query;
	if (!*id)
		return flaw_set(flaw, BAD_FIELD, "conversationId",
		    "conversationId is required");
	return conversation_id_check(*id, strlen(*id), "conversationId", flaw);
}

int
conversations_delete(struct request *req, struct reply *out)
{
	const char *id;
	bool purges;
	struct flaw flaw;

	if (!take(req, &id, &purges, &flaw))
		return reply_flaw(out, &flaw);
	return purges ? purge(req, out, id) : hide(req, out, id);
}
