/*
 * versions.c: the version of each account in a fixed table; see versions.h.
 *
 * An account is its 64-bit hash: two that share one would void each other's
 * ETags, nothing worse.  Numbers come from one counter and are never used
 * twice, so an account that was forgotten can get no number that it had.
 */
#include "cgi/versions.h"

#include <pthread.h>
#include <string.h>

#include "cgi/text.h"

#define SETS 4096 /* with WAYS: 32,768 accounts, 768 KiB */
#define WAYS 8

struct entry {
	uint64_t account;
	uint64_t version; /* 0: free */
	int64_t unread;   /* -1: not known for this version */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct entry table[SETS][WAYS]; /* each set: the latest used first */
static uint64_t last_version;
static uint64_t all_version = 1;

/*
 * The entry of an identity, moved to the front of its set.  Where there is
 * none it takes over the one that was not used for longest, with version 0.
 */
static struct entry *
entry_of(const char *identity)
{
	uint64_t account = text_hash(identity, strlen(identity), 0);
	struct entry *set = table[account % SETS];
	struct entry found = {account, 0, -1};
	size_t i = 0;

	while (i < WAYS - 1 && set[i].account != account)
		i++;
	if (set[i].account == account)
		found = set[i];
	memmove(set + 1, set, i * sizeof(*set));
	set[0] = found;
	return set;
}

uint64_t
versions_get(const char *identity)
{
	struct entry *entry;
	uint64_t version;

	pthread_mutex_lock(&lock);
	entry = entry_of(identity);
	if (entry->version == 0) {
		entry->version = ++last_version;
		entry->unread = -1;
	}
	version = entry->version;
	pthread_mutex_unlock(&lock);
	return version;
}

void
versions_keep_unread(const char *identity, uint64_t version, int64_t unread)
{
	struct entry *entry;

	pthread_mutex_lock(&lock);
	entry = entry_of(identity);
	if (entry->version == version)
		entry->unread = unread;
	pthread_mutex_unlock(&lock);
}

bool
versions_unread(const char *identity, uint64_t version, int64_t *unread)
{
	struct entry *entry;
	bool known;

	pthread_mutex_lock(&lock);
	entry = entry_of(identity);
	known = entry->version == version && entry->unread >= 0;
	if (known)
		*unread = entry->unread;
	pthread_mutex_unlock(&lock);
	return known;
}

uint64_t
versions_all(void)
{
	uint64_t version;

	pthread_mutex_lock(&lock);
	version = all_version;
	pthread_mutex_unlock(&lock);
	return version;
}

void
versions_bump(const char *identity)
{
	struct entry *entry;

	pthread_mutex_lock(&lock);
	entry = entry_of(identity);
	entry->version = ++last_version;
	entry->unread = -1;
	all_version++;
	pthread_mutex_unlock(&lock);
}

void
versions_reset(void)
{
	pthread_mutex_lock(&lock);
	memset(table, 0, sizeof(table));
	all_version++;
	pthread_mutex_unlock(&lock);
}

/* The part of a tag that weak comparison looks at. */
static const char *
opaque(const char *tag)
{
	return strncmp(tag, "W/", 2) == 0 ? tag + 2 : tag;
}

int
etag_matches(const char *if_none_match, const char *etag)
{
	const char *ours = opaque(etag);
	size_t len = strlen(ours);

	if (!if_none_match)
		return 0;
	if_none_match += strspn(if_none_match, " \t");
	if (*if_none_match == '*')
		return 1;
	while (*(if_none_match += strspn(if_none_match, " \t,"))) {
		const char *tag = opaque(if_none_match);
		const char *end = *tag == '"' ? strchr(tag + 1, '"') : NULL;

		if (!end)
			return 0;
		if (strncmp(tag, ours, len) == 0)
			return 1;
		if_none_match = end + 1;
	}
	return 0;
}
