/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BASE_FAULT_GUARD_H
#define SPURN_BASE_FAULT_GUARD_H

#include <stdbool.h>

#include "base/attributes.h"

/* To read memory that a file is mapped to. Who cuts the file short takes pages away: reading them is a SIGBUS.
 * Who writes other bytes to it has offsets lead anywhere: that is a SIGSEGV. Inside the guard both
 * end what was being done, and nothing else.
 *
 * Neither is promised to happen: other bytes may as well be read as if they were meant. Whether a file
 * is what it was has to be seen by looking at it (dataset/mapping.h). */

/* Runs `run`(`context`). Returns true when it returned; false when a fault ended it: then whatever it did
 * so far stays done, memory that it had allocated is lost, and locks that it held stay locked, so it
 * should do without both. Guards may be nested; the innermost counts. Any thread, but none that blocks
 * SIGBUS or SIGSEGV (thread_start's do not). A fault outside of a guard, or a signal that somebody sent,
 * ends the process as ever.
 *
 * Costs some 10 ns. */
bool fault_guard_run(void (*run)(void *context), void *context) ATTR_NONNULL(1) ATTR_NODISCARD;

#endif
