/*
 * The broadcast socket: paths that are free, taken, dead or wrong; packets
 * with their edges; queues that fill up.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "ws/bus.h"

static char folder[] = "/tmp/parley-bus-XXXXXX";
static char path[64];
static char packet[BUS_FRAME_MAX + 1];
static int end[2]; /* of a connection */

static void
make_folder(void)
{
	cr_assert(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/hub.sock", folder);
}

static void
remove_folder(void)
{
	(void)unlink(path);
	(void)rmdir(folder);
}

static void
connect_ends(void)
{
	int listener;

	make_folder();
	listener = bus_listen(path, 0600);
	cr_assert_geq(listener, 0);
	end[0] = bus_connect(path);
	end[1] = bus_accept(listener);
	cr_assert(end[0] >= 0 && end[1] >= 0);
	memset(packet, 'x', sizeof(packet));
}

static mode_t
mode_of(const char *file)
{
	struct stat st;

	cr_assert_eq(stat(file, &st), 0);
	return st.st_mode & 07777;
}

Test(bus, a_path_has_the_mode_that_was_asked_for_whatever_the_umask,
    .init = make_folder, .fini = remove_folder)
{
	static const mode_t modes[] = {0600, 0660, 0666};

	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		int fd;

		umask(i % 2 ? 0777 : 0);
		fd = bus_listen(path, modes[i]);
		cr_assert_geq(fd, 0);
		cr_expect_eq(mode_of(path), modes[i]);
		close(fd); /* what is left is dead, and is replaced */
	}
}

Test(bus, a_live_listener_is_never_stolen, .init = make_folder,
    .fini = remove_folder)
{
	int first = bus_listen(path, 0600);

	cr_assert_geq(first, 0);
	cr_expect_eq(bus_listen(path, 0600), -1);
	cr_expect_eq(errno, EADDRINUSE);
	cr_expect_geq(bus_connect(path), 0);
}

Test(bus, a_listener_of_another_kind_is_not_stolen_either, .init = make_folder,
    .fini = remove_folder)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, path);
	cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	cr_assert_eq(listen(fd, 1), 0);
	cr_expect_eq(bus_listen(path, 0600), -1);
	cr_expect_eq(errno, EADDRINUSE);
}

Test(bus, a_file_is_not_a_socket_and_stays, .init = make_folder,
    .fini = remove_folder)
{
	close(open(path, O_CREAT | O_WRONLY, 0600));
	cr_expect_eq(bus_listen(path, 0600), -1);
	cr_expect_eq(errno, ENOTSOCK);
	cr_expect_eq(access(path, F_OK), 0);
}

Test(bus, a_path_that_is_too_long_or_empty_is_refused)
{
	char name[200];

	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	cr_expect_eq(bus_listen(name, 0600), -1);
	cr_expect_eq(errno, ENAMETOOLONG);
	cr_expect_eq(bus_connect(name), -1);
	cr_expect_eq(errno, ENAMETOOLONG);
	cr_expect_eq(bus_connect(""), -1);
	cr_expect_eq(errno, ENAMETOOLONG);
}

Test(bus, where_nobody_listens_connecting_says_so_at_once, .init = make_folder,
    .fini = remove_folder)
{
	cr_expect_eq(bus_connect(path), -1);
	cr_expect_eq(errno, ENOENT);
	close(bus_listen(path, 0600));
	cr_expect_eq(bus_connect(path), -1);
	cr_expect_eq(errno, ECONNREFUSED);
}

Test(bus, descriptors_do_not_block_and_do_not_survive_exec,
    .init = connect_ends, .fini = remove_folder)
{
	for (int i = 0; i < 2; i++) {
		cr_expect(fcntl(end[i], F_GETFL) & O_NONBLOCK);
		cr_expect(fcntl(end[i], F_GETFD) & FD_CLOEXEC);
		cr_expect_eq(bus_receive(end[i], packet, 10), -1);
		cr_expect_eq(errno, EAGAIN);
	}
}

