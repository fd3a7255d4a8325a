/*
 * POST /api/conversations: create a conversation, or merge a client's copy of
 * it into ours.
 *
 * Takes a conversation as thread_request says.  A known id of the caller's
 * decides; then the triple (listing, customer, seller); else it is created,
 * by its customer or an admin.  Answers 201 or 200 with the conversation.
 */
#include "cgi/conversations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi/auto.h"
#include "cgi/claims.h"
#include "cgi/clock.h"
#include "cgi/limits.h"
#include "cgi/metrics.h"
#include "cgi/publish.h"
#include "cgi/store_create.h"
#include "cgi/store_merge.h"
#include "cgi/thread_json.h"

#define POST_MESSAGES_MAX 5000 /* in one body */
#define POST_ANSWER_MESSAGES 50

AUTO_DEFINE(auto_ids, struct lh_table, lh_table_free)

/* A POST on its way through the checks. */
struct post {
	struct request *req;
	struct thread_request thread;
	struct found found;
	bool is_new;              /* not found yet */
	enum side side;           /* the caller's role in it */
	struct json_object **own; /* messages of that role */
	size_t *place;            /* their index in the body */
	struct message_id *ids;
	struct message *messages; /* those with unknown ids, checked */
	size_t own_count, count;
};

static void
post_release(struct post *post)
{
	found_release(&post->found);
	bson_free(post->own);
	bson_free(post->place);
	bson_free(post->ids);
	bson_free(post->messages);
}

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
take_own(
    struct post *post, struct json_object *message, size_t i, struct flaw *flaw)
{
	struct json_object *id = NULL;
	char path[48];

	snprintf(path, sizeof(path), "messages[%zu]", i);
	if (!json_object_is_type(message, json_type_object))
		return flaw_set(
		    flaw, BAD_FIELD, path, "%s must be an object", path);
	if (!is_own(message, post->side))
		return true;
	snprintf(path, sizeof(path), "messages[%zu].id", i);
	if (!json_object_object_get_ex(message, "id", &id) || !id)
		return flaw_set(flaw, BAD_FIELD, path, "%s is required", path);
	if (!message_id_take(&post->ids[post->own_count], id, path, flaw))
		return false;
	post->place[post->own_count] = i;
	post->own[post->own_count++] = message;
	return true;
}

static bool
take_all_own(struct post *post, struct flaw *flaw)
{
	struct json_object *list = post->thread.messages;
	size_t count = list ? json_object_array_length(list) : 0;

	if (count > POST_MESSAGES_MAX)
		return flaw_set(flaw, BAD_FIELD, "messages",
		    "messages must hold at most %d", POST_MESSAGES_MAX);
	if (post->side == SIDE_NONE)
		count = 0;
	post->own = bson_malloc0((count + 1) * sizeof(*post->own));
	post->place = bson_malloc0((count + 1) * sizeof(*post->place));
	post->ids = bson_malloc0((count + 1) * sizeof(*post->ids));
	for (size_t i = 0; i < count; i++)
		if (!take_own(
			post, json_object_array_get_idx(list, i), i, flaw))
			return false;
	return true;
}

/* Only unknown ids are checked, and each is taken once. */
static bool
take_unknown(struct post *post, struct lh_table *known, struct flaw *flaw)
{
	int64_t now_ms = clock_wall_ms();
	char path[48];

	post->messages =
	    bson_malloc0((post->own_count + 1) * sizeof(*post->messages));
	for (size_t i = 0; i < post->own_count; i++) {
		if (ids_has(known, &post->ids[i]))
			continue;
		snprintf(path, sizeof(path), "messages[%zu]", post->place[i]);
		if (!message_take(&post->messages[post->count++], post->own[i],
			path, now_ms, flaw))
			return false;
		ids_add(known, &post->ids[i]);
	}
	return true;
}

/* New messages that would wait for an answer. */
static size_t
count_waiting(const struct post *post)
{
	size_t waiting = 0;

	for (size_t i = 0; i < post->count; i++)
		waiting += message_waits(&post->messages[i]);
	return waiting;
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
	if (!take_all_own(post, &flaw))
		return reply_flaw(out, &flaw);
	if (!post->is_new)
		result = store_known_ids(store, &post->found.c, post->side,
		    post->ids, post->own_count, known);
	if (result != STORE_OK)
		return reply_store(out, result);
	if (!take_unknown(post, known, &flaw))
		return reply_flaw(out, &flaw);
	if (count_waiting(post) > PENDING_MAX)
		return reply_store(out, STORE_FULL);
	if (!claims_hold(&post->thread.claims, &post->req->caller, post->side))
		return reply_store(out, STORE_FORBIDDEN);
	return 0;
}

/* Each batch in its turn; more than one reader can follow is no news. */
static void
batch_stored(void *arg, const struct found *found, size_t count)
{
	struct post *post = arg;

	if (post->count <= PUBLISH_MAX)
		publish_sent(post->req, found, count);
	else
		publish_resync(post->req, found);
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
	    .messages = post->messages,
	    .count = post->count,
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
