/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_FILE_WATCH_H
#define SPURN_DAEMON_FILE_WATCH_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "zonefile/file_source.h"

/* Watches files, in a thread of its own, and tells which of those that have changed are complete; see
 * settling.h for when that is. By notices of the system where there are any, and by looking when told
 * to: both end in the same rule.
 *
 * Why not libev's ev_stat: it looks at files in the thread of its loop, which is the main one, so that
 * a file server that hangs would keep TCP and control waiting; and it does not tell whether who wrote
 * to a file has closed it. */
typedef struct file_watch file_watch_t;

typedef struct file_watch_setup {
	struct ev_loop *loop;
	bool has_notices; /* ask the system for notices; else files are only looked at */
	/* Called in the loop when files that have changed may be read now. */
	void (*on_news)(void *context);
	void *context;
} file_watch_setup_t;

/* Begins to watch the files paths[0..count), which are copied; relative paths are from the current
 * directory. Waits for the disk. No change from here on is missed, but none is told before
 * file_watch_start. Where the system has no notices, that has been logged, and all goes on without.
 * The caller frees `*watch`. Returns ERR_OK, ERR_NOMEM or an errno value. Main thread, as all that
 * follows unless it says otherwise. */
err_t file_watch_new(const file_watch_setup_t *setup, const char *const *paths, size_t count,
		     file_watch_t **watch) ATTR_NONNULL(1, 4) ATTR_NODISCARD;

/* Starts the thread. Returns ERR_OK or an errno value: then it will tell nothing. */
err_t file_watch_start(file_watch_t *watch) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Watches these files from now on, instead of those before; what is known of files that were watched
 * stays. Returns ERR_OK or ERR_NOMEM: then nothing is changed. */
err_t file_watch_set_files(file_watch_t *watch, const char *const *paths, size_t count)
	ATTR_NONNULL(1) ATTR_NODISCARD;

/* Lets the thread look at all files: for -c. */
void file_watch_look(file_watch_t *watch) ATTR_NONNULL_ALL;

/* May the file `path` be read, as it was found just now in `state`? Not if it may be incomplete; then
 * there will be news of it, sooner or later. Yes if it is not one of those that are watched. May wait for the
 * disk. `watch` is a file_watch_t; any thread, so that it can be the gate of a load. */
bool file_watch_may_read(void *watch, const char *path,
			 const file_state_t *state) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Ends the thread and frees all. Returns false if it could not be ended in a second, as it waits for a
 * disk: then nothing is freed; leave the process with _exit. NULL is fine. */
bool file_watch_free(file_watch_t *watch) ATTR_NODISCARD;

#endif
