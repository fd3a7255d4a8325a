/*
 * The table of indexes: fields of equality first, then the sort, then ranges.
 */
#include "cgi/store_index.h"

#include <stdio.h>
#include <string.h>

#include "cgi/auto.h"
#include "cgi/clock.h"
#include "cgi/log.h"

#define BUILD_PATIENCE_MS (30 * 60 * 1000)

/* Which documents an index holds. */
enum only {
	ALL,
	WHERE_PRESENT,
	WHERE_FALSE,
	WHERE_TRUE,
};

struct index {
	const char *name;
	const char *keys; /* names between blanks; "-" before: descending */
	bool unique;
	enum only only;
	const char *field; /* that only is about */
	bool expires;      /* documents go at the date in keys */
};

/* clang-format off */
static const struct index conversations[] = {
	/* every statement on one conversation, by its id or an alias */
	{.name = "ids", .keys = "ids",
		.unique = true, .only = WHERE_PRESENT, .field = "ids"},
	/* open or create: one conversation for a listing and two parties */
	{.name = "key", .keys = "key",
		.unique = true, .only = WHERE_PRESENT, .field = "key"},
	/* lists of a party, newest first */
	{.name = "customer", .keys = "customerId -lastMessageAt -_id"},
	{.name = "seller", .keys = "sellerId -lastMessageAt -_id"},
	/* lists of a party, since= */
	{.name = "customer_changed", .keys = "customerId changed.customer _id"},
	{.name = "seller_changed", .keys = "sellerId changed.seller _id"},
	/* filter=unread, and the number of unread conversations, from keys */
	{.name = "customer_unread", .keys = "customerId isReadByCustomer "
		"archived.customer hidden.customer -lastMessageAt -_id",
		.only = WHERE_FALSE, .field = "isReadByCustomer"},
	{.name = "seller_unread", .keys = "sellerId isReadBySeller "
		"archived.seller hidden.seller -lastMessageAt -_id customerId",
		.only = WHERE_FALSE, .field = "isReadBySeller"},
	/* lists of an admin, and filter=flagged there */
	{.name = "newest", .keys = "-lastMessageAt -_id"},
	{.name = "flagged", .keys = "-lastMessageAt -_id",
		.only = WHERE_TRUE, .field = "isFlagged"},
	/* purges that a crash cut, at the next start */
	{.name = "purging", .keys = "purging",
		.only = WHERE_TRUE, .field = "purging"},
	/* documents of the original application: {v: null} */
	{.name = "v", .keys = "v _id"},
};

static const struct index archive[] = {
	/* has this sender's id been used in an archived message? */
	{.name = "sender_id", .keys = "_id.c messages.sender messages.id"},
	/* since= of one conversation: buckets with changed messages */
	{.name = "rev", .keys = "_id.c rev"},
};

static const struct index chatsessions[] = {
	/* one session; v: those of the original may be there twice */
	{.name = "id", .keys = "sessionId v",
		.unique = true, .only = WHERE_PRESENT, .field = "v"},
	/* the active one of an owner, of which there is one */
	{.name = "active", .keys = "activeFor",
		.unique = true, .only = WHERE_PRESENT, .field = "activeFor"},
	/* all of an owner: the hand-over, retries of what he said before */
	{.name = "owner", .keys = "owner"},
	/* lists of agents, newest last word first */
	{.name = "newest", .keys = "-lastAt -_id",
		.only = WHERE_PRESENT, .field = "lastAt"},
	/* status=, and the number of active ones */
	{.name = "status", .keys = "status -lastAt -_id",
		.only = WHERE_PRESENT, .field = "lastAt"},
	/* waiting=1 with status=, and the numbers of those */
	{.name = "waiting", .keys = "waiting status -lastAt -_id claimedUntil",
		.only = WHERE_TRUE, .field = "waiting"},
	/* claimed=1, and the sessions of one agent: few leases hold at a time */
	{.name = "claimed", .keys = "claimedUntil agent",
		.only = WHERE_PRESENT, .field = "agent"},
	/* guests who stayed away, for the sweep */
	{.name = "expires", .keys = "expiresAt",
		.only = WHERE_PRESENT, .field = "expiresAt"},
	/* documents of the original application: {v: null} */
	{.name = "v", .keys = "v _id"},
};

