/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BASE_THREAD_H
#define SPURN_BASE_THREAD_H

#include <pthread.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"

/* Bytes of a thread's name, NUL included. */
#define THREAD_NAME_MAX 16

/* Starts a thread that runs `run`(`argument`), with all signals blocked but those for its own
 * faults (base/fault_guard.h), so that those of the process go to the main thread. `name` (shorter than THREAD_NAME_MAX) is what top and gdb show.
 * `stack_size` is in bytes, 0 for the system's default. The caller joins `*thread`. Returns ERR_OK
 * or an errno value. */
err_t thread_start(pthread_t *thread, const char *name, size_t stack_size, void *(*run)(void *),
		   void *argument) ATTR_NONNULL(1, 2, 4) ATTR_NODISCARD;

#endif
