/*
 * Stored conversations read into a struct, and what follows from them.  Their
 * messages are read by message_read.c, written and compared by message_bson.c.
 */
#include "cgi/store_shape.h"

#include <stdio.h>
#include <string.h>

#include "cgi/bson_read.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void
read_array(void *at, const bson_iter_t *it)
{
	if (BSON_ITER_HOLDS_ARRAY(it))
		*(bson_iter_t *)at = *it;
}

/* Was the field there?  A bson_iter_t that was never filled is all zero. */
static bool
was_read(const bson_iter_t *it)
{
	return it->raw;
}

/* {customer, seller} into an array of two, each by read. */
static void
read_sides(char *at, size_t size, const bson_iter_t *it,
    void (*read)(void *, const bson_iter_t *))
{
	const struct bson_field sides[] = {
	    {"customer", read, 0},
	    {"seller", read, size},
	};
	bson_iter_t child;

	if (BSON_ITER_HOLDS_DOCUMENT(it) && bson_iter_recurse(it, &child))
		(void)bson_read(at, &child, sides, COUNT(sides));
}

static void
read_side_ints(void *at, const bson_iter_t *it)
{
	read_sides(at, sizeof(int64_t), it, read_int);
}

static void
read_side_bools(void *at, const bson_iter_t *it)
{
	read_sides(at, sizeof(bool), it, read_bool);
}

static void
read_mark(void *at, const bson_iter_t *it)
{
	static const struct bson_field fields[] = {
	    {"seq", read_int, offsetof(struct mark, seq)},
	    {"n", read_int, offsetof(struct mark, n)},
	    {"was", read_int, offsetof(struct mark, was)},
	};
	bson_iter_t child;

	if (BSON_ITER_HOLDS_DOCUMENT(it) && bson_iter_recurse(it, &child))
		(void)bson_read(at, &child, fields, COUNT(fields));
}

static void
read_side_marks(void *at, const bson_iter_t *it)
{
	read_sides(at, sizeof(struct mark), it, read_mark);
}

struct flag {
	const char *reason;
	int64_t at;
	bool set;
};

static void
read_flag(void *at, const bson_iter_t *it)
{
	static const struct bson_field fields[] = {
	    {"reason", read_text, offsetof(struct flag, reason)},
	    {"at", read_ms, offsetof(struct flag, at)},
	};
	struct flag *flag = at;
	bson_iter_t child;

	if (!BSON_ITER_HOLDS_DOCUMENT(it) || !bson_iter_recurse(it, &child))
		return;
	flag->reason = "";
	flag->set = bson_read(flag, &child, fields, COUNT(fields));
}

/* Fills all that struct conversation says of flags; at is the whole of it. */
static void
read_flags(void *at, const bson_iter_t *it)
{
	enum { UNKNOWN = SIDE_NONE, REPORTERS };
	static const struct bson_field fields[] = {
	    {"customer", read_flag, SIDE_CUSTOMER * sizeof(struct flag)},
	    {"seller", read_flag, SIDE_SELLER * sizeof(struct flag)},
	    {"unknown", read_flag, UNKNOWN * sizeof(struct flag)},
	};
	struct flag flags[REPORTERS] = {0};
	struct conversation *c = at;
	bson_iter_t child;

	if (!BSON_ITER_HOLDS_DOCUMENT(it) || !bson_iter_recurse(it, &child))
		return;
	(void)bson_read(flags, &child, fields, COUNT(fields));
	for (size_t who = 0; who < REPORTERS; who++) {
		if (!flags[who].set)
			continue;
		if (who != UNKNOWN) {
			c->flagged[who] = true;
			c->flag_reason[who] = flags[who].reason;
			c->flagged_at[who] = flags[who].at;
		}
		if (flags[who].at >= c->flag_any_at) {
			c->flag_any_reason = flags[who].reason;
			c->flag_any_at = flags[who].at;
		}
	}
}

static void
read_oid(void *at, const bson_iter_t *it)
{
	if (BSON_ITER_HOLDS_OID(it))
		*(bson_oid_t *)at = *bson_iter_oid(it);
}

