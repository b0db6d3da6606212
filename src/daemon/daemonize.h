/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_DAEMONIZE_H
#define SPURN_DAEMON_DAEMONIZE_H

#include "base/attributes.h"
#include "base/error.h"

/* A process that is about to go into the background. Until then the one that was started waits, so
 * that whoever started it sees the errors, and their exit status. */
typedef struct background {
	const char *program; /* for syslog */
	int facility;        /* also; syslog(3)'s number */
	int ready;           /* where to tell the parent; -1: we stay in the foreground */
	int null;            /* /dev/null, opened before a chroot hides it */
} background_t;

/* Stays in the foreground: the functions below do nothing. */
#define BACKGROUND_NONE ((background_t){ .program = NULL, .ready = -1, .null = -1 })

/* Forks, and returns in the child alone, which still has the terminal. The parent waits until the
 * child calls background_release, then exits with status 0; or until the child ends, then exits
 * with its status (1 if that was 0 or a signal). Also connects to syslog as `program`, which must
 * outlive the process, and with `facility` (LOG_DAEMON and the like), for a chroot may hide it. To be called before there are threads. Returns
 * ERR_OK, or an errno value: then there is no child, and the reason has been logged. */
err_t background_fork(const char *program, int facility,
		      background_t *background) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Leaves the terminal: a new session, streams to /dev/null, messages to syslog. To be called while
 * there are no other threads. */
void background_enter(background_t *background) ATTR_NONNULL_ALL;

/* Lets the parent go: all is well. */
void background_release(background_t *background) ATTR_NONNULL_ALL;

#endif
