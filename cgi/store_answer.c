/*
 * Answers to offers and requests (see store_answer.h).
 */
#include "cgi/store_answer.h"

#include <string.h>

#include "cgi/append_stages.h"
#include "cgi/auto.h"
#include "cgi/bson_read.h"
#include "cgi/clock.h"
#include "cgi/metrics.h"
#include "cgi/store_archive.h"
#include "cgi/window.h"

/* The answer as it is kept: {by, response, price, text, reply}. */
struct kept_answer {
	const char *by, *response, *text;
	double price;
	bson_iter_t reply;
};

static bool
kept_answer_read(struct kept_answer *kept, const struct stored_message *m)
{
#define FIELD(name, read, member)                                              \
	{                                                                      \
		name, read, offsetof(struct kept_answer, member)               \
	}
	static const struct bson_field fields[] = {
	    FIELD("by", read_text, by),
	    FIELD("response", read_text, response),
	    FIELD("text", read_text, text),
	    FIELD("price", read_double, price),
	    FIELD("reply", read_scalar, reply),
	};
#undef FIELD
	bson_iter_t it;

	*kept = (struct kept_answer){.by = "", .response = "", .text = ""};
	return m->has_answer && bson_iter_recurse(&m->answer, &it) &&
	       bson_read(kept, &it, fields, sizeof(fields) / sizeof(fields[0]));
}

static const char *
reply_text(const struct answer *answer)
{
	return answer->reply ? answer->reply->text : "";
}

static bool
is_same_answer(
    const struct answer *answer, enum side side, const struct kept_answer *kept)
{
	return strcmp(kept->by, side_names[side]) == 0 &&
	       strcmp(kept->response, answer->status) == 0 &&
	       kept->price == answer->counter_price &&
	       strcmp(kept->text, reply_text(answer)) == 0;
}

/* {$map: over the messages, the answered one merged with its new state} */
static void
append_answered(
    bson_t *base, const struct answer *answer, enum side side, int64_t seq)
{
	AUTO_BSON bson_t status = BSON_INITIALIZER;
	AUTO_BSON bson_t kept = BSON_INITIALIZER;

	BSON_APPEND_UTF8(&status, "status", answer->status);
	if (answer->counter_price > 0)
		BSON_APPEND_DOUBLE(
		    &status, "counterPrice", answer->counter_price);
	BSON_APPEND_UTF8(&kept, "by", side_names[side]);
	BSON_APPEND_UTF8(&kept, "response", answer->status);
	BSON_APPEND_DOUBLE(&kept, "price", answer->counter_price);
	BSON_APPEND_UTF8(&kept, "text", reply_text(answer));
	if (answer->reply)
		message_id_append(&kept, "reply", &answer->reply->id);
	BCON_APPEND(base, "$map", "{", "input", "$messages", "as", "m", "in",
	    "{", "$cond", "[", "{", "$eq", "[", "$$m.seq", BCON_INT64(seq), "]",
	    "}", "{", "$mergeObjects", "[", "$$m", "{", "rev", "{", "$add", "[",
	    "$rev", BCON_INT64(1), "]", "}", "payload", "{", "$mergeObjects",
	    "[", "$$m.payload", BCON_DOCUMENT(&status), "]", "}", "answer", "{",
	    "$literal", BCON_DOCUMENT(&kept), "}", "}", "]", "}", "$$m", "]",
	    "}", "}");
}

/* It still waits, at this very write. */
static void
match_waiting(bson_t *element, int64_t seq, const char *now_iso)
{
	BCON_APPEND(element, "seq", BCON_INT64(seq), "payload.status",
	    "pending", "$or", "[", "{", "payload.expiresAt", "{", "$exists",
	    BCON_BOOL(false), "}", "}", "{", "payload.expiresAt", "{", "$gt",
	    BCON_UTF8(now_iso), "}", "}", "]");
}

/* What a reply shows to have been read: the message that it answers. */
static struct read_to
read_of(const struct answer *answer, const struct stored_message *target)
{
	struct read_to read = {.seq = READ_UNCHANGED, .n = -1};

	if (answer->reply && !answer->by_maker) {
		read.seq = target->seq;
		read.n = target->n;
	}
	return read;
}

static enum store_result
run(struct store *store, const struct caller *caller,
    const struct answer *answer, const struct found *found,
    const struct stored_message *target, bson_t *doc)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t element = BSON_INITIALIZER;
	AUTO_BSON bson_t base = BSON_INITIALIZER;
	AUTO_BSON bson_t update = BSON_INITIALIZER;
	const struct message *reply = answer->reply;
	struct message counter;
	struct read_to read = read_of(answer, target);
	struct store_write write = {
	    .collection = store->conversations,
	    .conversation_id = found->c.id,
	    .filter = &filter,
	    .update = &update,
	    .is_pipeline = true,
	};
	int64_t now_ms = clock_wall_ms();
	char now_iso[ISO_BYTES];

	iso_write(now_iso, now_ms);
	if (answer->counter_price > 0) {
		counter = *reply;
		counter.payload.counter_price = target->offer_price;
		reply = &counter;
		match_room(&filter, found->side, 1, now_iso);
	}
	BSON_APPEND_OID(&filter, "_id", &found->c.oid);
	match_waiting(&element, target->seq, now_iso);
	match_for_append(&filter, caller, found->side, found->c.archived_seq,
	    &reply, reply ? 1 : 0, &element);
	append_answered(&base, answer, found->side, target->seq);
	append_stages(
	    &update, found->side, &base, &reply, reply ? 1 : 0, &read, now_ms);
	return store_write(store, &write, doc);
}

