/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_SANDBOX_H
#define SPURN_DAEMON_SANDBOX_H

#include "base/attributes.h"
#include "base/error.h"

/* The seam to the system's filter of system calls (Linux: seccomp, by libseccomp). A server that
 * runs needs about a hundred of the 400 that there are: whoever takes it over by a packet or a zone
 * file gets no more than those. No new program, no process, no network socket, no executable memory,
 * no other user, no mounts, no tracing. */

/* Do the sanitizers' run-time libraries, which look for leaks from a process of their own, find what
 * they need? In no release: it is wide enough to get out by. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) /* gcc */
#define SANDBOX_IS_SANITIZED 1
#elif defined(__has_feature) /* clang */
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANDBOX_IS_SANITIZED 1
#endif
#endif
#ifndef SANDBOX_IS_SANITIZED
#define SANDBOX_IS_SANITIZED 0
#endif

/* What becomes of a system call outside the filter. */
typedef enum sandbox_mode {
	/* It fails with EPERM, and the kernel writes it to its log (audit, dmesg). A call that was
	 * forgotten here, or that a newer C library makes, costs what it was for, but no answers.
	 * Where the system has no filters, that is logged, and all goes on without. */
	SANDBOX_ON,
	/* There is no filter. */
	SANDBOX_OFF,
	/* It ends the process (SIGSYS), so that no test can miss it. Where the system has no
	 * filters, sandbox_enter fails. */
	SANDBOX_STRICT,
} sandbox_mode_t;

/* Puts the filter on, for all threads, those of the future included, and for good. To be called when
 * all listening sockets are bound and the user has been changed, and before anything of the network
 * or of zone files is read; only by the process that is to serve, for it may send signals to itself
 * alone. Returns ERR_OK, or an errno value that has been logged: then nothing may be served. */
err_t sandbox_enter(sandbox_mode_t mode) ATTR_NODISCARD;

#endif