Test(bus, packets_keep_their_edges_and_their_order, .init = connect_ends,
    .fini = remove_folder)
{
	static const size_t sizes[] = {
	    1, 5, 4096, BUS_PACKET_MAX, BUS_FRAME_MAX};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		cr_assert_eq(bus_send(end[0], packet, sizes[i]), 0);
		cr_assert_eq(bus_send(end[0], "y", 1), 0);
		cr_expect_eq(bus_receive(end[1], packet, sizeof(packet)),
		    (ssize_t)sizes[i]);
		cr_expect_eq(bus_receive(end[1], packet, sizeof(packet)), 1);
	}
}

Test(bus, a_packet_in_pieces_is_one_packet, .init = connect_ends,
    .fini = remove_folder)
{
	struct iovec part[] = {{(char[]){"one "}, 4}, {(char[]){"two"}, 3}};

	cr_assert_eq(bus_send_parts(end[0], part, 2), 0);
	cr_expect_eq(bus_receive(end[1], packet, sizeof(packet)), 7);
	cr_expect_arr_eq(packet, "one two", 7);
}

Test(bus, an_empty_packet_or_one_over_the_limit_is_not_sent,
    .init = connect_ends, .fini = remove_folder)
{
	static const size_t sizes[] = {0, BUS_FRAME_MAX + 1};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		cr_expect_eq(bus_send(end[0], packet, sizes[i]), -1);
		cr_expect_eq(errno, EMSGSIZE);
	}
	cr_expect_eq(bus_receive(end[1], packet, sizeof(packet)), -1);
	cr_expect_eq(errno, EAGAIN);
}

Test(bus, a_packet_longer_than_the_buffer_is_dropped_whole,
    .init = connect_ends, .fini = remove_folder)
{
	cr_assert_eq(bus_send(end[0], packet, 11), 0);
	cr_assert_eq(bus_send(end[0], "y", 1), 0);
	cr_expect_eq(bus_receive(end[1], packet, 10), -1);
	cr_expect_eq(errno, EMSGSIZE);
	cr_expect_eq(bus_receive(end[1], packet, 10), 1);
}

Test(bus, a_peer_that_stays_full_is_an_error_in_bounded_time,
    .init = connect_ends, .fini = remove_folder)
{
	int sent = 0;

	while (bus_send(end[0], packet, 200) == 0)
		sent++;
	cr_expect_eq(errno, EAGAIN);
	cr_expect_gt(sent, 100);
}

Test(bus, a_peer_that_left_is_told_by_both_directions, .init = connect_ends,
    .fini = remove_folder)
{
	close(end[1]);
	cr_expect_eq(bus_send(end[0], "x", 1), -1);
	cr_expect_eq(errno, EPIPE);
	cr_expect_eq(bus_receive(end[0], packet, sizeof(packet)), 0);
}

Test(bus, what_was_sent_before_leaving_still_arrives, .init = connect_ends,
    .fini = remove_folder)
{
	cr_assert_eq(bus_send(end[0], "bye", 3), 0);
	close(end[0]);
	cr_expect_eq(bus_receive(end[1], packet, sizeof(packet)), 3);
	cr_expect_eq(bus_receive(end[1], packet, sizeof(packet)), 0);
}

Test(bus, a_full_backlog_is_an_error_not_a_wait, .init = make_folder,
    .fini = remove_folder)
{
	int listener = bus_listen(path, 0600);

	cr_assert_eq(listen(listener, 1), 0); /* a shorter one */
	while (bus_connect(path) >= 0)
		continue;
	cr_expect_eq(errno, EAGAIN);
}

Test(bus, our_own_user_is_known_by_the_kernel, .init = connect_ends,
    .fini = remove_folder)
{
	int pipes[2];

	cr_expect(bus_peer_is_own(end[1]));
	cr_assert_eq(pipe(pipes), 0);
	cr_expect_not(bus_peer_is_own(pipes[0]), "no socket at all");
}

/* Only root can become somebody else to try this. */
Test(
    bus, another_user_is_a_stranger, .init = make_folder, .fini = remove_folder)
{
	int listener = bus_listen(path, 0600);
	int fd;

	if (geteuid() != 0)
		return;
	cr_assert_eq(chmod(folder, 0755), 0);
	cr_assert_eq(chmod(path, 0666), 0);
	cr_assert_eq(seteuid(65534), 0);
	fd = bus_connect(path);
	cr_assert_geq(fd, 0);
	cr_assert_eq(seteuid(0), 0);
	cr_expect_not(bus_peer_is_own(bus_accept(listener)));
}
