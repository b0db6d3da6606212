/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_PIDFILE_H
#define SPURN_DAEMON_PIDFILE_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/error.h"

/* A file with the number of this process, held open, so that it can be written and taken back from
 * inside of a chroot. */
typedef struct pidfile {
	int file;         /* -1: there is none */
	int directory;    /* where it is; -1: not known */
	const char *name; /* in that directory */
	const char *path; /* as it was given */
	bool is_new;      /* was not there, and has not been written */
	bool is_made;     /* was not there */
} pidfile_t;

/* No file: the functions below do nothing. */
#define PIDFILE_NONE ((pidfile_t){ .file = -1, .directory = -1 })

/* Opens the file `path`, which is created (readable by all) if need be, and changes nothing in it. A
 * symbolic link is refused, for whoever may write to the directory could make root overwrite any
 * file. `path` must live as long as `*pidfile`. Returns ERR_OK or an errno value; the reason has been
 * logged, and `*pidfile` is PIDFILE_NONE. */
err_t pidfile_open(const char *path, pidfile_t *pidfile) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Overwrites it with the number of this process. Returns ERR_OK or an errno value, logged. */
err_t pidfile_write(pidfile_t *pidfile) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Writes our number again, if a successor that came to nothing after all has put its own there. What
 * goes wrong is logged. */
void pidfile_reclaim(pidfile_t *pidfile) ATTR_NONNULL_ALL;

/* Takes the file back if it still holds our number, or nothing at all since pidfile_open made it:
 * removes it or, where the user that we became must not do that, empties it, so that the number is
 * not taken for another process some day. Anything but a regular file is left alone. */
void pidfile_remove(pidfile_t *pidfile) ATTR_NONNULL_ALL;

/* Leaves the file as it is, to a successor. */
void pidfile_leave(pidfile_t *pidfile) ATTR_NONNULL_ALL;

#endif
