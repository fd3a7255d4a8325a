/*
 * Writes under way, doubt and barriers (durable.h says what they promise).
 *
 * Our own because a standalone mongod has no read concern that waits for its
 * journal.  A worker has one write at a time, so the table is a row a worker.
 */
#include "cgi/durable.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "cgi/clock.h"
#include "cgi/hub.h"
#include "cgi/text.h"
#include "cgi/versions.h"

#define FLIGHTS_MAX 66

struct flight {
	uint64_t key;    /* 0: nothing under way */
	uint64_t ticket; /* another for every write */
};

static struct flight flights[FLIGHTS_MAX];
static size_t flight_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed; /* a flight ended or a barrier did */

static int64_t doubt_length_ms;
static atomic_bool in_doubt;
static atomic_bool failing;
static int64_t doubt_until_ms; /* 0: the database has not answered yet */

static struct {
	char process[DURABLE_RUN_BYTES];
	uint64_t number;
} run;

/* Barriers are numbered; failed and done hold the latest of each outcome. */
static struct {
	bool running;
	uint64_t begun, done, failed;
} barrier;

void
durable_init(int64_t doubt_ms, bool single)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&changed, &attr);
	pthread_condattr_destroy(&attr);
	doubt_length_ms = doubt_ms;
	if (single)
		durable_doubt();
}

struct flight *
durable_flight(void)
{
	struct flight *flight;

	pthread_mutex_lock(&lock);
	assert(flight_count < FLIGHTS_MAX);
	flight = &flights[flight_count++];
	pthread_mutex_unlock(&lock);
	return flight;
}

uint64_t
durable_key(const char *conversation_id)
{
	return text_hash(conversation_id, strlen(conversation_id), 1) | 1;
}

void
durable_begin(struct flight *flight, const char *conversation_id)
{
	static uint64_t tickets;

	pthread_mutex_lock(&lock);
	flight->key = durable_key(conversation_id);
	flight->ticket = ++tickets;
	pthread_mutex_unlock(&lock);
}

void
durable_end(struct flight *flight, bool outcome_known)
{
	if (!outcome_known)
		durable_doubt(); /* before a waiting reader goes on */
	pthread_mutex_lock(&lock);
	flight->key = 0;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

/* Wait for changed, locked; false once the deadline has passed. */
static bool
wait_until(int64_t steady_deadline_ms)
{
	struct timespec until = {
	    .tv_sec = steady_deadline_ms / 1000,
	    .tv_nsec = steady_deadline_ms % 1000 * 1000000,
	};

	return pthread_cond_timedwait(&changed, &lock, &until) == 0;
}

static bool
holds(const uint64_t *keys, size_t count, uint64_t key)
{
	for (size_t i = 0; i < count; i++)
		if (keys[i] == key)
			return true;
	return false;
}

bool
durable_wait(const uint64_t *keys, size_t count, int64_t steady_deadline_ms)
{
	uint64_t tickets[FLIGHTS_MAX] = {0};
	bool in_time = true;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < flight_count; i++)
		if (flights[i].key && holds(keys, count, flights[i].key))
			tickets[i] = flights[i].ticket;
	for (size_t i = 0; i < flight_count && in_time; i++)
		while (in_time && tickets[i] && flights[i].key &&
		       flights[i].ticket == tickets[i])
			in_time = wait_until(steady_deadline_ms);
	pthread_mutex_unlock(&lock);
	return in_time;
}

void
durable_doubt(void)
{
	pthread_mutex_lock(&lock);
	doubt_until_ms = 0;
	atomic_store(&in_doubt, true);
	pthread_mutex_unlock(&lock);
	versions_reset();
	hub_lost();
}

void
durable_failing(bool yes)
{
	atomic_store(&failing, yes);
}

bool
durable_is_failing(void)
{
	return atomic_load(&failing);
}

/*
 * With the first answer after a doubt began clients can pull what it was
 * about: while the database was away they could not.
 */
void
durable_answered(void)
{
	bool first;

	if (atomic_load(&failing))
		durable_failing(false);
	if (!atomic_load(&in_doubt))
		return;
	pthread_mutex_lock(&lock);
	first = doubt_until_ms == 0;
	if (first)
		doubt_until_ms = clock_steady_ms() + doubt_length_ms;
	pthread_mutex_unlock(&lock);
	if (first)
		hub_lost();
}

bool
durable_in_doubt(void)
{
	bool ended = false;

	if (!atomic_load(&in_doubt))
		return false;
	pthread_mutex_lock(&lock);
	if (doubt_until_ms && clock_steady_ms() >= doubt_until_ms) {
		ended = atomic_load(&in_doubt);
		/* A late statement may have run unseen: void its ETags. */
		versions_reset();
		atomic_store(&in_doubt, false);
	}
	pthread_mutex_unlock(&lock);
	return !ended && atomic_load(&in_doubt);
}

void
durable_saw_run(const char process[DURABLE_RUN_BYTES])
{
	pthread_mutex_lock(&lock);
	if (strcmp(run.process, process) != 0) {
		memcpy(run.process, process, DURABLE_RUN_BYTES);
		run.number++;
	}
	pthread_mutex_unlock(&lock);
}

uint64_t
durable_run(void)
{
	uint64_t number;

	pthread_mutex_lock(&lock);
	number = run.number;
	pthread_mutex_unlock(&lock);
	return number;
}

bool
durable_barrier(bool (*write)(void *), void *arg, int64_t steady_deadline_ms)
{
	bool in_time = true, done;
	uint64_t wanted;

	pthread_mutex_lock(&lock);
	wanted = barrier.begun + 1;
	while (in_time && barrier.done < wanted && barrier.failed < wanted) {
		uint64_t number;
		bool ok;

		if (barrier.running) {
			in_time = wait_until(steady_deadline_ms);
			continue;
		}
		barrier.running = true;
		number = ++barrier.begun;
		pthread_mutex_unlock(&lock);
		ok = write(arg);
		pthread_mutex_lock(&lock);
		barrier.running = false;
		*(ok ? &barrier.done : &barrier.failed) = number;
		pthread_cond_broadcast(&changed);
	}
	done = barrier.done >= wanted;
	pthread_mutex_unlock(&lock);
	return done;
}
