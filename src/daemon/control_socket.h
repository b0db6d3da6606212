/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_CONTROL_SOCKET_H
#define SPURN_DAEMON_CONTROL_SOCKET_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/attributes.h"
#include "base/error.h"
#include "daemon/privileges.h"

/* Where the control socket is, unless --control says otherwise; also where the tool looks. */
#define CONTROL_SOCKET_PATH "/run/spurn/control.sock"
/* The value of --control for no socket. */
#define CONTROL_SOCKET_OFF "none"

/* The file system's end of the control socket: a Unix socket that its owner and group may use. */
typedef struct control_socket {
	int listener;     /* bound, and listening; -1: there is none */
	int directory;    /* where it is, to remove it; -1: it stays behind */
	const char *name; /* in that directory */
	dev_t device;     /* what to know it by */
	ino_t inode;
} control_socket_t;

/* No socket: control_socket_close does nothing. */
#define CONTROL_SOCKET_NONE ((control_socket_t){ .listener = -1, .directory = -1 })

/* Where it shall be, `path` being as below; NULL: there shall be none. */
const char *control_socket_path(const char *path, const identity_t *identity) ATTR_NONNULL(2);

/* Makes the socket at `path`, which must live as long as `*made`: the value of --control, or NULL
 * for CONTROL_SOCKET_PATH if we are to change the user, and no socket if not. It belongs to
 * `identity`, with mode 0660, and so does its directory if that has to be made. A socket that nobody
 * listens to is replaced; one that somebody does, and whatever is no socket, never. To be called
 * with the privileges of the start, by one thread. `is_confined`: the root directory is going to be
 * changed; then nothing is kept open that would lead out of it, and the file stays behind.
 *
 * Returns ERR_OK, with CONTROL_SOCKET_NONE where there shall be none; or an errno value, after
 * logging. Without a `path` it is ERR_OK whatever happens, for to serve is more than to be
 * controlled: what is in the way is logged, and there is no socket. */
err_t control_socket_open(const char *path, const identity_t *identity, bool is_confined,
			  control_socket_t *made) ATTR_NONNULL(2, 4) ATTR_NODISCARD;

/* Takes over the listener of one that is at `path` already, from another spurnd that uses it until we do.
 * The file is given to `identity`. Otherwise as control_socket_open; on failure the listener is closed,
 * too. */
err_t control_socket_inherit(const char *path, const identity_t *identity, bool is_confined,
			     int listener, control_socket_t *made) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Closes it, and leaves the file to a successor. */
void control_socket_leave(control_socket_t *made) ATTR_NONNULL_ALL;

/* Closes it, and removes the file if it is still ours and that is allowed. */
void control_socket_close(control_socket_t *made) ATTR_NONNULL_ALL;

#endif
