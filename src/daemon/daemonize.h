/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_DAEMONIZE_H
#define SPURN_DAEMON_DAEMONIZE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/attributes.h"
#include "base/error.h"
#include "daemon/privileges.h"

/* A process that is about to go into the background. Until then the one that was started waits, so
 * that whoever started it sees the errors, and their exit status. Or one that is started by a
 * service manager that wants to be told when it is ready: that one waits, and needs no other
 * process. */
typedef struct background {
	const char *program; /* for syslog; NULL: messages stay on stderr */
	int facility;        /* also; syslog(3)'s number */
	int ready;           /* where to tell the parent; -1: there is none */
	pid_t parent;        /* its number; 0: there has been none */
	int manager; /* where to tell the service manager; -1: there is none; server_run takes
			      * it over */
	int null;    /* /dev/null, opened before a chroot hides it */
} background_t;

/* Stays in the foreground, and has nobody to tell: the functions below do nothing. */
#define BACKGROUND_NONE ((background_t){ .program = NULL, .ready = -1, .manager = -1, .null = -1 })

/* Stays in the foreground too, but for the service manager, which background->manager tells. Returns
 * whether there is one, see notify_connect; if not, `*background` is BACKGROUND_NONE. With `program`
 * not NULL, messages go to syslog from background_enter on, as for background_fork. */
bool background_attach(const char *program, int facility, background_t *background) ATTR_NONNULL(3);

/* Forks, and returns in the child alone, which still has the terminal. The parent waits until the
 * child calls background_release, then exits with status 0; or until the child ends, then exits
 * with its status (1 if that was 0 or a signal). For that it needs no privileges, and becomes
 * `identity` at once, as the child does in time. Also connects to syslog as `program`, which must
 * outlive the process, and with `facility` (LOG_DAEMON and the like), for a chroot may hide it. To be
 * called before there are threads. Returns ERR_OK, or an errno value: then there is no child, and the
 * reason has been logged. */
err_t background_fork(const char *program, int facility, const identity_t *identity,
		      background_t *background) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Leaves the terminal: a new session, streams to /dev/null, messages to syslog; for a service
 * manager only the last. To be called while there are no other threads. */
void background_enter(background_t *background) ATTR_NONNULL_ALL;

/* Lets the parent go on: all is well. */
void background_release(background_t *background) ATTR_NONNULL_ALL;

/* Is the parent gone that background_release let go, or was there none? */
bool background_is_alone(const background_t *background) ATTR_NONNULL_ALL;

#endif
