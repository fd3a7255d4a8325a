/*
 * chat_asker.c: see chat_asker.h.
 */
#include "cgi/chat_asker.h"

#include "cgi/limits.h"

bool
chat_is_agent(const struct caller *caller)
{
	return caller->role == ROLE_AGENT || caller->role == ROLE_ADMIN;
}

/* A guest whom nginx has just made at the upgrade has nothing yet. */
static int
hand_over(
    const struct chat_asker *asker, struct request *req, struct reply *out)
{
	enum store_result result;
	bool moved;

	if (!asker->caller || !req->guest.by_cookie)
		return 0;
	result = store_chat_hand_over(req->store, asker, &moved);
	if (result != STORE_OK)
		return chat_refuse(out, result);
	guest_forget(req, out);
	return 0;
}

int
chat_asker_take(
    struct chat_asker *asker, struct request *req, struct reply *out)
{
	*asker = (struct chat_asker){
	    .caller = req->caller.id_count > 0 ? &req->caller : NULL,
	    .guest = &req->guest,
	    .is_agent = chat_is_agent(&req->caller),
	};
	return hand_over(asker, req, out);
}

/* A session that was not made costs its address nothing. */
static int
make(struct request *req, struct reply *out, const struct chat_asker *asker,
    const char *user_name, struct chat_found *found)
{
	struct limits *limits = req->service->chat_sessions;
	const char *address = request_param(req, "REMOTE_ADDR");
	enum store_result result;
	long wait_s;

	address = address ? address : "";
	wait_s = limits_take(limits, address);
	if (wait_s > 0)
		return reply_limited(out, wait_s, "new sessions");
	result = store_chat_open(req->store, asker, user_name, found);
	if (result != STORE_CREATED && result != STORE_UNKNOWN)
		limits_spend(limits, address, -1);
	return result == STORE_OK || result == STORE_CREATED
		   ? 0
		   : chat_refuse(out, result);
}

int
chat_open(struct request *req, struct reply *out,
    const struct chat_asker *asker, const char *user_name,
    struct chat_found *found)
{
	enum store_result result = store_chat_active(req->store, asker, found);

	if (result == STORE_ABSENT)
		return make(req, out, asker, user_name, found);
	return result == STORE_OK ? 0 : chat_refuse(out, result);
}

const char *
chat_name(const struct request *req, const char *user_name)
{
	bool named = req->caller.id_count > 0 && req->caller.name[0];

	return named ? req->caller.name : user_name;
}

int
chat_refuse(struct reply *out, enum store_result result)
{
	switch (result) {
	case STORE_ABSENT:
		return reply_error(
		    out, 404, NOT_FOUND, "there is no such session");
	case STORE_ANSWERED:
		return reply_error(out, 409, CONFLICT,
		    "another agent has claimed this session");
	case STORE_FULL:
		return reply_error(out, 409, CONFLICT,
		    "this session is full: it holds %d messages",
		    CHAT_LINES_MAX);
	default:
		return reply_store(out, result);
	}
}

int
chat_refuse_stranger(struct reply *out)
{
	return reply_error(
	    out, 403, FORBIDDEN, "this is for those who answer support");
}
