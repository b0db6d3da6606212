/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BASE_PARALLEL_H
#define SPURN_BASE_PARALLEL_H

#include "base/attributes.h"
#include "base/error.h"

/* Work that can be cut into tasks which know nothing of each other. */

/* Runs `task`(`context`, number) for each number below `count`, in any order: in this thread and, where the
 * caller may use another CPU, in a second one. If that cannot be had, this one does it all. Each thread
 * takes the next task when it is through with one, so a dozen tasks or two are enough for both to end at the
 * same time. A thread costs some 50 us, so tasks should be worth more together.
 *
 * Tasks may read memory that a file is mapped to, inside or outside of a guard (base/fault_guard.h), and so
 * must not allocate memory or take locks. Returns ERR_OK, or ERR_CHANGED when a fault ended a task; then
 * others may not have been run. */
err_t parallel_run(unsigned count, void (*task)(void *context, unsigned number), void *context)
	ATTR_NONNULL(2) ATTR_NODISCARD;

#endif
