/*
 * Opening conversations (see store_create.h).  Their messages come by
 * store_append.c.
 */
#include "cgi/store_create.h"

#include <string.h>

#include "cgi/auto.h"
#include "cgi/clock.h"
#include "cgi/store_append.h"

#define ALIAS_LAST "16" /* ids[ALIASES_MAX]; ids[0] is the id itself */

/* The name that a party goes by: the token's wins. */
static const char *
name_of(const struct caller *caller, enum side own, enum side side,
    const struct thread_request *request)
{
	const char *given = side == SIDE_CUSTOMER ? request->customer_name
						  : request->seller_name;

	if (own == side && caller->name[0])
		return caller->name;
	return given;
}

static void
append_listing(bson_t *doc, const struct thread_request *request)
{
	if (request->vehicle_id.is_number)
		BSON_APPEND_INT64(doc, "vehicleId", request->vehicle_id.number);
	else
		BSON_APPEND_UTF8(doc, "vehicleId", request->vehicle_id.text);
	BSON_APPEND_UTF8(doc, "vehicleName",
	    request->vehicle_name ? request->vehicle_name : "");
	if (request->vehicle_price >= 0)
		BSON_APPEND_DOUBLE(doc, "vehiclePrice", request->vehicle_price);
	else
		BSON_APPEND_NULL(doc, "vehiclePrice");
}

static void
append_per_party(bson_t *doc)
{
	static const char *const counters[] = {"sent", "delivered"};
	static const char *const marks[] = {"marks", "cleared"};
	static const char *const flags[] = {
	    "hidden", "archived", "markedUnread"};

	for (size_t i = 0; i < 2; i++) {
		BCON_APPEND(doc, counters[i], "{", "customer", BCON_INT64(0),
		    "seller", BCON_INT64(0), "}");
		BCON_APPEND(doc, marks[i], "{", "customer", "{", "seq",
		    BCON_INT64(0), "n", BCON_INT64(0), "}", "seller", "{",
		    "seq", BCON_INT64(0), "n", BCON_INT64(0), "}", "}");
	}
	for (size_t i = 0; i < 3; i++)
		BCON_APPEND(doc, flags[i], "{", "customer", BCON_BOOL(false),
		    "seller", BCON_BOOL(false), "}");
}

/* A conversation without messages, in the shape of store_shape.h. */
static void
build(bson_t *doc, const struct caller *caller,
    const struct thread_request *request, const char *id, const char *key)
{
	enum side own =
	    caller_is(caller, request->customer_id) ? SIDE_CUSTOMER : SIDE_NONE;
	const char *customer = name_of(caller, own, SIDE_CUSTOMER, request);
	const char *seller = name_of(caller, own, SIDE_SELLER, request);
	int64_t now_ms = clock_wall_ms();
	char now_iso[ISO_BYTES];
	bson_oid_t oid;

	iso_write(now_iso, now_ms);
	bson_oid_init(&oid, NULL);
	BCON_APPEND(doc, "_id", BCON_OID(&oid), "v", BCON_INT32(1), "id",
	    BCON_UTF8(id), "ids", "[", BCON_UTF8(id), "]", "key",
	    BCON_UTF8(key), "customerId", BCON_UTF8(request->customer_id),
	    "customerName", BCON_UTF8(customer ? customer : ""), "sellerId",
	    BCON_UTF8(request->seller_id), "sellerName",
	    BCON_UTF8(seller ? seller : ""));
	append_listing(doc, request);
	BCON_APPEND(doc, "messages", "[", "]", "lastMessageAt",
	    BCON_UTF8(now_iso), "seq", BCON_INT64(0), "rev", BCON_INT64(0),
	    "archivedSeq", BCON_INT64(0));
	append_per_party(doc);
	BCON_APPEND(doc, "isReadByCustomer", BCON_BOOL(true), "isReadBySeller",
	    BCON_BOOL(true), "isFlagged", BCON_BOOL(false), "flags", "{", "}",
	    "changed", "{", "customer", BCON_INT64(now_ms), "seller",
	    BCON_INT64(now_ms), "}", "createdAt", BCON_DATE_TIME(now_ms),
	    "updatedAt", BCON_DATE_TIME(now_ms));
}

static enum store_result
find_by_key(struct store *store, const struct caller *caller, const char *key,
    struct found *found)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	enum store_result result;
	bson_t doc;

	store_begin_read(store);
	BSON_APPEND_UTF8(&filter, "key", key);
	result = store_find_one(
	    store, store->conversations, &filter, "key", false, &doc);
	if (result == STORE_OK) {
		found_take(found, &doc, caller);
		store_saw(store, &found->c);
	}
	bson_destroy(&doc);
	return result;
}

/*
 * The id leads to this conversation from now on, unless it leads elsewhere or
 * there are too many: then it stays as it is, and the first id is answered.
 */
