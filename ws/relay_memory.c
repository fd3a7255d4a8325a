/*
 * relay_memory.c: what one idle connection costs, of which there are thousands.
 *
 * All buffers are one static arena, whose pages exist only while they hold
 * something: no malloc, nothing to free.  Untouched .bss costs nothing; a page
 * that was touched costs 4 KiB until it is given back.
 */
#include "ws/relay.h"

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096
#define FRAMES_BYTES 512 /* of the calls below memory_rest() */
#define STACK_BYTES (64 * 1024)

#define PARAMS_MAX (64 * 1024) /* of a request: one record */
#define BODY_MAX (RELAY_LINE_MAX + PAGE)
#define ANSWER_MAX (768 * 1024) /* pending offers make them long */

/* What is given back; the answer last, as little of it is touched. */
struct arena {
	char line[RELAY_LINE_MAX];
	char packet[BUS_PACKET_MAX];
	char tasks[RELAY_TASKS_MAX];
	char output[RELAY_OUTPUT_MAX + PAGE];
	char request[PARAMS_MAX + BODY_MAX];
	char scratch[RELAY_OUTPUT_MAX - PAGE]; /* a history of it fits there */
	char answer[ANSWER_MAX];
};

/*
 * Two credentials, which are kept, then the arena.  /chat, which has none but
 * the browser's, keeps its session and its init there.  Common storage, as the
 * linker puts that last; and not aligned, so that what is kept shares one page
 * with .data and all the rest of .bss.
 */
char relay_memory[2 * RELAY_BEARER_MAX + PAGE + sizeof(struct arena)]
    __attribute__((common));

static struct arena *
arena(void)
{
	uintptr_t at = (uintptr_t)relay_memory + 2 * RELAY_BEARER_MAX;

	return (struct arena *)((at + PAGE - 1) / PAGE * PAGE);
}

void
memory_init(struct relay *r)
{
	struct arena *a = arena();

	/* A huge page would be 2 MiB for one byte. */
	(void)prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	line_init(&r->in, a->line, (size_t)r->options->line_bytes);
	queue_init(&r->out, a->output, RELAY_OUTPUT_MAX);
	queue_init(&r->tasks, a->tasks, sizeof(a->tasks));
	queue_init(&r->scratch, a->scratch, sizeof(a->scratch));
	fcgi_init(&r->api, a->request, sizeof(a->request), a->answer,
	    sizeof(a->answer));
	r->packet = a->packet;
	r->previous = relay_memory + RELAY_BEARER_MAX;
	r->credential = relay_memory;
	if (r->dialect == &dialect_chat) {
		r->session = relay_memory;
		r->init = r->session + RELAY_SESSION_MAX;
		r->credential = r->previous; /* "" */
	}
}

/*
 * The stack grew for the JSON scanner and never shrinks by itself.  What lies
 * below the calls that are under way is nobody's.
 */
static void
rest_stack(void)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0) - FRAMES_BYTES;
	uintptr_t end = here / PAGE * PAGE;

	(void)madvise((void *)(end - STACK_BYTES), STACK_BYTES, MADV_DONTNEED);
}

void
memory_rest(struct relay *r)
{
	if (r->in.start < r->in.end || queue_length(&r->out) > 0 ||
	    queue_length(&r->tasks) > 0 || r->errand != ERRAND_NONE)
		return;
	(void)madvise(arena(), sizeof(struct arena), MADV_DONTNEED);
	rest_stack();
}

/* --- the descriptor table --- */

static int
wait_for_the_end(void *unused)
{
	(void)unused;
	for (;;)
		(void)pause();
	return 0;
}

/*
 * fork() gave us a copy of websocketd's descriptor table, as large as all its
 * connections need.  The kernel makes it small when it must copy it, which is
 * when a table that two share is unshared: so, for a moment, there are two.
 */
void
memory_shrink_table(void)
{
	char *stack = arena()->answer + PAGE;
	pid_t helper = clone(wait_for_the_end, stack,
	    CLONE_VM | CLONE_FILES | CLONE_FS | SIGCHLD, NULL);

	if (helper < 0)
		return;
	(void)unshare(CLONE_FILES);
	(void)kill(helper, SIGKILL);
	(void)waitpid(helper, NULL, 0);
}
