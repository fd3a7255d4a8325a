/*
 * revoked.c: a hash table of ended sessions; see revoked.h.
 *
 * Open addressing.  Entries are never deleted one by one: when the table is
 * half full it is made anew, twice the size of what has not expired.
 */
#include "cgi/revoked.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "cgi/clock.h"
#include "cgi/text.h"

#define SLOTS_MIN 64 /* a power of two, as every size is */

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static struct ended *slots;
static size_t slot_count, used;

/* Where this session is, or would be.  There is always a free slot. */
static struct ended *
find(const char *session)
{
	size_t i = text_hash(session, strlen(session), 0) & (slot_count - 1);

	while (*slots[i].session && strcmp(slots[i].session, session) != 0)
		i = (i + 1) & (slot_count - 1);
	return &slots[i];
}

static bool
put(const char *session, int64_t expires_at)
{
	struct ended *slot = find(session);

	if (!*slot->session) {
		strncpy(slot->session, session, sizeof(slot->session) - 1);
		used++;
	}
	if (expires_at <= slot->expires_at)
		return false;
	slot->expires_at = expires_at;
	return true;
}

static void
make_room(int64_t now)
{
	struct ended *old = slots;
	size_t old_count = slot_count;
	size_t alive = 0;

	for (size_t i = 0; i < old_count; i++)
		alive += old[i].expires_at > now;
	for (slot_count = SLOTS_MIN; slot_count < 4 * (alive + 1);)
		slot_count *= 2;
	slots = calloc(slot_count, sizeof(*slots));
	if (!slots)
		abort(); /* out of memory */
	used = 0;
	for (size_t i = 0; i < old_count; i++)
		if (old[i].expires_at > now)
			(void)put(old[i].session, old[i].expires_at);
	free(old);
}

bool
revoked_add(const char *session, int64_t expires_at)
{
	bool news;

	pthread_rwlock_wrlock(&lock);
	if (2 * (used + 1) > slot_count)
		make_room(clock_wall_ms() / 1000);
	news = put(session, expires_at);
	pthread_rwlock_unlock(&lock);
	return news;
}

bool
revoked_has(const char *session, int64_t now)
{
	bool has;

	pthread_rwlock_rdlock(&lock);
	has = used > 0 && find(session)->expires_at > now;
	pthread_rwlock_unlock(&lock);
	return has;
}

struct ended *
revoked_copy(int64_t now, size_t *count)
{
	struct ended *copy;

	*count = 0;
	pthread_rwlock_rdlock(&lock);
	copy = malloc((used + 1) * sizeof(*copy));
	if (!copy)
		abort(); /* out of memory */
	for (size_t i = 0; i < slot_count; i++)
		if (slots[i].expires_at > now)
			copy[(*count)++] = slots[i];
	pthread_rwlock_unlock(&lock);
	return copy;
}
