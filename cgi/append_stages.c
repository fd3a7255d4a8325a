/*
 * Filters and stages for statements that append (see append_stages.h).
 */
#include "cgi/append_stages.h"

#include <assert.h>

#include "cgi/auto.h"
#include "cgi/clock.h"
#include "cgi/store_append.h"

#define WINDOW_LAST "127" /* WINDOW_MAX - 1: the window must not reach it */

static const char *
key_of(size_t i, char out[16])
{
	const char *key;

	bson_uint32_to_string((uint32_t)i, &key, out, 16);
	return key;
}

/* {$mergeObjects: [{$literal: as sent}, {seq, rev, n: assigned}]} */
static void
append_new_message(bson_t *array, const char *key, enum side side,
    const struct message *message, int64_t place, const char *now_iso)
{
	AUTO_BSON bson_t sent = BSON_INITIALIZER;
	bson_t merge;

	message_to_bson(&sent, message, side, now_iso);
	BSON_APPEND_DOCUMENT_BEGIN(array, key, &merge);
	BCON_APPEND(&merge, "$mergeObjects", "[", "{", "$literal",
	    BCON_DOCUMENT(&sent), "}", "{", "seq", "{", "$add", "[", "$seq",
	    BCON_INT64(place), "]", "}", "rev", "{", "$add", "[", "$rev",
	    BCON_INT64(1), "]", "}", "n", "{", "$add", "[",
	    BCON_UTF8(party_fields[side].sent_ref), BCON_INT64(place), "]", "}",
	    "}", "]");
	bson_append_document_end(array, &merge);
}

static void
set_messages(bson_t *set, enum side side, const bson_t *base,
    const struct message *const *messages, size_t count, int64_t now_ms)
{
	char now_iso[ISO_BYTES], key[16];
	bson_t concat, both, added;

	iso_write(now_iso, now_ms);
	BSON_APPEND_DOCUMENT_BEGIN(set, "messages", &concat);
	BSON_APPEND_ARRAY_BEGIN(&concat, "$concatArrays", &both);
	if (base)
		BSON_APPEND_DOCUMENT(&both, "0", base);
	else
		BSON_APPEND_UTF8(&both, "0", "$messages");
	BSON_APPEND_ARRAY_BEGIN(&both, "1", &added);
	for (size_t i = 0; i < count; i++)
		append_new_message(&added, key_of(i, key), side, messages[i],
		    (int64_t)i + 1, now_iso);
	bson_append_array_end(&both, &added);
	bson_append_array_end(&concat, &both);
	bson_append_document_end(set, &concat);
}

/* What every new message changes, whoever has read what. */
static void
set_counters(bson_t *set, enum side side, int64_t count, int64_t now_ms)
{
	const struct party_fields *own = &party_fields[side];
	const struct party_fields *other = &party_fields[other_side(side)];
	char now_iso[ISO_BYTES];

	iso_write(now_iso, now_ms);
	BCON_APPEND(set, "seq", "{", "$add", "[", "$seq", BCON_INT64(count),
	    "]", "}", own->sent, "{", "$add", "[", BCON_UTF8(own->sent_ref),
	    BCON_INT64(count), "]", "}", "lastMessageAt", "{", "$max", "[",
	    "$lastMessageAt", BCON_UTF8(now_iso), "]", "}", own->hidden,
	    BCON_BOOL(false), other->hidden, BCON_BOOL(false), other->archived,
	    BCON_BOOL(false), own->marked_unread, BCON_BOOL(false),
	    other->is_read, BCON_BOOL(false));
}

static void
set_mark_to_new(bson_t *set, enum side side, int64_t count)
{
	const struct party_fields *own = &party_fields[side];

	BCON_APPEND(set, own->mark_seq, "{", "$add", "[", "$seq",
	    BCON_INT64(count), "]", "}", own->mark_n,
	    BCON_UTF8(party_fields[other_side(side)].sent_ref), own->is_read,
	    BCON_BOOL(true));
}

/* Ordinal at seq: all of the other's but those in the window after it. */
static void
set_mark_counted(bson_t *set, enum side side, int64_t seq)
{
	const struct party_fields *own = &party_fields[side];
	enum side other = other_side(side);

	BCON_APPEND(set, own->mark_n, "{", "$max", "[",
	    BCON_UTF8(own->mark_n_ref), "{", "$subtract", "[",
	    BCON_UTF8(party_fields[other].sent_ref), "{", "$size", "{",
	    "$filter", "{", "input", "$messages", "as", "m", "cond", "{",
	    "$and", "[", "{", "$eq", "[", "$$m.sender",
	    BCON_UTF8(sender_names[other]), "]", "}", "{", "$gt", "[",
	    "$$m.seq", BCON_INT64(seq), "]", "}", "]", "}", "}", "}", "}", "]",
	    "}", "]", "}");
}

