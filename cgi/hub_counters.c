/*
 * One text in memory, written by hub.c's thread, read by any worker.
 */
#include "cgi/hub_counters.h"

#include <pthread.h>

#include "cgi/clock.h"

#define FRESH_MS 5000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct buffer stats;
static int64_t at_ms;

void
hub_counters_keep(const char *text, size_t len)
{
	pthread_mutex_lock(&lock);
	buffer_reset(&stats);
	buffer_put(&stats, text, len);
	at_ms = clock_steady_ms();
	pthread_mutex_unlock(&lock);
}

void
hub_counters_put(struct buffer *b)
{
	pthread_mutex_lock(&lock);
	if (stats.len > 0 && clock_steady_ms() - at_ms < FRESH_MS)
		buffer_put(b, stats.data, stats.len);
	pthread_mutex_unlock(&lock);
}

void
hub_counters_release(void)
{
	pthread_mutex_lock(&lock);
	buffer_release(&stats);
	pthread_mutex_unlock(&lock);
}
