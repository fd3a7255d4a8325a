/*
 * FastCGI records to the peer: a reader puts together what was sent.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cgi/record.h"

#define ID 0x1234
#define LIMIT (8 * 1024 * 1024)

static int end[2]; /* ours, the peer's */

static void
connect_both(void)
{
	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, end), 0);
}

TestSuite(record, .init = connect_both);

/* What the peer got, until the connection or the request ended. */
struct heard {
	char *content;
	size_t len;
	int records, stdout_ends, request_ends;
	bool well_formed;
};

static bool
read_all(void *into, size_t len)
{
	return recv(end[1], into, len, MSG_WAITALL) == (ssize_t)len;
}

static void *
listen_on(void *arg)
{
	struct heard *heard = arg;
	unsigned char h[8], last[8];

	heard->content = malloc(LIMIT);
	heard->well_formed = true;
	while (heard->request_ends == 0 && read_all(h, sizeof(h))) {
		size_t len = (size_t)h[4] << 8 | h[5];

		if (h[0] != 1 || h[2] != ID >> 8 || h[3] != (ID & 255) || h[6])
			heard->well_formed = false;
		heard->records++;
		if (h[1] == 6 && len == 0)
			heard->stdout_ends++;
		else if (h[1] == 6 &&
			 read_all(heard->content + heard->len, len))
			heard->len += len;
		else if (h[1] == 3 && len == 8 && read_all(last, 8))
			heard->request_ends++;
	}
	return NULL;
}

static char *
make_content(size_t len)
{
	char *content = malloc(len + 1);

	for (size_t i = 0; i < len; i++)
		content[i] = (char)(i * 7 + i / 251);
	return content;
}

Test(record, content_of_any_length_arrives_whole)
{
	static const size_t lengths[] = {0, 1, 8191, 65527, 65528, 65529, 65536,
	    131056, 131057, 3000000, 32 * 65528, 32 * 65528 + 1,
	    64 * 65528 + 5};

	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		size_t len = lengths[i], cut = len / 3;
		char *content = make_content(len);
		struct iovec part[] = {
		    {content, cut}, {content, 0}, {content + cut, len - cut}};
		struct heard heard = {0};
		pthread_t peer;

		cr_assert_eq(pthread_create(&peer, NULL, listen_on, &heard), 0);
		cr_expect(record_send(end[0], ID, part, 3, true));
		pthread_join(peer, NULL);
		cr_expect(heard.well_formed);
		cr_expect_eq(heard.len, len);
		cr_expect_eq(memcmp(heard.content, content, len), 0);
		cr_expect_eq(heard.stdout_ends, 1);
		cr_expect_eq(heard.request_ends, 1);
		free(heard.content);
		free(content);
	}
}

Test(record, a_stream_ends_only_when_told)
{
	struct iovec part = {(char[]){"some"}, 4};
	struct heard heard = {0};

	cr_expect(record_send(end[0], ID, &part, 1, false));
	cr_expect(record_send(end[0], ID, &part, 1, false));
	cr_expect(record_send(end[0], ID, NULL, 0, true));
	listen_on(&heard);
	cr_expect_eq(heard.len, 8);
	cr_expect_eq(heard.records, 4);
	cr_expect_eq(memcmp(heard.content, "somesome", 8), 0);
	free(heard.content);
}

Test(record, a_short_answer_is_one_write)
{
	struct iovec part[] = {{(char[]){"head"}, 4}, {(char[]){"body"}, 4}};
	char got[256];

	close(end[0]);
	close(end[1]);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, end), 0);
	cr_expect(record_send(end[0], ID, part, 2, true));
	cr_expect_eq(recv(end[1], got, sizeof(got), 0), 8 + 8 + 8 + 8 + 8);
}

Test(record, a_peer_that_left_is_an_error)
{
	struct iovec part = {(char[]){"some"}, 4};

	close(end[1]);
	cr_expect_not(record_send(end[0], ID, &part, 1, true));
	cr_expect_eq(errno, EPIPE);
}

Test(record, a_peer_that_does_not_read_is_an_error_in_bounded_time)
{
	struct timeval limit = {0, 50000};
	char *content = make_content(LIMIT);
	struct iovec part = {content, LIMIT};

	setsockopt(end[0], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	cr_expect_not(record_send(end[0], ID, &part, 1, true));
	cr_expect_eq(errno, EAGAIN);
	free(content);
}
