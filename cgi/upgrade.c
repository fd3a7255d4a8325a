/*
 * A document read and understood; upgrade_write.c writes what becomes of it.
 */
#include "cgi/upgrade.h"

#include <stdio.h>
#include <string.h>

#include "cgi/bson_put.h"
#include "cgi/bson_read.h"
#include "cgi/upgrade_work.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define OID_HEX_BYTES 25

static void
read_oid(void *at, const bson_iter_t *it)
{
	struct original *was = at;

	was->has_oid = BSON_ITER_HOLDS_OID(it);
	if (was->has_oid)
		bson_oid_copy(bson_iter_oid(it), &was->oid);
}

static void
read_vehicle_id(void *at, const bson_iter_t *it)
{
	struct original *was = at;

	read_view(&was->vehicle_text, it);
	was->has_vehicle_number = bson_integer(it, &was->vehicle_number);
}

static void
read_messages(void *at, const bson_iter_t *it)
{
	struct original *was = at;

	was->has_messages = BSON_ITER_HOLDS_ARRAY(it);
	was->messages = *it;
}

static void
read_said(void *at, const bson_iter_t *it)
{
	if (BSON_ITER_HOLDS_BOOL(it))
		*(enum said *)at = bson_iter_bool(it) ? SAID_YES : SAID_NO;
}

/* A field that only we write: what stands there is a chance namesake. */
static void
read_nothing(void *at, const bson_iter_t *it)
{
	(void)at, (void)it;
}

/* clang-format off */
#define FIELD(name, read, member)                                              \
	{name, read, offsetof(struct original, member)}
#define OURS(name) {name, read_nothing, 0}

static const struct bson_field fields[] = {
	{"_id", read_oid, 0},
	FIELD("id", read_view, id),
	FIELD("customerId", read_view, party[SIDE_CUSTOMER]),
	FIELD("customerName", read_view, name[SIDE_CUSTOMER]),
	FIELD("sellerId", read_view, party[SIDE_SELLER]),
	FIELD("sellerName", read_view, name[SIDE_SELLER]),
	{"vehicleId", read_vehicle_id, 0},
	FIELD("vehicleName", read_view, vehicle_name),
	FIELD("vehiclePrice", read_double, vehicle_price),
	{"messages", read_messages, 0},
	FIELD("lastMessageAt", read_moment, last_message),
	FIELD("isReadBySeller", read_said, is_read[SIDE_SELLER]),
	FIELD("isReadByCustomer", read_said, is_read[SIDE_CUSTOMER]),
	FIELD("isFlagged", read_bool, is_flagged),
	FIELD("flagReason", read_view, flag_reason),
	FIELD("flaggedAt", read_moment, flagged),
	FIELD("createdAt", read_moment, created),
	FIELD("updatedAt", read_moment, updated),
	OURS("v"), OURS("ids"), OURS("key"), OURS("seq"), OURS("rev"),
	OURS("archivedSeq"), OURS("sent"), OURS("marks"), OURS("delivered"),
	OURS("cleared"), OURS("hidden"), OURS("archived"),
	OURS("markedUnread"), OURS("flags"), OURS("changed"), OURS("purged"),
};
/* clang-format on */

bool
upgrade_owns(const char *field)
{
	for (size_t i = 0; i < COUNT(fields); i++)
		if (strcmp(fields[i].name, field) == 0)
			return true;
	return false;
}

static bool
read_original(struct original *was, const bson_t *original)
{
	static const struct view none = {"", 0};
	bson_iter_t it;

	*was = (struct original){
	    .id = none,
	    .party = {none, none},
	    .name = {none, none},
	    .vehicle_text = none,
	    .vehicle_name = none,
	    .flag_reason = none,
	    .vehicle_price = -1,
	};
	return bson_iter_init(&it, original) &&
	       bson_read(was, &it, fields, COUNT(fields)) && was->has_oid;
}

