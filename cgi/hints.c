/*
 * A direct-mapped table: a collision forgets the older hint.
 */
#include "cgi/hints.h"

#include <pthread.h>
#include <string.h>

#include "cgi/text.h"

#define HINTS 8192 /* a power of two */

static struct {
	uint64_t key;
	struct hint hint;
} table[HINTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static uint64_t
key_of(const char *conversation_id, const struct caller *caller)
{
	uint64_t account = text_hash(caller->ids[0], strlen(caller->ids[0]), 2);

	return text_hash(conversation_id, strlen(conversation_id), account);
}

struct hint
hints_get(const char *conversation_id, const struct caller *caller)
{
	uint64_t key = key_of(conversation_id, caller);
	struct hint hint = {
	    .side = caller->role == ROLE_SELLER ? SIDE_SELLER : SIDE_CUSTOMER,
	};

	pthread_mutex_lock(&lock);
	if (table[key % HINTS].key == key)
		hint = table[key % HINTS].hint;
	pthread_mutex_unlock(&lock);
	return hint;
}

void
hints_put(const char *conversation_id, const struct caller *caller,
    const struct hint *hint)
{
	uint64_t key = key_of(conversation_id, caller);

	pthread_mutex_lock(&lock);
	table[key % HINTS].key = key;
	table[key % HINTS].hint = *hint;
	pthread_mutex_unlock(&lock);
}
