/*
 * PUT /api/conversations: add one message, or answer an offer or a test-drive
 * request.
 *
 * Takes {"conversationId", and one of "message" (with "readSeq"),
 * "offerResponse", "testDriveResponse"}.  Answers 200 with the conversation,
 * "message" as stored and "duplicate"; 409 already_answered with the
 * conversation as data.
 */
#include "cgi/conversations.h"

#include <stdio.h>
#include <string.h>

#include "cgi/claims.h"
#include "cgi/clock.h"
#include "cgi/idempotency.h"
#include "cgi/json_out.h"
#include "cgi/limits.h"
#include "cgi/metrics.h"
#include "cgi/publish.h"
#include "cgi/store_answer.h"
#include "cgi/thread_json.h"

#define PUT_ANSWER_MESSAGES 50

/* What was stored costs its token; all else a tenth. */
static void
account(struct request *req, enum store_result result, bool stored)
{
	if (result == STORE_OK && stored) {
		metrics_count(METRIC_SENDS, 1);
		return;
	}
	if (result == STORE_DUPLICATE)
		metrics_count(METRIC_DUPLICATES, 1);
	if (result != STORE_UNKNOWN)
		limits_spend(req->service->limits, req->caller.ids[0],
		    LIMITS_DUPLICATE - 1);
}

static int
reply_appended(struct request *req, struct reply *out, enum store_result result,
    const struct appended *a, int64_t messages)
{
	const struct thread_answer answer = {
	    .status = 200,
	    .found = &a->found,
	    .messages = messages,
	    .message = a->has_message ? &a->message : NULL,
	    .tells_duplicate = true,
	    .duplicate = result == STORE_DUPLICATE,
	    .wrote = true,
	};

	switch (result) {
	case STORE_OK:
	case STORE_DUPLICATE:
		return reply_thread(req, out, &answer);
	case STORE_ANSWERED:
	case STORE_EXPIRED:
		return reply_refused_thread(
		    req, out, result, &a->found, messages);
	default:
		return reply_store(out, result);
	}
}

static int
put_message(struct request *req, struct reply *out, struct put_request *r,
    int64_t messages)
{
	struct append append = {
	    .conversation_id = r->conversation_id,
	    .message = &r->message,
	    .read_seq = r->read_seq < 0 ? READ_TO_NEW : r->read_seq,
	    .claim = r->message.claim != SIDE_NONE ? r->message.claim
						   : r->claims.side,
	    .forbidden =
		r->message.claims_system ||
		!claims_are_own(&r->claims, &req->caller) ||
		(r->message.claim != SIDE_NONE && r->claims.side != SIDE_NONE &&
		    r->message.claim != r->claims.side),
	};
	struct appended appended;
	struct flaw flaw;
	enum store_result result;
	int status;

	if (!idempotency_id(&r->message.id, req, &flaw)) {
		account(req, STORE_FORBIDDEN, false);
		return reply_flaw(out, &flaw);
	}
	appended_init(&appended);
	result = store_append(req->store, &req->caller, &append, &appended);
	account(req, result, true);
	if (result == STORE_OK)
		publish_sent(req, &appended.found, 1);
	status = reply_appended(req, out, result, &appended, messages);
	appended_release(&appended);
	return status;
}

/* The reply line: its text, and that it answers that message. */
static void
make_reply(struct message *reply, const struct message_id *id,
    const struct message_id *target, const char *text, size_t bytes)
{
	*reply = (struct message){
	    .id = *id,
	    .claim = SIDE_NONE,
	    .text = text,
	    .text_bytes = bytes,
	    .type = TYPE_TEXT,
	    .payload = {.duration_seconds = -1, .original_message_id = *target},
	};
}

static int
run_answer(struct request *req, struct reply *out, struct answer *answer,
    struct message *reply, int64_t messages)
{
	struct appended appended;
	struct flaw flaw;
	enum store_result result;
	int status;

	if (answer->reply && !idempotency_id(&reply->id, req, &flaw)) {
		account(req, STORE_FORBIDDEN, false);
		return reply_flaw(out, &flaw);
	}
	appended_init(&appended);
	result = store_answer(req->store, &req->caller, answer, &appended);
	account(req, result, answer->reply != NULL);
	if (result == STORE_OK)
		publish_answered(req, &appended.found, answer->reply != NULL);
	status = reply_appended(req, out, result, &appended, messages);
	appended_release(&appended);
	return status;
}

static int
put_offer(struct request *req, struct reply *out, const struct put_request *r,
    int64_t messages)
{
	const struct offer_response *o = &r->offer;
	bool counters = strcmp(o->response, "countered") == 0;
	struct buffer line = {0};
	struct message reply;
	struct answer answer = {
	    .conversation_id = r->conversation_id,
	    .kind = TYPE_OFFER,
	    .target = &o->offer_id,
	    .status = o->response,
	    .by_maker = strcmp(o->response, "withdrawn") == 0,
	    .counter_price = counters ? o->counter_price : 0,
	    .reply = o->text || counters ? &reply : NULL,
	    .forbidden = !claims_are_own(&r->claims, &req->caller),
	    .claim = r->claims.side,
	};
	int status;

	buffer_puts(&line, "Offer: ");
	json_double(&line, o->counter_price);
	make_reply(&reply, &o->id, &o->offer_id, o->text ? o->text : line.data,
	    o->text ? o->text_bytes : line.len);
	if (counters) {
		reply.type = TYPE_OFFER;
		reply.payload.offer_price = o->counter_price;
	}
	status = run_answer(req, out, &answer, &reply, messages);
	buffer_release(&line);
	return status;
}

static int
put_test_drive(struct request *req, struct reply *out,
    const struct put_request *r, int64_t messages)
{
	const struct test_drive_response *t = &r->test_drive;
	struct message reply;
	struct answer answer = {
	    .conversation_id = r->conversation_id,
	    .kind = TYPE_TEST_DRIVE,
	    .target = &t->message_id,
	    .status = t->response,
	    .reply = t->text ? &reply : NULL,
	    .forbidden = !claims_are_own(&r->claims, &req->caller),
	    .claim = r->claims.side,
	};

	make_reply(&reply, &t->id, &t->message_id, t->text, t->text_bytes);
	return run_answer(req, out, &answer, &reply, messages);
}

int
conversations_put(struct request *req, struct reply *out)
{
	int64_t messages = PUT_ANSWER_MESSAGES;
	struct put_request r;
	struct flaw flaw;

	if (!thread_messages(req, PAGE_MAX, &messages, &flaw) ||
	    !put_request_take(&r, req->body, clock_wall_ms(), &flaw)) {
		account(req, STORE_FORBIDDEN, false);
		return reply_flaw(out, &flaw);
	}
	switch (r.kind) {
	case PUT_OFFER_RESPONSE:
		return put_offer(req, out, &r, messages);
	case PUT_TEST_DRIVE_RESPONSE:
		return put_test_drive(req, out, &r, messages);
	default:
		return put_message(req, out, &r, messages);
	}
}
