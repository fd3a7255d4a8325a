/*
 * The link to the hub (see hub_link.h).
 */
#include "cgi/hub_link.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ws/bus.h"

#define BURST_MS 10
#define QUEUE_BYTES (1024 * 1024) /* the kernel gives what it allows */

/* Held by whoever sends, so that nobody sends into another file. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int hub_fd = -1;
static bool stalled; /* it was full for BURST_MS, and is since */

int
hub_link_open(const char *path, atomic_bool *lost)
{
	static const char greeting[] = "api\t1\n";
	int fd = bus_connect(path), bytes = QUEUE_BYTES;
	bool greeted;

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	pthread_mutex_lock(&lock);
	atomic_store(lost, false);
	greeted = bus_send(fd, greeting, sizeof(greeting) - 1) == 0;
	hub_fd = greeted ? fd : -1;
	stalled = false;
	pthread_mutex_unlock(&lock);
	if (greeted)
		return fd;
	(void)close(fd);
	errno = EPIPE;
	return -1;
}

void
hub_link_close(void)
{
	pthread_mutex_lock(&lock);
	(void)close(hub_fd);
	hub_fd = -1;
	pthread_mutex_unlock(&lock);
}

bool
hub_link_has_room(int wait_ms)
{
	struct pollfd hub = {.fd = hub_fd, .events = POLLOUT};

	return poll(&hub, 1, wait_ms) > 0 && hub.revents == POLLOUT;
}

static bool
send_locked(const char *frame, size_t len)
{
	if (hub_fd < 0)
		return false;
	if (bus_send(hub_fd, frame, len) == 0) {
		stalled = false;
		return true;
	}
	if (errno != EAGAIN || stalled)
		return false;
	stalled = !hub_link_has_room(BURST_MS);
	return !stalled && bus_send(hub_fd, frame, len) == 0;
}

bool
hub_link_send(const char *frame, size_t len)
{
	bool sent;

	pthread_mutex_lock(&lock);
	sent = send_locked(frame, len);
	pthread_mutex_unlock(&lock);
	return sent;
}