static void
take_names(struct work *work)
{
	const struct original *was = &work->was;
	struct flaw flaw;

	if (conversation_id_check(was->id.text, was->id.len, "id", &flaw))
		memcpy(work->id, was->id.text, was->id.len + 1);
	else
		bson_oid_to_string(&was->oid, work->id);
	for (enum side side = SIDE_CUSTOMER; side < SIDE_NONE; side++)
		text_identity(work->party[side], was->party[side].text,
		    was->party[side].len);
}

/* An integer, or a text that could be sent; else no listing. */
static void
take_listing(struct work *work)
{
	const struct view text = work->was.vehicle_text;

	if (work->was.has_vehicle_number)
		snprintf(work->listing, sizeof(work->listing), "%lld",
		    (long long)work->was.vehicle_number);
	else if (text_is_utf8(text.text, text.len) &&
		 !text_has_control(text.text, text.len) &&
		 text_points(text.text, text.len) <= LISTING_ID_MAX)
		memcpy(work->listing, text.text, text.len);
}

static void
take_thread(struct work *work)
{
	const struct original *was = &work->was;

	thread_read(&work->thread, was->has_messages ? &was->messages : NULL,
	    work->now_ms);
	if (work->thread.count >= WINDOW_ROLL)
		work->archived = (work->thread.count - BUCKET_MESSAGES) /
				 BUCKET_MESSAGES * BUCKET_MESSAGES;
}

static int64_t
newest_ms(const struct thread *thread, int64_t otherwise)
{
	for (size_t i = thread->count; i-- > 0;)
		if (thread->message[i].at.known)
			return thread->message[i].at.ms;
	return otherwise;
}

static void
take_times(struct work *work)
{
	const struct original *was = &work->was;

	work->created_ms = was->created.known
			       ? was->created.ms
			       : (int64_t)bson_oid_get_time_t(&was->oid) * 1000;
	work->last_ms = was->last_message.known
			    ? was->last_message.ms
			    : newest_ms(&work->thread, work->created_ms);
	work->updated_ms =
	    was->updated.known ? was->updated.ms : work->created_ms;
}

static void
write_buckets(struct upgrade *up, const struct work *work)
{
	int64_t before[SIDE_NONE + 1] = {0};

	up->bucket_count = work->archived / BUCKET_MESSAGES;
	up->buckets = bson_malloc0((up->bucket_count + 1) * sizeof(bson_t *));
	for (size_t k = 0; k < up->bucket_count; k++)
		up->buckets[k] = upgrade_write_bucket(work, k, before);
}

bool
upgrade_conversation(struct upgrade *up, const bson_t *original, int64_t now_ms)
{
	struct work work = {.now_ms = now_ms};

	if (!read_original(&work.was, original))
		return false;
	take_names(&work);
	take_listing(&work);
	take_thread(&work);
	take_times(&work);
	write_buckets(up, &work);
	up->document = upgrade_write_document(&work, original);
	up->repeated = work.thread.repeated;
	thread_release(&work.thread);
	return true;
}

void
upgrade_release(struct upgrade *up)
{
	for (size_t k = 0; k < up->bucket_count; k++)
		bson_destroy(up->buckets[k]);
	bson_free(up->buckets);
	bson_destroy(up->document);
}

bson_t *
upgrade_without_key(const bson_t *document)
{
	bson_t *out = bson_new();

	bson_copy_to_excluding_noinit(document, out, "key", NULL);
	return out;
}

bson_t *
upgrade_with_own_id(const bson_t *document)
{
	bson_t *out = bson_new();
	char hex[OID_HEX_BYTES];
	bson_iter_t it;
	bson_t ids;

	bson_copy_to_excluding_noinit(document, out, "key", "id", "ids", NULL);
	if (bson_iter_init_find(&it, document, "_id"))
		bson_oid_to_string(bson_iter_oid(&it), hex);
	put_string(out, "id", hex);
	put_array_begin(out, "ids", &ids);
	put_string(&ids, "0", hex);
	put_array_end(out, &ids);
	return out;
}
