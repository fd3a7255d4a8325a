/*
 * relay_task.c: events that wait for the api, in their order.
 *
 * A queue of our own, because one connection's sends keep their order, and
 * stdin must be read on meanwhile: nothing below us can hold them.
 */
#include "ws/relay.h"

#include <string.h>

/* As it lies in the queue; data and ack follow. */
struct record {
	const struct event_row *row;
	int64_t deadline_ms;
	size_t data_len, ack_len;
};

bool
task_put(struct relay *r, const struct task *task)
{
	struct record record = {
	    .row = task->row,
	    .deadline_ms = task->deadline_ms,
	    .data_len = task->data.len,
	    .ack_len = task->ack.len,
	};

	queue_begin(&r->tasks);
	queue_put(&r->tasks, (const char *)&record, sizeof(record));
	queue_span(&r->tasks, task->data);
	queue_span(&r->tasks, task->ack);
	if (!queue_commit(&r->tasks))
		return false;
	if (r->due[TIMER_DEADLINE] == NEVER)
		r->due[TIMER_DEADLINE] = task->deadline_ms;
	return true;
}

bool
task_first(const struct relay *r, struct task *task)
{
	struct span head = queue_head(&r->tasks);
	struct record record;

	if (head.len == 0)
		return false;
	memcpy(&record, head.at, sizeof(record));
	task->row = record.row;
	task->deadline_ms = record.deadline_ms;
	task->data = (struct span){head.at + sizeof(record), record.data_len};
	task->ack = (struct span){0};
	if (record.ack_len > 0)
		task->ack = (struct span){
		    task->data.at + record.data_len, record.ack_len};
	return true;
}

static size_t
task_bytes(const struct task *task)
{
	return sizeof(struct record) + task->data.len + task->ack.len;
}

bool
task_follows(const struct relay *r)
{
	struct task task;

	return task_first(r, &task) &&
	       queue_length(&r->tasks) > task_bytes(&task);
}

void
task_done(struct relay *r)
{
	struct task task;

	if (task_first(r, &task))
		queue_consume(&r->tasks, task_bytes(&task));
	r->request_id[0] = '\0';
	r->unknown = false;
	r->due[TIMER_REPEAT] = NEVER;
	r->due[TIMER_DEADLINE] =
	    task_first(r, &task) ? task.deadline_ms : NEVER;
}
