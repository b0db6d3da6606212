/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "base/thread.h"

#include <signal.h>

err_t thread_start(pthread_t *thread, const char *name, size_t stack_size, void *(*run)(void *),
		   void *argument)
{
	pthread_attr_t attributes;
	sigset_t all;
	sigset_t before;
	int code;

	code = pthread_attr_init(&attributes);
	if (code != 0)
		return (err_t)-code;
	if (stack_size != 0)
		code = pthread_attr_setstacksize(&attributes, stack_size);
	if (code == 0) {
		/* A new thread inherits the mask: there is no moment at which it takes signals. */
		sigfillset(&all);
		sigdelset(&all, SIGBUS);
		sigdelset(&all, SIGSEGV);
		pthread_sigmask(SIG_BLOCK, &all, &before);
		code = pthread_create(thread, &attributes, run, argument);
		pthread_sigmask(SIG_SETMASK, &before, NULL);
	}
	pthread_attr_destroy(&attributes);
	if (code != 0)
		return (err_t)-code;
	/* For those who look on; a thread without its name works as well. */
	(void)pthread_setname_np(*thread, name);
	return ERR_OK;
}