static void
read_price(void *at, const bson_iter_t *it)
{
	struct conversation *c = at;

	c->has_price = BSON_ITER_HOLDS_NUMBER(it);
	read_double(&c->price, it);
}

/* clang-format off */
#define FIELD(name, read, member)                                              \
	{name, read, offsetof(struct conversation, member)}

static const struct bson_field conversation_fields[] = {
	FIELD("_id", read_oid, oid),
	FIELD("v", read_present, upgraded),
	FIELD("id", read_text, id),
	FIELD("ids", read_array, ids),
	FIELD("customerId", read_text, party[SIDE_CUSTOMER]),
	FIELD("customerName", read_text, name[SIDE_CUSTOMER]),
	FIELD("sellerId", read_text, party[SIDE_SELLER]),
	FIELD("sellerName", read_text, name[SIDE_SELLER]),
	FIELD("vehicleId", read_scalar, vehicle_id),
	FIELD("vehicleName", read_text, vehicle_name),
	{"vehiclePrice", read_price, 0},
	FIELD("messages", read_array, messages),
	FIELD("lastMessageAt", read_text, last_message_at),
	FIELD("seq", read_int, seq),
	FIELD("rev", read_int, rev),
	FIELD("archivedSeq", read_int, archived_seq),
	FIELD("sent", read_side_ints, sent),
	FIELD("marks", read_side_marks, mark),
	FIELD("delivered", read_side_ints, delivered),
	FIELD("cleared", read_side_marks, cleared),
	FIELD("hidden", read_side_bools, hidden),
	FIELD("archived", read_side_bools, archived),
	FIELD("markedUnread", read_side_bools, marked_unread),
	FIELD("isReadByCustomer", read_bool, is_read[SIDE_CUSTOMER]),
	FIELD("isReadBySeller", read_bool, is_read[SIDE_SELLER]),
	FIELD("isFlagged", read_bool, is_flagged),
	{"flags", read_flags, 0},
	FIELD("changed", read_side_ints, changed),
	FIELD("createdAt", read_ms, created_at),
	FIELD("updatedAt", read_ms, updated_at),
	FIELD("purged", read_present, purged),
};
/* clang-format on */

bool
conversation_read(struct conversation *c, const bson_t *doc)
{
	bson_iter_t it;

	*c = (struct conversation){
	    .id = "",
	    .party = {"", ""},
	    .name = {"", ""},
	    .vehicle_name = "",
	    .last_message_at = "",
	    .flag_reason = {"", ""},
	    .flag_any_reason = "",
	};
	if (!bson_iter_init(&it, doc))
		return false;
	if (!bson_read(c, &it, conversation_fields, COUNT(conversation_fields)))
		return false;
	c->has_ids = was_read(&c->ids);
	c->has_vehicle_id = was_read(&c->vehicle_id);
	c->has_messages = was_read(&c->messages);
	return true;
}

enum side
conversation_side(const struct conversation *c, const struct caller *caller)
{
	for (enum side side = SIDE_CUSTOMER; side < SIDE_NONE; side++)
		if (*c->party[side] && caller_is(caller, c->party[side]))
			return side;
	return SIDE_NONE;
}

int64_t
conversation_unread(const struct conversation *c, enum side side)
{
	enum side other = side == SIDE_CUSTOMER ? SIDE_SELLER : SIDE_CUSTOMER;
	int64_t seen = c->mark[side].n;

	if (seen < c->cleared[side].n)
		seen = c->cleared[side].n;
	return c->sent[other] > seen ? c->sent[other] - seen : 0;
}

int64_t
conversation_delivered(const struct conversation *c, enum side side)
{
	return c->delivered[side] > c->mark[side].seq ? c->delivered[side]
						      : c->mark[side].seq;
}

/* Neither a listing nor an identity holds a line break. */
void
conversation_key(char out[KEY_BYTES], const char *listing, const char *customer,
    const char *seller)
{
	snprintf(out, KEY_BYTES, "%s\n%s\n%s", listing, customer, seller);
}