static const struct index chatmessages[] = {
	/* history, by number; a number is taken once */
	{.name = "line", .keys = "sessionId n",
		.unique = true, .only = WHERE_PRESENT, .field = "n"},
	/* has this sender's id been used? */
	{.name = "key", .keys = "sessionId sender key",
		.unique = true, .only = WHERE_PRESENT, .field = "key"},
	/* lines of the original application, which have no n; the sweep */
	{.name = "session", .keys = "sessionId timestamp _id"},
};

static const struct index revocations[] = {
	/* forget an ended session when its tokens have expired */
	{.name = "expires", .keys = "expiresAt", .expires = true},
};

#define TABLE(name) {#name, name, sizeof(name) / sizeof(name[0])}

static const struct collection {
	const char *name;
	const struct index *index;
	size_t count;
} collections[] = {
	TABLE(conversations),
	TABLE(archive),
	TABLE(chatsessions),
	TABLE(chatmessages),
	TABLE(revocations),
};
/* clang-format on */

static void
put_keys(bson_t *spec, const char *keys)
{
	bson_t key;

	BSON_APPEND_DOCUMENT_BEGIN(spec, "key", &key);
	for (const char *at = keys; *at;) {
		bool descending = *at == '-';
		const char *field = at + descending;
		size_t len = strcspn(field, " ");

		bson_append_int32(&key, field, (int)len, descending ? -1 : 1);
		at = field + len;
		at += *at == ' ';
	}
	bson_append_document_end(spec, &key);
}

static void
put_filter(bson_t *spec, const struct index *index)
{
	bson_t filter, test;

	if (index->only == ALL)
		return;
	BSON_APPEND_DOCUMENT_BEGIN(spec, "partialFilterExpression", &filter);
	if (index->only == WHERE_PRESENT) {
		BSON_APPEND_DOCUMENT_BEGIN(&filter, index->field, &test);
		BSON_APPEND_BOOL(&test, "$exists", true);
		bson_append_document_end(&filter, &test);
	} else {
		BSON_APPEND_BOOL(
		    &filter, index->field, index->only == WHERE_TRUE);
	}
	bson_append_document_end(spec, &filter);
}

static void
put_indexes(bson_t *command, const struct collection *collection)
{
	bson_t list, spec;

	BSON_APPEND_UTF8(command, "createIndexes", collection->name);
	BSON_APPEND_ARRAY_BEGIN(command, "indexes", &list);
	for (size_t i = 0; i < collection->count; i++) {
		const struct index *index = &collection->index[i];
		char digits[16];
		const char *position;

		bson_uint32_to_string(
		    (uint32_t)i, &position, digits, sizeof(digits));
		BSON_APPEND_DOCUMENT_BEGIN(&list, position, &spec);
		BSON_APPEND_UTF8(&spec, "name", index->name);
		put_keys(&spec, index->keys);
		put_filter(&spec, index);
		if (index->unique)
			BSON_APPEND_BOOL(&spec, "unique", true);
		if (index->expires)
			BSON_APPEND_INT32(&spec, "expireAfterSeconds", 0);
		bson_append_document_end(&list, &spec);
	}
	bson_append_array_end(command, &list);
}

/*
 * A build over a large collection outlives the time limit of our sockets.  It
 * goes on in the database, and the same command again waits for its end.
 */
static bool
build(mongoc_database_t *database, const struct collection *collection,
    bson_error_t *error)
{
	int64_t until = clock_steady_ms() + BUILD_PATIENCE_MS;
	AUTO_BSON bson_t command = BSON_INITIALIZER;

	put_indexes(&command, collection);
	for (;;) {
		if (mongoc_database_write_command_with_opts(
			database, &command, NULL, NULL, error))
			return true;
		if (error->domain != MONGOC_ERROR_STREAM ||
		    clock_steady_ms() > until)
			return false;
		log_info("still building indexes of %s", collection->name);
	}
}

bool
store_index_build(mongoc_database_t *database, char why[256])
{
	bson_error_t error;

	for (size_t i = 0; i < sizeof(collections) / sizeof(collections[0]);
	     i++) {
		if (build(database, &collections[i], &error))
			continue;
		snprintf(why, 256, "indexes of %s: %.200s", collections[i].name,
		    error.message);
		return false;
	}
	return true;
}
