/*
 * load.c: HTTP/1.1 requests in a closed loop, for "make bench".
 *
 *	load [-c connections] [-s seconds | -n requests] [-e status] PORT
 *
 * Standard input holds requests, separated by NUL bytes; they are sent in
 * turn.  Prints one line of JSON.  What to ask is left to bench.mjs.
 */
#include <arpa/inet.h>
#include <err.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 256
#define INPUT_BYTES (16 * 1024 * 1024)
#define REQUESTS_MAX 16384
#define REQUEST_BYTES (64 * 1024)
#define HEAD_BYTES (16 * 1024)
#define TURNS_MAX (4 * 1024 * 1024)
#define STALL_S 20 /* an answer that takes longer has failed */

/* In a request this becomes a number of as many digits, never used before. */
#define HOLE "@@@@@@@@@@@@@@@@"
#define HOLE_BYTES (sizeof(HOLE) - 1)

struct answer {
	int status;
	size_t body_len;
	bool closes;
};

static int connections = 1, status_wanted = 200;
static long requests_wanted; /* 0: until the seconds are over */
static double seconds_wanted = 3;
static struct sockaddr_in server = {.sin_family = AF_INET};

static char *requests[REQUESTS_MAX];
static size_t request_count;

static int64_t stop_us;
static uint64_t first_number;
static atomic_long next_turn;

/* What came of it: a latency per turn, and sums. */
static uint32_t latency_us[TURNS_MAX];
static atomic_long answered, failed;
static atomic_int wrong; /* status of a failure; -1: no whole answer */
static atomic_ullong body_bytes;

static int64_t
clock_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static void
requests_read(void)
{
	static char input[INPUT_BYTES];
	size_t len = fread(input, 1, sizeof(input) - 1, stdin);
	char *at = input;

	if (len == 0 || len == sizeof(input) - 1)
		errx(2, "standard input is empty or too long");
	while (at < input + len) {
		if (request_count == REQUESTS_MAX ||
		    strlen(at) >= REQUEST_BYTES)
			errx(2, "too many requests, or a request too long");
		requests[request_count++] = at;
		at += strlen(at) + 1;
	}
}

static int
server_connect(void)
{
	struct timeval stall = {.tv_sec = STALL_S};
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		err(2, "socket");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &stall, sizeof(stall));
	if (connect(fd, (struct sockaddr *)&server, sizeof(server)) < 0)
		err(2, "connect");
	return fd;
}

