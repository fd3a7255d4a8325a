/*
 * PATCH /api/conversations: one kind of change: marks, archive, clear, flag.
 *
 * Takes {"conversationId", ...} as patch_request says.  Answers 200 with the
 * conversation as the caller sees it now; repeats are quiet.
 */
#include "cgi/conversations.h"

#include "cgi/claims.h"
#include "cgi/log.h"
#include "cgi/publish.h"
#include "cgi/thread_json.h"

#define PATCH_ANSWER_MESSAGES 50

static enum change_kind
kind_of(const struct patch_request *r)
{
	static const enum change_kind kinds[] = {
	    [PATCH_MARK_IDS] = CHANGE_MARK_IDS,
	    [PATCH_MARK_SEQ] = CHANGE_MARK_SEQ,
	    [PATCH_THREAD_READ] = CHANGE_READ_ALL,
	    [PATCH_ARCHIVE] = CHANGE_ARCHIVE,
	    [PATCH_CLEAR] = CHANGE_CLEAR,
	    [PATCH_FLAG] = CHANGE_FLAG,
	    [PATCH_RESOLVE_FLAG] = CHANGE_RESOLVE,
	};

	if (r->kind == PATCH_THREAD_READ && !r->yes)
		return CHANGE_UNREAD;
	return kinds[r->kind];
}

static int
run(struct request *req, struct reply *out, const struct patch_request *r,
    int64_t messages)
{
	struct change change = {
	    .kind = kind_of(r),
	    .conversation_id = r->conversation_id,
	    .claim =
		r->kind == PATCH_THREAD_READ ? r->thread_side : r->claims.side,
	    .forbidden =
		!claims_are_own(&r->claims, &req->caller) ||
		(r->kind == PATCH_THREAD_READ && r->claims.side != SIDE_NONE &&
		    r->claims.side != r->thread_side),
	    .ids = r->mark_ids,
	    .id_count = r->mark_count,
	    .read_seq = r->read_seq,
	    .delivered_seq = r->delivered_seq,
	    .yes = r->yes,
	    .reason = r->reason,
	};
	struct found found;
	struct changed changed;
	struct thread_answer answer = {.status = 200,
	    .found = &found,
	    .messages = messages,
	    .wrote = true};
	enum store_result result;
	int status;

	found_init(&found);
	result =
	    store_change(req->store, &req->caller, &change, &found, &changed);
	if (result == STORE_OK && changed.wrote)
		publish_change(req, &found, change.kind, &changed);
	if (result == STORE_OK && change.kind == CHANGE_RESOLVE)
		log_info("admin %s resolved the flag of conversation %s",
		    req->caller.ids[0], found.c.id);
	status = result == STORE_OK ? reply_thread(req, out, &answer)
				    : reply_store(out, result);
	found_release(&found);
	return status;
}

int
conversations_patch(struct request *req, struct reply *out)
{
	int64_t messages = PATCH_ANSWER_MESSAGES;
	struct patch_request r;
	struct flaw flaw;
	int status;

	if (!thread_messages(req, PAGE_MAX, &messages, &flaw) ||
	    !patch_request_take(&r, req->body, &flaw))
		return reply_flaw(out, &flaw);
	status = run(req, out, &r, messages);
	patch_request_release(&r);
	return status;
}
