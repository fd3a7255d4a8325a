/*
 * dispatch_listen.c: descriptors and the listener, see dispatch.h.
 */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cgi/dispatch.h"

#define BACKLOG 1024
#define OTHERS_UMASK 0117 /* leaves mode 0660 */

/* True, with EADDRINUSE, unless it is certain that nobody listens there. */
static bool
is_alive(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool dead = fd >= 0 &&
		    connect(fd, (const struct sockaddr *)address,
			sizeof(*address)) < 0 &&
		    errno == ECONNREFUSED;

	if (fd >= 0)
		(void)close(fd);
	errno = EADDRINUSE;
	return !dead;
}

/* Only a socket that nobody answers on is ever removed. */
static int
clear_path(const struct sockaddr_un *address)
{
	struct stat st;

	if (lstat(address->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -1;
	if (!S_ISSOCK(st.st_mode)) {
		errno = ENOTSOCK;
		return -1;
	}
	return is_alive(address) ? -1 : unlink(address->sun_path);
}

/* Each peer costs a descriptor: a thousand relays are a thousand. */
static void
raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static int
bind_and_listen(int fd, const struct sockaddr_un *address)
{
	mode_t before = umask(OTHERS_UMASK);
	int bound =
	    bind(fd, (const struct sockaddr *)address, sizeof(*address));

	(void)umask(before);
	return bound < 0 ? -1 : listen(fd, BACKLOG);
}

int
dispatch_listen(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path));
	if (clear_path(&address) < 0)
		return -1;
	raise_descriptors();

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && bind_and_listen(fd, &address) < 0) {
		int error = errno;

		(void)close(fd);
		errno = error;
		return -1;
	}
	return fd;
}
