/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_DOORS_H
#define SPURN_DAEMON_DOORS_H

#include "base/attributes.h"
#include "base/error.h"
#include "daemon/control_socket.h"
#include "daemon/options.h"
#include "daemon/pidfile.h"
#include "daemon/predecessor.h"
#include "daemon/privileges.h"
#include "daemon/server.h"
#include "net/tcp_connection.h"
#include "net/tcp_sockets.h"
#include "net/udp_sockets.h"

/* Where a server is found: its sockets, and the files that lead to it. All is opened with the
 * privileges of the start. One thread. */

/* Plain data. */
typedef struct doors {
	predecessor_t *predecessor; /* whose they are as well (--replace); NULL: nobody's */
	udp_sockets_t *udp;
	tcp_sockets_t *tcp; /* NULL: no TCP */
	tcp_limits_t limits;
	size_t socket_count; /* that there may be, connections included */
	control_socket_t control;
	pidfile_t pidfile;
} doors_t;

/* Opens the ports; with --replace it asks the spurnd that is running for them, and waits for that. Data sets keep
 * `files` files open, for which there is to be room as well.
 * Returns ERR_OK, and the caller closes them; or an error, which has been logged. */
err_t doors_open(doors_t *doors, const options_t *options, const identity_t *identity,
		 size_t files) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Opens the files: the control socket, and the pid file, which is written unless there is a
 * predecessor. The strings of `options` must outlive the doors. Returns ERR_OK or an error, which has
 * been logged. */
err_t doors_open_files(doors_t *doors, const options_t *options,
		       const identity_t *identity) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Takes the files back, unless they are somebody else's, as the end of the server tells. */
void doors_leave_files(doors_t *doors, const server_end_t *end) ATTR_NONNULL_ALL;

/* Closes all that is open. */
void doors_close(doors_t *doors) ATTR_NONNULL_ALL;

#endif
