/*
 * relay_loop.c: one turn after the other: begin what is due, write, wait,
 * read, and do what its time has come for.
 *
 * poll(2), as four descriptors need no epoll set, which would be 200 bytes and
 * a descriptor more for each connection.  Nothing here waits but ppoll().
 */
#include "ws/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static struct relay relay; /* static, so that it costs the pages it touches */
static volatile sig_atomic_t told_to_stop;

static void (*const do_when[TIMERS])(struct relay *) = {
    [TIMER_PING] = client_ping,
    [TIMER_SILENCE] = ending_idle,
    [TIMER_PROOF] = proof_overdue,
    [TIMER_STALL] = ending_stalled,
    [TIMER_LINK] = link_connect,
    [TIMER_BIND] = proof_again,
    [TIMER_REPEAT] = errand_begin,
    [TIMER_DEADLINE] = errand_overdue,
    [TIMER_REST] = memory_rest,
    [TIMER_DRAIN] = ending_leave,
};

/*
 * The system call itself: the faster way, through the vdso, would touch pages
 * that nothing else here does, and so cost a page table or two.
 */
int64_t
clock_now_ms(int clock)
{
	struct timespec now = {0};

	(void)syscall(SYS_clock_gettime, clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Of up to 256 bytes it is never cut; only early at boot it may wait. */
static void
fill_random(void *bytes, size_t len)
{
	while (getrandom(bytes, len, 0) < 0)
		continue;
}

int64_t
jitter_ms(int64_t from, int64_t to)
{
	uint32_t random = 0;

	fill_random(&random, sizeof(random));
	return from + (int64_t)(random % (uint64_t)(to - from + 1));
}

void
random_hex(char out[RELAY_HEX_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[RELAY_HEX_BYTES / 2];

	fill_random(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * sizeof(bytes)] = '\0';
}

/* --- signals --- */

static void
note_stop(int signal_number)
{
	(void)signal_number;
	told_to_stop = 1;
}

/* SIGTERM comes in ppoll() alone, so that none is overlooked. */
static void
set_signals(void)
{
	sigset_t term;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGINT, SIG_IGN); /* websocketd's, when stdin has ended */
	(void)signal(SIGTERM, note_stop);
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &term, NULL);
}

/* --- turns --- */

static int
wait_ms(const struct relay *r)
{
	int64_t first = NEVER;

	for (int i = 0; i < TIMERS; i++)
		if (r->due[i] < first)
			first = r->due[i];
	if (first == NEVER)
		return -1;
	return first > r->now_ms ? (int)(first - r->now_ms) : 0;
}

static void
run_timers(struct relay *r)
{
	for (int i = 0; i < TIMERS; i++) {
		if (r->due[i] > r->now_ms)
			continue;
		r->due[i] = NEVER;
		do_when[i](r);
	}
}

enum { FROM_CLIENT, TO_CLIENT, HUB, API, DESCRIPTORS };

static void
choose(const struct relay *r, struct pollfd set[DESCRIPTORS])
{
	bool client = r->stage < STAGE_ALONE;
	bool hub =
	    r->stage == STAGE_OPEN && !output_is_full(r) && !chat_is_opening(r);
	bool output = client && queue_length(&r->out) > 0;

	set[FROM_CLIENT] =
	    (struct pollfd){client ? STDIN_FILENO : -1, POLLIN, 0};
	set[TO_CLIENT] =
	    (struct pollfd){output ? STDOUT_FILENO : -1, POLLOUT, 0};
	set[HUB] = (struct pollfd){hub ? r->hub : -1, POLLIN, 0};
	set[API] =
	    (struct pollfd){r->errand == ERRAND_NONE ? -1 : r->api.fd, 0, 0};
	if (r->errand != ERRAND_NONE)
		set[API].events = fcgi_events(&r->api);
}

/* The rest is written anyway, and what one has ended another leaves alone. */
static void
serve(struct relay *r, const struct pollfd set[DESCRIPTORS])
{
	if (set[HUB].revents && r->stage == STAGE_OPEN)
		link_read(r);
	if (set[API].revents && r->errand != ERRAND_NONE)
		errand_ready(r);
	if (set[FROM_CLIENT].revents && r->stage < STAGE_ALONE)
		client_read(r);
}

static void
turn(struct relay *r)
{
	static const sigset_t none;
	struct pollfd set[DESCRIPTORS];
	struct timespec wait, *forever = NULL;
	int ms = wait_ms(r);
	int ready;

	choose(r, set);
	wait.tv_sec = ms / 1000;
	wait.tv_nsec = (long)(ms % 1000) * 1000000;
	ready = ppoll(set, DESCRIPTORS, ms < 0 ? forever : &wait, &none);
	r->now_ms = clock_now_ms(CLOCK_MONOTONIC);
	if (told_to_stop)
		ending_begin(r, END_SERVER_RESTART);
	if (ready > 0) {
		r->due[TIMER_REST] = r->now_ms + RELAY_REST_MS;
		serve(r, set);
	}
	run_timers(r);
}

static void
set_non_blocking(int fd)
{
	(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* The first line leaves before anything else is prepared. */
static void
start(struct relay *r)
{
	const struct relay_options *o = r->options;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		set_non_blocking(fd);
	set_signals();
	memory_init(r);
	random_hex(r->sid);
	say_open(r);
	output_write(r);
	memory_shrink_table();
	r->due[TIMER_REST] = r->now_ms + RELAY_REST_MS;
	/* Those who came together need not be pinged together. */
	r->due[TIMER_PING] =
	    r->now_ms + jitter_ms(o->heartbeat_ms / 2, o->heartbeat_ms);
	if (r->dialect->idle_rule)
		r->due[TIMER_SILENCE] = r->now_ms + o->silence_ms;
	if (r->dialect != &dialect_chat)
		proof_start(r);
	link_connect(r);
}

static bool
is_over(const struct relay *r)
{
	struct task task;

	return r->stage == STAGE_OVER ||
	       (r->stage == STAGE_ALONE && !task_first(r, &task));
}

void
relay_run(const struct relay_options *options, const struct dialect *dialect)
{
	struct relay *r = &relay;

	r->options = options;
	r->dialect = dialect;
	r->hub = -1;
	r->now_ms = clock_now_ms(CLOCK_MONOTONIC);
	for (int i = 0; i < TIMERS; i++)
		r->due[i] = NEVER;
	start(r);
	while (!is_over(r)) {
		errand_begin(r);
		output_write(r);
		if (!is_over(r))
			turn(r);
	}
}
