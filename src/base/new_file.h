/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BASE_NEW_FILE_H
#define SPURN_BASE_NEW_FILE_H

#include <limits.h>
#include <stdio.h>

#include "base/attributes.h"
#include "base/error.h"

/* A file that is there when it is complete, and not before: it is written under another name beside its own,
 * reaches the disk, and is renamed. Whoever reads it meanwhile has the one from before, and so has who looks after
 * a power cut, at whatever moment. It has the mode of the one before, and its owner and group as far as this
 * process may give them. What is no plain file (/dev/stdout, a pipe) is written as it is; of a link, what it
 * points to. */

typedef struct new_file {
	FILE *out;                /* to write to */
	char path[PATH_MAX];      /* what it will be */
	char temporary[PATH_MAX]; /* what it is meanwhile; "" if it is not renamed */
} new_file_t;

/* Begins a file. Returns ERR_OK, after which new_file_end or new_file_abandon has to be called; or ERR_NO_SPACE (the path is too
 * long) or an error of the system. */
err_t new_file_begin(new_file_t *file, const char *path) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Puts it in place. Returns ERR_OK; or an error of the system, now or when it was written, and then there is
 * what was there before; or ERR_NOT_SYNCED: it is in place, but the directory did not reach the disk. */
err_t new_file_end(new_file_t *file) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Leaves what was there before, and nothing else. */
void new_file_abandon(new_file_t *file) ATTR_NONNULL_ALL;

/* From now on SIGINT, SIGTERM and SIGHUP, unless they are ignored, take away the temporary file, of the last one begun,
 * before they end the process; and SIGXFSZ becomes EFBIG's error. For a process that has nothing else to do then; its threads must block these signals
 * (thread_start's do). */
void new_file_clean_up_on_signals(void);

/* Could it be written? Leaves nothing behind. Returns as new_file_begin. */
err_t new_file_check(const char *path) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
