/*
 * POST /api/conversations: create a conversation, or merge a client's copy of
 * it into ours.
 *
 * Takes a conversation as thread_request says.  A known id of the caller's
 * decides; then the triple (listing, customer, seller); else it is created,
 * by its customer or an admin.  Answers 201 or 200 with the conversation.
 */
#include "cgi/conversations.h"

#include <string.h>

#include "cgi/auto.h"
#include "cgi/claims.h"
#include "cgi/limits.h"
#include "cgi/metrics.h"
#include "cgi/post_messages.h"
#include "cgi/publish.h"
#include "cgi/store_create.h"
#include "cgi/store_merge.h"
#include "cgi/thread_json.h"

#define POST_ANSWER_MESSAGES 50

AUTO_DEFINE(auto_ids, struct lh_table, lh_table_free)

/* A POST on its way through the checks. */
struct post {
	struct request *req;
	struct thread_request thread;
	struct found found;
	bool is_new;    /* not found yet */
	enum side side; /* the caller's role in it */
	struct post_messages messages;
};

static void
post_release(struct post *post)
{
	found_release(&post->found);
	post_messages_release(&post->messages);
}

/* May he create it, or reach it by its triple? */
static bool
check_triple(const struct post *post, struct flaw *flaw)
{
	const struct thread_request *t = &post->thread;
	const struct caller *caller = &post->req->caller;
	bool customer = caller_is(caller, t->customer_id);
	bool seller = caller_is(caller, t->seller_id);

	if (!t->customer_id[0])
		return flaw_set(flaw, BAD_FIELD, "customerId",
		    "customerId is required to create a conversation");
	if (!t->seller_id[0])
		return flaw_set(flaw, BAD_FIELD, "sellerId",
		    "sellerId is required to create a conversation");
	if (!t->vehicle_id.text)
		return flaw_set(flaw, BAD_FIELD, "vehicleId",
		    "vehicleId is required to create a conversation");
	if (strcmp(t->customer_id, t->seller_id) == 0 || (customer && seller))
		return flaw_set(flaw, BAD_FIELD, "sellerId",
		    "sellerId must be another account than customerId");
	if (customer || seller || caller->role == ROLE_ADMIN)
		return true;
	flaw_set(flaw, FORBIDDEN, "customerId",
	    "customerId or sellerId must be your own");
	flaw->status = 403;
	return false;
}

static enum side
side_of_triple(const struct post *post)
{
	if (caller_is(&post->req->caller, post->thread.customer_id))
		return SIDE_CUSTOMER;
	if (caller_is(&post->req->caller, post->thread.seller_id))
		return SIDE_SELLER;
	return SIDE_NONE;
}

/* Everything that may be refused, before anything is written. */
static int
check(struct post *post, struct reply *out)
{
	AUTO(auto_ids) struct lh_table *known = ids_new();
	struct store *store = post->req->store;
	enum store_result result = STORE_OK;
	struct flaw flaw;

	if (post->is_new && !check_triple(post, &flaw))
		return reply_flaw(out, &flaw);
	post->side = post->is_new ? side_of_triple(post) : post->found.side;
	if (!post_messages_take(
		&post->messages, post->thread.messages, post->side, &flaw))
		return reply_flaw(out, &flaw);
	if (!post->is_new)
		result = store_known_ids(store, &post->found.c, post->side,
		    post->messages.ids, post->messages.own_count, known);
	if (result != STORE_OK)
		return reply_store(out, result);
	if (!post_messages_check(&post->messages, known, &flaw))
		return reply_flaw(out, &flaw);
	if (post_messages_waiting(&post->messages) > PENDING_MAX)
		return reply_store(out, STORE_FULL);
	if (!claims_hold(&post->thread.claims, &post->req->caller, post->side))
		return reply_store(out, STORE_FORBIDDEN);
	return 0;
}

/* Too many at once are told as one word, when all are in. */
static bool
tells_each(const struct post *post)
{
	return post->messages.count <= PUBLISH_MAX;
}

static void
batch_stored(void *arg, const struct found *found, size_t count)
{
	struct post *post = arg;

	if (tells_each(post))
		publish_sent(post->req, found, count);
}

/* His name, the listing: both see it; that he is back: he alone. */
static enum store_result
refresh(struct post *post)
{
	struct found *found = &post->found;
	bool back = found->side != SIDE_NONE && found->c.hidden[found->side];
	int64_t rev = found->c.rev;
	enum store_result result = store_refresh(
	    post->req->store, &post->req->caller, &post->thread, found);

	if (result != STORE_OK)
		return result;
	if (found->c.rev > rev)
		publish_updated(post->req, found, BOTH_SIDES);
	else if (back)
		publish_updated(post->req, found, 1u << found->side);
	return STORE_OK;
}

/* The writes, each of which may find that another was faster. */
static enum store_result
perform(struct post *post, bool *created, size_t *stored)
{
	struct store *store = post->req->store;
	const struct caller *caller = &post->req->caller;
	const struct merge merge = {
	    .messages = post->messages.unknown,
	    .count = post->messages.count,
	    .stored = batch_stored,
	    .arg = post,
	};
	enum store_result result = STORE_OK;

	if (post->is_new)
		result = store_open_thread(
		    store, caller, &post->thread, &post->found);
	*created = result == STORE_CREATED;
	if (result != STORE_OK && result != STORE_CREATED)
		return result;
	result = store_merge(store, caller, &merge, &post->found, stored);
	if (*stored > 0 && !tells_each(post))
		publish_resync(post->req, &post->found);
	if (*created && *stored == 0)
		publish_updated(post->req, &post->found, BOTH_SIDES);
	if (result != STORE_OK)
		return *created ? STORE_UNKNOWN : result;
	result = refresh(post);
	return result == STORE_OK ? store_refuse(store, STORE_OK) : result;
}

static void
charge(struct request *req, size_t stored)
{
	limits_spend(req->service->limits, req->caller.ids[0],
	    stored > 0 ? (double)stored : LIMITS_DUPLICATE);
	metrics_count(METRIC_SENDS, stored);
}

static int
run(struct post *post, struct reply *out, int64_t messages)
{
	struct thread_answer answer = {
	    .found = &post->found, .messages = messages, .wrote = true};
	enum store_result result = store_look(post->req->store,
	    &post->req->caller, post->thread.id, &post->found);
	size_t stored = 0;
	bool created = false;
	int refused;

	if (result != STORE_OK && result != STORE_ABSENT)
		return reply_store(out, result);
	post->is_new = result == STORE_ABSENT;
	refused = check(post, out);
	if (refused)
		return refused;
	result = perform(post, &created, &stored);
	charge(post->req, stored);
	if (result != STORE_OK)
		return reply_store(out, result);
	answer.status = created ? 201 : 200;
	return reply_thread(post->req, out, &answer);
}

int
conversations_post(struct request *req, struct reply *out)
{
	struct post post = {.req = req};
	int64_t messages = POST_ANSWER_MESSAGES;
	struct flaw flaw;
	int status;

	if (!thread_messages(req, PAGE_MAX, &messages, &flaw) ||
	    !thread_request_take(&post.thread, req->body, &flaw))
		return reply_flaw(out, &flaw);
	found_init(&post.found);
	status = run(&post, out, messages);
	post_release(&post);
	return status;
}