static enum store_result
add_alias(struct store *store, const struct caller *caller, const char *id,
    struct found *found)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t update = BSON_INITIALIZER;
	struct store_write write = {
	    .collection = store->conversations,
	    .conversation_id = found->c.id,
	    .filter = &filter,
	    .update = &update,
	};
	enum store_result result;
	bson_t doc;

	BSON_APPEND_OID(&filter, "_id", &found->c.oid);
	BCON_APPEND(&filter, "ids", "{", "$ne", BCON_UTF8(id), "}",
	    "ids." ALIAS_LAST, "{", "$exists", BCON_BOOL(false), "}");
	BCON_APPEND(&update, "$push", "{", "ids", BCON_UTF8(id), "}");
	result = store_write(store, &write, &doc);
	if (result == STORE_OK)
		found_take(found, &doc, caller);
	bson_destroy(&doc);
	if (result == STORE_ABSENT || result == STORE_REUSED)
		return STORE_OK;
	return result;
}

static enum store_result
insert(struct store *store, const struct caller *caller,
    const struct thread_request *request, const char *id, const char *key,
    struct found *found)
{
	bson_t doc = BSON_INITIALIZER;
	AUTO_BSON bson_t none = BSON_INITIALIZER;
	struct store_write write = {
	    .collection = store->conversations,
	    .conversation_id = id,
	    .update = &doc,
	    .is_insert = true,
	};
	enum store_result result;

	build(&doc, caller, request, id, key);
	bson_destroy(&none);
	result = store_write(store, &write, &none);
	if (result == STORE_OK)
		found_take(found, &doc, caller);
	bson_destroy(&doc);
	return result == STORE_OK ? STORE_CREATED : result;
}

static bool
may_create(const struct caller *caller, const struct thread_request *request)
{
	return caller->role == ROLE_ADMIN ||
	       caller_is(caller, request->customer_id);
}

enum store_result
store_open_thread(struct store *store, const struct caller *caller,
    const struct thread_request *request, struct found *found)
{
	char key[KEY_BYTES], made[sizeof("conv_") + TEXT_RANDOM_BYTES];
	char random[TEXT_RANDOM_BYTES];
	const char *id = request->id;

	conversation_key(key, request->vehicle_id.text, request->customer_id,
	    request->seller_id);
	for (int i = 0; i < STORE_TRIES; i++) {
		enum store_result result =
		    find_by_key(store, caller, key, found);

		if (result == STORE_OK)
			return add_alias(store, caller, request->id, found);
		if (result != STORE_ABSENT)
			return result;
		if (!may_create(caller, request))
			return store_refuse(store, STORE_FORBIDDEN);
		result = insert(store, caller, request, id, key, found);
		if (result != STORE_REUSED)
			return result;
		/* The id is a stranger's, or the triple was made just now. */
		text_random(random);
		snprintf(made, sizeof(made), "conv_%s", random);
		id = made;
	}
	return STORE_BUSY;
}

/* One string field into set where it is given and differs. */
static bool
refresh_text(bson_t *set, const char *field, const char *new, const char *old)
{
	bson_t literal;

	if (!new || !new[0] || strcmp(new, old) == 0)
		return false;
	BSON_APPEND_DOCUMENT_BEGIN(set, field, &literal);
	BSON_APPEND_UTF8(&literal, "$literal", new);
	bson_append_document_end(set, &literal);
	return true;
}

static bool
refresh_listing(bson_t *set, const struct thread_request *request,
    const struct conversation *c)
{
	bool changes = refresh_text(
	    set, "vehicleName", request->vehicle_name, c->vehicle_name);

	if (request->vehicle_price < 0 ||
	    (c->has_price && c->price == request->vehicle_price))
		return changes;
	BSON_APPEND_DOUBLE(set, "vehiclePrice", request->vehicle_price);
	return true;
}

/* What is to be set; false where nothing is. */
static bool
build_refresh(bson_t *set, const struct caller *caller,
    const struct thread_request *request, const struct found *found)
{
	const struct conversation *c = &found->c;
	enum side own = found->side;
	int64_t now_ms = clock_wall_ms();
	bool visible = false;

	if (own != SIDE_NONE)
		visible = refresh_text(set, party_fields[own].name,
		    name_of(caller, own, own, request), c->name[own]);
	if (own != SIDE_CUSTOMER)
		visible = refresh_listing(set, request, c) || visible;
	if (visible)
		set_visible_change(set, now_ms);
	if (own == SIDE_NONE || !c->hidden[own])
		return visible;
	BSON_APPEND_BOOL(set, party_fields[own].hidden, false);
	if (!visible)
		set_changed(set, own, now_ms);
	return true;
}

enum store_result
store_refresh(struct store *store, const struct caller *caller,
    const struct thread_request *request, struct found *found)
{
	AUTO_BSON bson_t filter = BSON_INITIALIZER;
	AUTO_BSON bson_t set = BSON_INITIALIZER;
	AUTO_BSON bson_t update = BSON_INITIALIZER;
	struct store_write write = {
	    .collection = store->conversations,
	    .conversation_id = found->c.id,
	    .filter = &filter,
	    .update = &update,
	    .is_pipeline = true,
	};
	enum store_result result;
	bson_t doc;

	if (!build_refresh(&set, caller, request, found))
		return STORE_OK;
	BSON_APPEND_OID(&filter, "_id", &found->c.oid);
	BCON_APPEND(&update, "0", "{", "$set", BCON_DOCUMENT(&set), "}");
	result = store_write(store, &write, &doc);
	if (result == STORE_OK)
		found_take(found, &doc, caller);
	bson_destroy(&doc);
	return result;
}
