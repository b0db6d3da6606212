/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_GUARD_H
#define SPURN_DATASET_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/attributes.h"
#include "base/error.h"
#include "zonefile/file_source.h"

/* Files that are mapped and served, as compiled lists are, must be replaced by renaming. Who changes one in
 * place all the same (cp, rsync --inplace, an editor) changes what is being read. A guard sees to it
 * that this ends neither the process nor in a wrong answer:
 *
 *   - What reads the files does so in dataset_guard_run, so that a fault (a page that is no more, an
 *     offset to nowhere) ends the reading alone.
 *   - Before files are read, and once more before anything is told of what was read, dataset_guard_check
 *     looks at size and time of modification, which every way to change a file changes first.
 *
 * A compiled file of the same size that has another time of modification is read then, by the thread that has seen
 * it (5 ms for 30 MB, while the others wait): if all sums are right it was only touched.
 *
 * A guard that has seen a change has been broken for good: the data are asked no more, and answers are
 * SERVFAIL until the next load. It says so in the log, once. Not seen is a change within a tick of the kernel's
 * clock (4 ms) after the file was made. Looking costs a system call for each file (0.1 µs) twice in a
 * batch of queries. */
typedef struct dataset_guard dataset_guard_t;

struct compiled_file;

/* A guard of `count` files, which are mapped and had `stamps` when that was done; opens them once more, to
 * know them when they have been replaced. compiled[0..count) is what they are open as, if they are compiled
 * lists, else NULL; must live as long. Returns ERR_OK, and the caller frees it; ERR_CHANGED: one of
 * them is another one by now; ERR_NOMEM or errno's error. */
err_t dataset_guard_new(const char *const *files, const file_stamp_t *stamps,
			struct compiled_file *const *compiled, size_t count,
			dataset_guard_t **guard) ATTR_NONNULL(5) ATTR_NODISCARD;
/* NULL is fine. */
void dataset_guard_free(dataset_guard_t *guard);

/* Is all as it was? By a look at the files. Any thread. */
bool dataset_guard_check(dataset_guard_t *guard) ATTR_NONNULL_ALL;

/* The same without a look: by what has been seen so far. */
bool dataset_guard_is_broken(const dataset_guard_t *guard) ATTR_NONNULL_ALL;

/* Runs `run`(`context`), which reads the files; false if it was not run to its end, as the guard is broken,
 * by a fault or already. On what is lost then see base/fault_guard.h. Any thread. */
bool dataset_guard_run(dataset_guard_t *guard, void (*run)(void *context), void *context)
	ATTR_NONNULL(1, 2) ATTR_NODISCARD;

/* Of one that is broken: since when, in seconds since 1970, and what there is to say of it. The text lives
 * as long as the guard. */
time_t dataset_guard_since(const dataset_guard_t *guard) ATTR_NONNULL_ALL;
const char *dataset_guard_why(const dataset_guard_t *guard) ATTR_NONNULL_ALL;

#endif