/* In the window, else in the archive (then a->bucket lends it). */
static enum store_result
find_message(struct store *store, struct appended *a, enum side sender,
    const struct message_id *id, struct stored_message *m)
{
	if (window_find(&a->found.c, sender, id, m))
		return STORE_OK;
	if (a->found.c.archived_seq == 0)
		return STORE_ABSENT;
	bson_destroy(&a->bucket);
	return store_archive_find(
	    store, &a->found.c.oid, sender, id, &a->bucket, m);
}

/* It was answered before: by the same answer, or by another one. */
static enum store_result
judge_answered(struct store *store, const struct answer *answer,
    struct appended *a, const struct stored_message *target)
{
	enum side side = a->found.side;
	struct kept_answer kept;
	struct message_id reply;
	enum store_result result;

	if (!kept_answer_read(&kept, target))
		return strcmp(target->status, "pending") == 0 ? STORE_EXPIRED
							      : STORE_ANSWERED;
	if (!is_same_answer(answer, side, &kept))
		return STORE_ANSWERED;
	a->message = *target;
	a->has_message = true;
	if (!kept.reply.raw || !message_id_from_stored(&reply, &kept.reply))
		return STORE_DUPLICATE;
	result = find_message(store, a, side, &reply, &a->message);
	return result == STORE_OK ? STORE_DUPLICATE : result;
}

/* STORE_OK: it waits for this caller's answer, and the reply's id is free. */
static enum store_result
judge(struct store *store, const struct answer *answer, struct appended *a,
    struct stored_message *target)
{
	struct conversation *c = &a->found.c;
	enum side side = a->found.side;
	struct stored_message used;
	enum store_result result;
	char now_iso[ISO_BYTES];

	if (!side_may(side, answer->claim, answer->forbidden))
		return STORE_FORBIDDEN;
	result = find_message(store, a,
	    answer->by_maker ? side : other_side(side), answer->target, target);
	if (result != STORE_OK)
		return result == STORE_ABSENT ? STORE_NO_MESSAGE : result;
	if (target->seq <= c->cleared[side].seq)
		return STORE_NO_MESSAGE;
	if (target->type != answer->kind)
		return STORE_WRONG_KIND;
	iso_write(now_iso, clock_wall_ms());
	if (!stored_message_is_pending(target, now_iso))
		return judge_answered(store, answer, a, target);
	if (!answer->reply)
		return STORE_OK;
	if (answer->counter_price > 0 &&
	    window_pending(c, side, now_iso) >= PENDING_MAX)
		return STORE_FULL;
	result = find_message(store, a, side, &answer->reply->id, &used);
	if (result == STORE_OK)
		return STORE_REUSED;
	return result == STORE_ABSENT ? STORE_OK : result;
}

static enum store_result
try_answer(struct store *store, const struct caller *caller,
    const struct answer *answer, struct appended *a)
{
	struct stored_message target;
	enum store_result result =
	    store_look(store, caller, answer->conversation_id, &a->found);
	struct message_id id;
	bson_t doc;

	if (result == STORE_OK)
		result = judge(store, answer, a, &target);
	if (result != STORE_OK)
		return store_refuse(store, result);
	if (window_count(&a->found.c) >= WINDOW_MAX) {
		result = store_roll(store, &a->found.c.oid);
		return result == STORE_OK ? STORE_AGAIN : result;
	}
	result = run(store, caller, answer, &a->found, &target, &doc);
	if (result == STORE_OK) {
		enum side maker = target.sender;

		found_take(&a->found, &doc, caller);
		id = answer->reply ? answer->reply->id : *answer->target;
		a->has_message = window_find(&a->found.c,
		    answer->reply ? a->found.side : maker, &id, &a->message);
		append_note_roll(store, &a->found.c);
	}
	bson_destroy(&doc);
	return result == STORE_ABSENT ? STORE_AGAIN : result;
}

enum store_result
store_answer(struct store *store, const struct caller *caller,
    const struct answer *answer, struct appended *a)
{
	for (int i = 0; i < STORE_TRIES; i++) {
		enum store_result result = try_answer(store, caller, answer, a);

		if (result != STORE_AGAIN)
			return result;
		metrics_count(METRIC_RETRIES, 1);
	}
	return STORE_BUSY;
}
