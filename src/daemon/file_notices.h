/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_FILE_NOTICES_H
#define SPURN_DAEMON_FILE_NOTICES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "daemon/settling.h"

/* The seam to the system's notices of what happens to files (Linux: inotify). One thread at a time.
 *
 * Watched are the directories on the way to a path, and on the way that symbolic links on it lead,
 * each for the one name that matters: so a path is heard of that does not exist yet, or leads
 * elsewhere of a sudden. Not heard of are: what other computers do on network file systems, what is
 * mounted over a directory, and what is in a directory that may not be read. */
typedef struct file_notices file_notices_t;

/* Told that something has happened to a path: `file` is its place in `paths`. */
typedef void (*file_notices_told_t)(void *context, size_t file, settling_sign_t sign);

/* Asks for notices, of nothing yet. Returns ERR_OK, and the caller frees `*notices`; or ERR_NOMEM or
 * an errno value, which has been logged with what to do. */
err_t file_notices_new(file_notices_t **notices) ATTR_NONNULL_ALL ATTR_NODISCARD;
/* NULL is fine. */
void file_notices_free(file_notices_t *notices);

/* The descriptor that can be read when there are notices. */
int file_notices_fd(const file_notices_t *notices) ATTR_NONNULL_ALL;

/* From now on notices are of paths[0..count), which are not kept. What happens from the call on is
 * told of later; what happened before is for the caller to look at. What cannot be watched is logged,
 * once. Returns ERR_OK, or ERR_NOMEM: then all is as before. */
err_t file_notices_watch(file_notices_t *notices, const char *const *paths, size_t count)
	ATTR_NONNULL(1) ATTR_NODISCARD;

/* Reads what notices there are, without waiting, and tells of them in their order. Returns whether
 * the way to a path has changed, or notices were lost: then file_notices_watch is to be called again,
 * and all files are to be looked at. */
bool file_notices_read(file_notices_t *notices, file_notices_told_t told, void *context)
	ATTR_NONNULL(1, 2) ATTR_NODISCARD;

#endif