static bool
request_send(int fd, long turn)
{
	const char *request = requests[(size_t)turn % request_count];
	size_t len = strlen(request);
	char filled[REQUEST_BYTES], digits[HOLE_BYTES + 5], *hole;

	memcpy(filled, request, len + 1);
	hole = strstr(filled, HOLE);
	if (hole) {
		snprintf(digits, sizeof(digits), "%016" PRIu64,
		    first_number + (uint64_t)turn);
		memcpy(hole, digits, HOLE_BYTES);
	}
	return send(fd, filled, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static const char *
header_find(const char *head, const char *name)
{
	size_t len = strlen(name);
	const char *line = strstr(head, "\r\n");

	for (; line; line = strstr(line + 2, "\r\n"))
		if (strncasecmp(line + 2, name, len) == 0)
			return line + 2 + len;
	return NULL;
}

static bool
head_parse(const char *head, struct answer *answer)
{
	const char *length = header_find(head, "Content-Length: ");
	const char *connection = header_find(head, "Connection: ");

	if (sscanf(head, "HTTP/1.1 %3d", &answer->status) != 1)
		return false;
	answer->closes = connection && strncasecmp(connection, "close", 5) == 0;
	answer->body_len = 0;
	if (answer->status == 304)
		return true;
	if (length)
		answer->body_len = strtoul(length, NULL, 10);
	return length != NULL;
}

/* Read one whole answer: head, and as many bytes as it announces. */
static bool
answer_read(int fd, struct answer *answer)
{
	char head[HEAD_BYTES], body[64 * 1024], *end = NULL;
	size_t have = 0, body_have;
	ssize_t got;

	while (!end) {
		got = recv(fd, head + have, sizeof(head) - 1 - have, 0);
		if (got <= 0)
			return false;
		have += (size_t)got;
		head[have] = '\0';
		end = strstr(head, "\r\n\r\n");
	}
	if (!head_parse(head, answer))
		return false;

	body_have = have - (size_t)(end + 4 - head);
	while (body_have < answer->body_len) {
		got = recv(fd, body, sizeof(body), 0);
		if (got <= 0)
			return false;
		body_have += (size_t)got;
	}
	return body_have == answer->body_len;
}

/* One request and its answer.  Gives the connection for the next. */
static int
exchange(int fd, long turn)
{
	struct answer answer;
	int64_t start_us = clock_us(CLOCK_MONOTONIC);

	if (!request_send(fd, turn) || !answer_read(fd, &answer))
		answer = (struct answer){.status = -1, .closes = true};
	latency_us[turn] = (uint32_t)(clock_us(CLOCK_MONOTONIC) - start_us);
	atomic_fetch_add(&body_bytes, answer.body_len);
	atomic_fetch_add(&answered, 1);

	if (answer.status != status_wanted) {
		atomic_fetch_add(&failed, 1);
		atomic_store(&wrong, answer.status);
	}
	if (!answer.closes)
		return fd;
	close(fd);
	return server_connect();
}

/* One turn taken from the common counter; -1 when the load is over. */
static long
turn_take(void)
{
	long turn, last = requests_wanted ? requests_wanted : TURNS_MAX;

	if (!requests_wanted && clock_us(CLOCK_MONOTONIC) >= stop_us)
		return -1;
	turn = atomic_fetch_add(&next_turn, 1);
	return turn < last ? turn : -1;
}

static void *
client_run(void *arg)
{
	int fd = server_connect();
	long turn;

	(void)arg;
	while ((turn = turn_take()) >= 0)
		fd = exchange(fd, turn);
	close(fd);
	return NULL;
}

static int
compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void
report(double seconds)
{
	long n = answered;

	qsort(latency_us, (size_t)n, sizeof(latency_us[0]), compare);
	printf("{\"requests\":%ld,\"failed\":%ld,\"wrong\":%d,"
	       "\"seconds\":%.6f,\"p50\":%u,\"p99\":%u,\"bytes\":%llu}\n",
	    n, failed, wrong, seconds, latency_us[n / 2],
	    latency_us[n * 99 / 100], body_bytes / (unsigned long long)n);
}

static bool
options_read(int argc, char **argv)
{
	int letter;

	while ((letter = getopt(argc, argv, "c:s:n:e:")) != -1) {
		if (letter == 'c')
			connections = atoi(optarg);
		else if (letter == 's')
			seconds_wanted = atof(optarg);
		else if (letter == 'n')
			requests_wanted = atol(optarg);
		else if (letter == 'e')
			status_wanted = atoi(optarg);
		else
			return false;
	}
	if (optind + 1 != argc)
		return false;
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server.sin_port = htons((uint16_t)atoi(argv[optind]));
	return connections >= 1 && connections <= CONNECTIONS_MAX &&
	       requests_wanted <= TURNS_MAX;
}

int
main(int argc, char **argv)
{
	pthread_t client[CONNECTIONS_MAX];
	int64_t start_us;

	if (!options_read(argc, argv))
		errx(2, "usage: load [-c connections] [-s seconds | "
			"-n requests] [-e status] PORT");
	requests_read();

	first_number = (uint64_t)clock_us(CLOCK_REALTIME);
	start_us = clock_us(CLOCK_MONOTONIC);
	stop_us = start_us + (int64_t)(seconds_wanted * 1e6);
	for (int i = 0; i < connections; i++)
		if (pthread_create(&client[i], NULL, client_run, NULL))
			errx(2, "cannot start a thread");
	for (int i = 0; i < connections; i++)
		pthread_join(client[i], NULL);

	report((double)(clock_us(CLOCK_MONOTONIC) - start_us) / 1e6);
	return 0;
}
