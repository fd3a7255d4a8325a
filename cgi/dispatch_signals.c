/*
 * dispatch_signals.c: the signals that end us, before and while we serve, and
 * the one that does not, see dispatch.h.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "cgi/dispatch.h"

#define STARTED SIGUSR2 /* tells the thread of the start that it is over */

static pthread_t starter;

static void
signals_of_end(sigset_t *signals)
{
	(void)sigemptyset(signals);
	(void)sigaddset(signals, SIGTERM);
	(void)sigaddset(signals, SIGINT);
}

int
dispatch_wait_signal(void)
{
	sigset_t signals;
	int got = 0;

	signals_of_end(&signals);
	(void)sigaddset(&signals, SIGHUP);
	(void)sigwait(&signals, &got);
	return got;
}

/* Nothing is served yet, and a start may be cut anywhere: just leave. */
static void *
leave_on_signal(void *arg)
{
	sigset_t signals;
	int got = 0;

	signals_of_end(&signals);
	(void)sigaddset(&signals, STARTED);
	(void)sigwait(&signals, &got);
	if (got == STARTED)
		return arg;
	_exit(128 + got);
}

/*
 * SIGUSR1 is ignored because libfcgi would install a handler that makes it
 * stop reading, unless there is something before it comes.
 */
void
dispatch_block_signals(void)
{
	sigset_t signals;

	signals_of_end(&signals);
	(void)sigaddset(&signals, SIGHUP);
	(void)sigaddset(&signals, STARTED);
	(void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGUSR1, SIG_IGN);
	if (pthread_create(&starter, NULL, leave_on_signal, NULL) != 0)
		abort(); /* not even one thread: out of memory */
}

void
dispatch_started(void)
{
	(void)pthread_kill(starter, STARTED);
	(void)pthread_join(starter, NULL);
}
