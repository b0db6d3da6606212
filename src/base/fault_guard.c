/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "base/fault_guard.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>

/* Is the mask of signals to be saved for siglongjmp? That is a system call each time, and the handler changes
 * none. But where the thread sanitizer calls it, that has blocked all signals. */
#ifdef __SANITIZE_THREAD__
#define SAVE_MASK 1
#else
#define SAVE_MASK 0
#endif

/* Where this thread goes on after a fault; NULL outside of a guard. */
static _Thread_local sigjmp_buf *volatile innermost;

static const int faults[] = { SIGBUS, SIGSEGV };

/* Who had the signal before: nobody, or a sanitizer, whose report it is then. */
static struct sigaction before[COUNT_OF(faults)];

/* Only what POSIX lists as safe in a handler is called here. */
static void handle(int number, siginfo_t *info, void *context ATTR_UNUSED)
{
	/* By the kernel, not by kill(). */
	bool is_fault = info->si_code > 0;

	if (is_fault && innermost != NULL)
		siglongjmp(*innermost, 1);
	for (size_t i = 0; i < COUNT_OF(faults); i++)
		if (faults[i] == number)
			(void)sigaction(number, &before[i], NULL);
	if (!is_fault)
		(void)raise(number);
	/* Else what failed is tried once more, and is theirs. */
}

static void install(void)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO | SA_NODEFER };

	/* With SA_NODEFER the signal is not blocked when siglongjmp leaves the handler. */
	action.sa_sigaction = handle;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < COUNT_OF(faults); i++)
		(void)sigaction(faults[i], &action, &before[i]);
}

bool fault_guard_run(void (*run)(void *context), void *context)
{
	static pthread_once_t is_installed = PTHREAD_ONCE_INIT;
	sigjmp_buf *const outer = innermost;
	sigjmp_buf here;

	(void)pthread_once(&is_installed, install);
	if (sigsetjmp(here, SAVE_MASK) != 0) {
		innermost = outer;
		return false;
	}
	innermost = &here;
	run(context);
	innermost = outer;
	return true;
}
