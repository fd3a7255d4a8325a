/*
 * bus.c: packets over the broadcast socket, see bus.h; listening is
 * bus_listen.c's, which relays do without.
 */
#include "ws/bus.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ws/bus_address.h"

int
bus_address(struct sockaddr_un *address, const char *path)
{
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof(address->sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	memcpy(address->sun_path, path, len);
	return 0;
}

int
bus_socket(void)
{
	return socket(
	    AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

int
bus_connect(const char *path)
{
	struct sockaddr_un address;
	int fd, error;

	if (bus_address(&address, path) < 0)
		return -1;
	fd = bus_socket();
	if (fd < 0)
		return -1;
	/* Between Unix sockets there is no "in progress": yes or no. */
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	error = errno;
	(void)close(fd);
	errno = error;
	return -1;
}

int
bus_send(int fd, const char *packet, size_t len)
{
	struct iovec part = {(void *)(uintptr_t)packet, len};

	return bus_send_parts(fd, &part, 1);
}

int
bus_send_parts(int fd, struct iovec *part, size_t count)
{
	struct msghdr message = {.msg_iov = part, .msg_iovlen = count};
	size_t len = 0;

	for (size_t i = 0; i < count; i++)
		len += part[i].iov_len;
	if (len == 0 || len > BUS_FRAME_MAX) {
		errno = EMSGSIZE;
		return -1;
	}
	if (sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return 0;
	if (errno == EWOULDBLOCK || errno == ENOBUFS || errno == ENOMEM)
		errno = EAGAIN;
	return -1;
}

ssize_t
bus_receive(int fd, char *packet, size_t cap)
{
	ssize_t n = recv(fd, packet, cap, MSG_DONTWAIT | MSG_TRUNC);

	if (n <= (ssize_t)cap)
		return n;
	errno = EMSGSIZE;
	return -1;
}
