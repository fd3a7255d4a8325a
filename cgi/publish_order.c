/*
 * Turns of workers, in one small table (see publish_order.h).
 */
#include "cgi/publish_order.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "cgi/clock.h"
#include "cgi/text.h"

#define TURNS_MAX 66
#define TOLD_SLOTS 1024 /* a power of two */

struct turn {
	enum { IDLE, WRITING, HOLDING } state;
	uint64_t key;
	uint64_t begun, ended; /* by beginnings */
	int64_t place;
};

/* What of a conversation was told last; another may take its slot. */
struct told {
	uint64_t key;
	int64_t rev, place;
};

static struct turn turns[TURNS_MAX];
static struct told told[TOLD_SLOTS];
static size_t turn_count;
static uint64_t beginnings; /* of writes, counted: the clock of turns */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
init(void)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&changed, &attr);
	pthread_condattr_destroy(&attr);
}

struct turn *
order_turn(void)
{
	struct turn *turn;

	pthread_once(&once, init);
	pthread_mutex_lock(&lock);
	assert(turn_count < TURNS_MAX);
	turn = &turns[turn_count++];
	pthread_mutex_unlock(&lock);
	return turn;
}

uint64_t
order_key(const char *conversation_id)
{
	return text_hash(conversation_id, strlen(conversation_id), 2);
}

static void
set_state(struct turn *turn, int state)
{
	turn->state = state;
	pthread_cond_broadcast(&changed);
}

void
order_begin(struct turn *turn, const char *conversation_id)
{
	uint64_t key = order_key(conversation_id);

	pthread_mutex_lock(&lock);
	turn->key = key;
	turn->begun = ++beginnings;
	set_state(turn, WRITING);
	pthread_mutex_unlock(&lock);
}

void
order_wrote(struct turn *turn, int64_t place)
{
	pthread_mutex_lock(&lock);
	turn->ended = beginnings;
	turn->place = place;
	set_state(turn, place > 0 ? HOLDING : IDLE);
	pthread_mutex_unlock(&lock);
}

static bool
holds(const uint64_t *keys, size_t count, uint64_t key)
{
	for (size_t i = 0; i < count; i++)
		if (keys[i] == key)
			return true;
	return false;
}

/*
 * Must turn wait for other?  One that writes may come out before it, if it
 * began in time, unless rev shows that nothing visible is missing between.
 */
static bool
comes_first(const struct turn *other, const struct turn *turn, bool is_next)
{
	switch (other->state) {
	case WRITING:
		return !is_next && other->begun <= turn->ended;
	case HOLDING:
		return other->place < turn->place;
	default:
		return false;
	}
}

static bool
must_wait(const struct turn *turn, const uint64_t *keys, size_t count,
    const struct told *last, int64_t rev)
{
	bool is_next = last->key == keys[0] && last->rev == rev - 1;

	for (size_t i = 0; i < turn_count; i++)
		if (&turns[i] != turn && holds(keys, count, turns[i].key) &&
		    comes_first(&turns[i], turn, is_next))
			return true;
	return false;
}

bool
order_await(struct turn *turn, const uint64_t *keys, size_t count, int64_t rev)
{
	int64_t until_ms = clock_steady_ms() + ORDER_WAIT_MS;
	struct timespec until = {
	    .tv_sec = until_ms / 1000,
	    .tv_nsec = until_ms % 1000 * 1000000,
	};
	struct told *last = &told[keys[0] & (TOLD_SLOTS - 1)];
	bool in_time = true, overtaken;

	if (turn->state != HOLDING)
		return true; /* only its own worker changes it */
	pthread_mutex_lock(&lock);
	while (in_time && must_wait(turn, keys, count, last, rev))
		in_time = pthread_cond_timedwait(&changed, &lock, &until) == 0;
	overtaken = last->key == keys[0] && last->place > turn->place;
	if (!overtaken)
		*last = (struct told){keys[0], rev, turn->place};
	pthread_mutex_unlock(&lock);
	return !overtaken;
}

void
order_end(struct turn *turn)
{
	pthread_mutex_lock(&lock);
	if (turn->state != IDLE)
		set_state(turn, IDLE);
	pthread_mutex_unlock(&lock);
}
