/*
 * relay_output.c: lines to websocketd, without waiting.
 *
 * A queue of our own, since a pipe takes 64 KiB and then makes the writer
 * wait; a relay that waits on stdout does not read stdin, at which websocketd
 * stops for good.
 */
#include "ws/relay.h"

#include <errno.h>
#include <unistd.h>

/* From here on the hub, which has more room, waits for us.  A packet of it
 * fits on top; what does not, even so, is lost and said to be. */
#define OUTPUT_FULL (64 * 1024)

bool
output_is_full(const struct relay *r)
{
	return queue_length(&r->out) >= OUTPUT_FULL;
}

/* What was lost is said when there is room again, so that it is not, too. */
static void
say_pull(struct relay *r)
{
	if (!r->pull_due || !r->proof.bound || queue_length(&r->out) > 0)
		return;
	r->pull_due = false;
	if (r->dialect != &dialect_chat) {
		say_event(r, SPAN("resync"), SPAN("{}"));
		return;
	}
	proof_ask(r);    /* the answer is what was lost, and more */
	errand_begin(r); /* now: nothing else may end this turn's wait */
}

/* False: nobody reads any more. */
static bool
write_some(struct relay *r)
{
	struct span head = queue_head(&r->out);
	ssize_t n = write(STDOUT_FILENO, head.at, head.len);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	queue_consume(&r->out, (size_t)n);
	r->due[TIMER_STALL] = NEVER;
	return true;
}

/* What pulls is due each time that all is written: while lines keep coming,
 * the queue is empty at no other moment.  poll(2) has its line written. */
void
output_write(struct relay *r)
{
	if (r->stage >= STAGE_ALONE)
		return;
	if (queue_length(&r->out) > 0 && !write_some(r)) {
		ending_leave(r);
		return;
	}
	say_pull(r);
	if (queue_length(&r->out) > 0 && r->due[TIMER_STALL] == NEVER)
		r->due[TIMER_STALL] = r->now_ms + r->options->stall_ms;
}
