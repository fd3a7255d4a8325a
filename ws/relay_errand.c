/*
 * relay_errand.c: requests to the api, one in flight.
 *
 * What binds us at the hub goes first when it is due, then the first task.  A
 * task is repeated up to its deadline under the same REQUEST_ID, which is safe: a
 * message without an id takes its id from that, and marks only grow.  nginx,
 * which would repeat and wait for others, is not on this way.
 */
#include "ws/relay.h"

#define UNAUTHORIZED 401
#define UNAVAILABLE 503

#define BIND_MS 5000 /* an attempt: the api may have been stopped */
#define BROKEN_MS_MIN 20
#define BROKEN_MS_MAX 200
#define BUSY_MS_MIN 200
#define BUSY_MS_MAX 1000

static void
fail_task(struct relay *r, const struct task *task, const char *code,
    const char *reason)
{
	say_failure(
	    r, task, code, reason, r->unknown ? "\"unknown\"" : "false");
	task_done(r);
}

static void
broken(struct relay *r)
{
	enum errand errand = r->errand;

	r->errand = ERRAND_NONE;
	if (errand == ERRAND_BIND) {
		proof_answer(r, 0);
	} else {
		r->unknown = r->unknown || r->api.sent;
		r->due[TIMER_REPEAT] =
		    r->now_ms + jitter_ms(BROKEN_MS_MIN, BROKEN_MS_MAX);
	}
	fcgi_end(&r->api, false);
}

static void
start(struct relay *r, enum errand errand)
{
	r->errand = errand;
	fcgi_start(&r->api, r->options->api);
	if (r->api.state == FCGI_FAILED)
		broken(r);
}

static void
begin_bind(struct relay *r)
{
	struct task task;

	r->proof.due = false;
	r->due[TIMER_BIND] = r->now_ms + BIND_MS;
	fcgi_begin(&r->api, task_first(r, &task));
	if (make_bind_request(r))
		start(r, ERRAND_BIND);
	else
		proof_answer(r, UNAUTHORIZED); /* no api takes such headers */
}

/*
 * The hub takes a join of bound connections alone, so one that is early waits
 * for that, and one without a hub is in vain.  An init binds, so it needs the
 * hub too.  Sends need no hub.
 */
static bool
is_early(const struct relay *r, const struct task *task)
{
	if (r->stage != STAGE_OPEN)
		return false;
	if (task->row->kind == EVENT_INIT)
		return !r->connection[0];
	return task->row->kind == EVENT_JOIN && !r->proof.greeted &&
	       r->proof.asking;
}

/* Settle a task that is for nothing by now. */
static bool
is_in_vain(struct relay *r, const struct task *task)
{
	bool is_init = task->row->kind == EVENT_INIT;

	if (task->row->kind == EVENT_JOIN && !r->proof.bound) {
		fail_task(r, task, "unavailable",
		    "live events are interrupted: join again after resync");
		return true;
	}
	if (r->dialect != &dialect_chat)
		return false;
	if (is_init && r->stage != STAGE_OPEN) {
		chat_forgo(r, task);
		task_done(r);
		return true;
	}
	if (!is_init && r->stage == STAGE_OPEN && !r->chat.is_open) {
		fail_task(r, task, "unauthorized", r->dialect->prove_first);
		return true;
	}
	return false;
}

static void
begin_task(struct relay *r, const struct task *task)
{
	if (is_in_vain(r, task))
		return;
	if (!r->request_id[0])
		random_hex(r->request_id);
	fcgi_begin(&r->api, task_follows(r));
	if (make_task_request(r, task))
		start(r, ERRAND_TASK);
	else
		fail_task(r, task, "too_large", "the request is too large");
}

void
errand_begin(struct relay *r)
{
	struct task task;

	if (r->errand != ERRAND_NONE)
		return;
	if (r->stage == STAGE_OPEN && r->proof.due && r->connection[0])
		begin_bind(r);
	while (r->errand == ERRAND_NONE && r->due[TIMER_REPEAT] == NEVER &&
	       task_first(r, &task) && !is_early(r, &task))
		begin_task(r, &task);
}

/* --- their answers --- */

/* In the api's own words it can be carried out in a moment. */
static void
busy(struct relay *r)
{
	int64_t wait_ms = jitter_ms(BUSY_MS_MIN, BUSY_MS_MAX);

	if (r->api.retry_after * 1000 > wait_ms)
		wait_ms = r->api.retry_after * 1000;
	r->unknown = r->unknown || !answer_is_unwritten(r->api.body);
	r->due[TIMER_REPEAT] = r->now_ms + wait_ms;
	fcgi_end(&r->api, false);
}

static void
answered(struct relay *r)
{
	enum errand errand = r->errand;
	int status = r->api.status;
	struct task task;
	bool is_task = task_first(r, &task);

	r->errand = ERRAND_NONE;
	if (errand == ERRAND_BIND) {
		answer_take_bind(r, status, r->api.body);
		fcgi_end(&r->api, is_task);
	} else if (status == UNAVAILABLE) {
		busy(r);
	} else if (chat_forget(r, status)) {
		fcgi_end(&r->api, true); /* and then once more */
	} else {
		answer_take(r, &task, status, r->api.body);
		task_done(r);
		fcgi_end(&r->api, task_first(r, &task));
	}
}

void
errand_ready(struct relay *r)
{
	fcgi_ready(&r->api);
	if (r->api.state == FCGI_DONE)
		answered(r);
	else if (r->api.state == FCGI_FAILED)
		broken(r);
}

void
errand_forget_bind(struct relay *r)
{
	if (r->errand != ERRAND_BIND)
		return;
	r->errand = ERRAND_NONE;
	fcgi_end(&r->api, false);
}

void
errand_overdue(struct relay *r)
{
	struct task task;

	if (r->errand == ERRAND_TASK)
		broken(r);
	if (task_first(r, &task))
		fail_task(r, &task, "unavailable",
		    "no answer in time: send it again");
}
