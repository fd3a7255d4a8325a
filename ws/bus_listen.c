/*
 * bus_listen.c: the hub's two paths, see bus.h.
 *
 * Only a socket that nobody answers on is ever removed, so a second hub never
 * takes the clients of the first.
 */
#include "ws/bus.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ws/bus_address.h"

/* As it should be after the restart of a thousand relays. */
#define BACKLOG 4096

/* True unless it is certain that nobody listens there. */
static bool
is_alive(const char *path)
{
	int fd = bus_connect(path);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0 || errno != ECONNREFUSED;
}

static int
clear_path(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : -1;
	if (!S_ISSOCK(st.st_mode)) {
		errno = ENOTSOCK;
		return -1;
	}
	if (is_alive(path)) {
		errno = EADDRINUSE;
		return -1;
	}
	return unlink(path);
}

/* Until listen(2) nobody gets in, so the mode is never too wide. */
static int
bind_and_listen(int fd, const struct sockaddr_un *address, mode_t mode)
{
	if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
		return -1;
	if (chmod(address->sun_path, mode) < 0)
		return -1;
	return listen(fd, BACKLOG);
}

int
bus_listen(const char *path, mode_t mode)
{
	struct sockaddr_un address;
	int fd, error;

	if (bus_address(&address, path) < 0 || clear_path(path) < 0)
		return -1;
	fd = bus_socket();
	if (fd < 0 || bind_and_listen(fd, &address, mode) == 0)
		return fd;
	error = errno;
	(void)close(fd);
	errno = error;
	return -1;
}

int
bus_accept(int listener)
{
	return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

bool
bus_peer_is_own(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return false;
	return peer.uid == geteuid() || peer.uid == 0;
}