static void
set_mark(bson_t *set, enum side side, int64_t count, const struct read_to *read)
{
	const struct party_fields *own = &party_fields[side];

	BCON_APPEND(set, own->mark_seq, "{", "$max", "[",
	    BCON_UTF8(own->mark_seq_ref), "{", "$min", "[",
	    BCON_INT64(read->seq), "{", "$add", "[", "$seq", BCON_INT64(count),
	    "]", "}", "]", "}", "]", "}");
	if (read->n < 0)
		set_mark_counted(set, side, read->seq);
	else
		BCON_APPEND(set, own->mark_n, "{", "$max", "[",
		    BCON_UTF8(own->mark_n_ref), BCON_INT64(read->n), "]", "}");
}

void
stage_is_read(bson_t *update, enum side side)
{
	const struct party_fields *own = &party_fields[side];
	bson_t stage;

	BSON_APPEND_DOCUMENT_BEGIN(update, "1", &stage);
	BCON_APPEND(&stage, "$set", "{", own->is_read, "{", "$lte", "[",
	    BCON_UTF8(party_fields[other_side(side)].sent_ref), "{", "$max",
	    "[", BCON_UTF8(own->mark_n_ref), BCON_UTF8(own->cleared_n_ref), "]",
	    "}", "]", "}", "}");
	bson_append_document_end(update, &stage);
}

void
append_stages(bson_t *update, enum side side, const bson_t *base,
    const struct message *const *messages, size_t count,
    const struct read_to *read, int64_t now_ms)
{
	bson_t stage, set;

	BSON_APPEND_DOCUMENT_BEGIN(update, "0", &stage);
	BSON_APPEND_DOCUMENT_BEGIN(&stage, "$set", &set);
	set_messages(&set, side, base, messages, count, now_ms);
	set_visible_change(&set, now_ms);
	set_mark_was(&set, side);
	if (count > 0)
		set_counters(&set, side, (int64_t)count, now_ms);
	if (count > 0 && read->seq == READ_TO_NEW)
		set_mark_to_new(&set, side, (int64_t)count);
	else if (read->seq >= 0)
		set_mark(&set, side, (int64_t)count, read);
	bson_append_document_end(&stage, &set);
	bson_append_document_end(update, &stage);
	if (count > 0 && read->seq != READ_TO_NEW)
		stage_is_read(update, side);
}

void
match_message(bson_t *element, enum side sender, const struct message_id *id)
{
	BSON_APPEND_UTF8(element, "sender", sender_names[sender]);
	message_id_match(element, "id", id);
}

void
match_any_message(bson_t *element, enum side sender,
    const struct message_id *ids, size_t count)
{
	bson_t id, in;
	char key[16];
	size_t forms = 0;

	BSON_APPEND_UTF8(element, "sender", sender_names[sender]);
	BSON_APPEND_DOCUMENT_BEGIN(element, "id", &id);
	BSON_APPEND_ARRAY_BEGIN(&id, "$in", &in);
	for (size_t i = 0; i < count; i++) {
		const struct message_id *each = &ids[i];

		bson_append_utf8(&in, key_of(forms++, key), -1, each->text, -1);
		if (each->was_number || each->also_number)
			bson_append_int64(
			    &in, key_of(forms++, key), -1, each->number);
	}
	bson_append_array_end(&id, &in);
	bson_append_document_end(element, &id);
}

void
match_for_append(bson_t *filter, const struct caller *caller, enum side side,
    int64_t archived_seq, const struct message *const *messages, size_t count,
    const bson_t *element)
{
	AUTO_BSON bson_t used = BSON_INITIALIZER;
	bson_t and;

	match_party(filter, caller, side);
	BSON_APPEND_INT64(filter, "archivedSeq", archived_seq);
	BSON_APPEND_ARRAY_BEGIN(filter, "$and", &and);
	BCON_APPEND(&and, "0", "{", "messages." WINDOW_LAST, "{", "$exists",
	    BCON_BOOL(false), "}", "}");
	if (count > 0) {
		struct message_id ids[APPEND_MAX];

		assert(count <= APPEND_MAX);
		for (size_t i = 0; i < count; i++)
			ids[i] = messages[i]->id;
		match_any_message(&used, side, ids, count);
		BCON_APPEND(&and, "1", "{", "messages", "{", "$not", "{",
		    "$elemMatch", BCON_DOCUMENT(&used), "}", "}", "}");
	}
	if (element)
		BCON_APPEND(&and, count > 0 ? "2" : "1", "{", "messages", "{",
		    "$elemMatch", BCON_DOCUMENT(element), "}", "}");
	bson_append_array_end(filter, &and);
}

void
match_room(bson_t *filter, enum side side, size_t count, const char *now_iso)
{
	BCON_APPEND(filter, "$expr", "{", "$lte", "[", "{", "$size", "{",
	    "$filter", "{", "input", "$messages", "as", "m", "cond", "{",
	    "$and", "[", "{", "$eq", "[", "$$m.sender",
	    BCON_UTF8(sender_names[side]), "]", "}", "{", "$eq", "[",
	    "$$m.payload.status", "pending", "]", "}", "{", "$or", "[", "{",
	    "$not", "[", "$$m.payload.expiresAt", "]", "}", "{", "$gt", "[",
	    "$$m.payload.expiresAt", BCON_UTF8(now_iso), "]", "}", "]", "}",
	    "]", "}", "}", "}", "}", BCON_INT64(PENDING_MAX - (int64_t)count),
	    "]", "}");
}
