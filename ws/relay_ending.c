/*
 * relay_ending.c: the ways in which a connection ends.
 *
 * A WebSocket's close code is lost on its way through websocketd, so that the
 * reason is the last frame, and stdin is read on for a while, since leaving
 * at once loses that frame.  Where the client is away and events of it still
 * wait for the api, a child carries them out: websocketd kills its own child
 * 850 ms after the client left, and only that.
 */
#include "ws/relay.h"

#include <fcntl.h>
#include <unistd.h>

static const struct {
	const char *code, *reason;
	bool is_refusal; /* Socket.IO: a 44, after which none comes back */
} endings[ENDINGS] = {
    [END_AUTH_FAILED] = {"auth_failed",
	"who this is was not proved, or is true no longer", true},
    [END_REVOKED] = {"revoked", "the session has ended", true},
    [END_TOO_LARGE] = {"too_large", "a frame is longer than the limit", false},
    [END_SLOW_CONSUMER] = {"slow_consumer", "nothing was read for too long",
	false},
    [END_IDLE] = {"idle", "nothing was heard for too long", false},
    [END_RATE_LIMITED] = {"rate_limited",
	"too many events, or too many connections of this account", false},
    [END_SERVER_RESTART] = {"server_restart",
	"the server restarts: connect again", false},
};

/* The last frame has room of its own, behind what may be full. */
static void
say_last(struct relay *r, enum ending why)
{
	size_t before = queue_length(&r->out);

	r->out.cap += RELAY_LAST_FRAME_MAX;
	if (endings[why].is_refusal && !r->proof.greeted)
		say_refused(r);
	if (queue_length(&r->out) == before)
		say_error(r, endings[why].code, endings[why].reason,
		    (struct span){0}, (struct span){0});
}

void
ending_begin(struct relay *r, enum ending why)
{
	if (r->stage != STAGE_OPEN)
		return;
	say_last(r, why);
	r->stage = STAGE_DRAINING;
	link_leave(r, endings[why].code);
	for (int i = 0; i < TIMERS; i++)
		if (i != TIMER_REPEAT && i != TIMER_DEADLINE)
			r->due[i] = NEVER;
	r->due[TIMER_DRAIN] = r->now_ms + r->options->drain_ms;
}

void
ending_named(struct relay *r, struct span code)
{
	enum ending why = 0;

	while (why < END_SERVER_RESTART && !span_is(code, endings[why].code))
		why++;
	ending_begin(r, why);
}

void
ending_idle(struct relay *r)
{
	ending_begin(r, END_IDLE);
}

void
ending_stalled(struct relay *r)
{
	ending_begin(r, END_SLOW_CONSUMER);
}

/* Nothing of websocketd's pipes may stay open, or it would wait for us. */
static void
stand_alone(struct relay *r)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)setsid();
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (null >= 0)
			(void)dup2(null, fd);
		else
			(void)close(fd);
	r->stage = STAGE_ALONE;
}

void
ending_leave(struct relay *r)
{
	struct task task;
	pid_t child;

	if (r->stage >= STAGE_ALONE)
		return;
	link_leave(r, "left");
	if (!task_first(r, &task)) {
		r->stage = STAGE_OVER;
		return;
	}
	errand_forget_bind(r);
	for (int i = 0; i < TIMERS; i++)
		if (i != TIMER_REPEAT && i != TIMER_DEADLINE)
			r->due[i] = NEVER;
	child = fork();
	if (child > 0)
		r->stage = STAGE_OVER;
	else if (child == 0)
		stand_alone(r);
	else
		r->stage = STAGE_ALONE; /* as long as websocketd lets us */
}
