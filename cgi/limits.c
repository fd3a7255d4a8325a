/*
 * limits.c: token buckets in a fixed table; see limits.h.
 *
 * An account is its 64-bit hash, seeded at random: two accounts that share
 * one would share a bucket, which nobody can arrange.
 */
#include "cgi/limits.h"

#include <float.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cgi/clock.h"
#include "cgi/text.h"

#define SETS 2048 /* with WAYS: 16,384 accounts, 400 KiB */
#define WAYS 8

struct bucket {
	uint64_t account; /* 0: free */
	double tokens;    /* at at_ms; below zero when overdrawn */
	int64_t at_ms;
};

struct limits {
	pthread_mutex_t lock;
	double per_ms; /* tokens that come back */
	double burst;  /* tokens of a full bucket */
	struct bucket set[SETS][WAYS];
};

struct limits *
limits_new(long tokens, long seconds, long burst)
{
	struct limits *limits = calloc(1, sizeof(*limits));

	if (!limits)
		abort(); /* out of memory */
	pthread_mutex_init(&limits->lock, NULL);
	limits->per_ms = (double)tokens / ((double)seconds * 1000);
	limits->burst = (double)burst;
	return limits;
}

void
limits_free(struct limits *limits)
{
	if (!limits)
		return;
	pthread_mutex_destroy(&limits->lock);
	free(limits);
}

static double
tokens_at(const struct limits *limits, const struct bucket *b, int64_t now_ms)
{
	double tokens =
	    b->tokens + (double)(now_ms - b->at_ms) * limits->per_ms;

	return b->account == 0 || tokens > limits->burst ? limits->burst
							 : tokens;
}

/*
 * The bucket of an account, filled up to now.  A free one is as good as a
 * full one, so the fullest of the set is the one to take over.
 */
static struct bucket *
bucket_at(struct limits *limits, const char *account, int64_t now_ms)
{
	uint64_t hash = text_hash(account, strlen(account), 0) | 1;
	struct bucket *set = limits->set[(hash >> 1) % SETS];
	struct bucket *fullest = NULL;

	for (size_t i = 0; i < WAYS; i++) {
		set[i].tokens = tokens_at(limits, &set[i], now_ms);
		set[i].at_ms = now_ms;
		if (set[i].account == hash)
			return &set[i];
		if (!fullest || set[i].tokens > fullest->tokens)
			fullest = &set[i];
	}
	fullest->account = hash;
	fullest->tokens = limits->burst;
	return fullest;
}

/* Spend tokens if the bucket holds need; else the seconds until it does. */
static long
spend(struct limits *limits, const char *account, double need, double tokens)
{
	struct bucket *bucket;
	double missing;

	pthread_mutex_lock(&limits->lock);
	bucket = bucket_at(limits, account, clock_steady_ms());
	missing = need - bucket->tokens;
	if (missing <= 0)
		bucket->tokens -= tokens;
	pthread_mutex_unlock(&limits->lock);
	if (missing <= 0)
		return 0;
	return (long)fmax(1, ceil(missing / (limits->per_ms * 1000)));
}

long
limits_take(struct limits *limits, const char *account)
{
	return spend(limits, account, 1, 1);
}

long
limits_check(struct limits *limits, const char *account)
{
	return spend(limits, account, DBL_MIN, 0);
}

void
limits_spend(struct limits *limits, const char *account, double tokens)
{
	spend(limits, account, -INFINITY, tokens);
}
