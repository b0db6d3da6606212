/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_SERVER_H
#define SPURN_DAEMON_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attributes.h"
#include "catalog/catalog.h"
#include "catalog/limits.h"
#include "daemon/daemonize.h"
#include "daemon/exit_status.h"
#include "daemon/pidfile.h"
#include "daemon/predecessor.h"
#include "net/query_log.h"
#include "net/tcp_connection.h"
#include "net/tcp_sockets.h"
#include "net/udp_sockets.h"

/* What a server serves and how; plain data, nothing of it is the server's own. */
typedef struct server_setup {
	catalog_t *catalog;
	limits_t *limits; /* of the catalog's options */
	udp_sockets_t *sockets;
	const tcp_sockets_t *tcp_sockets; /* NULL: no TCP */
	const tcp_limits_t *tcp_limits;   /* unless there is no TCP */
	size_t socket_count;              /* that there may be, for descriptors_provide */
	size_t workers;                   /* as many as the sockets were opened for */
	uint32_t check_s;                /* seconds between two checks of the zone files; 0: none */
	bool is_watched;                 /* load files as soon as they change */
	const char *cookie_file;         /* NULL: none */
	bool is_quick;                   /* serve before the first load, and whatever comes of it */
	const char *statistics;          /* the file for them, as statistics_new takes it */
	query_log_t *log;                /* NULL: none */
	struct reconfigure *reconfigure; /* daemon/reconfigure.h; NULL: no configuration file */
	int control;                     /* the control socket, bound; -1: none */
	uid_t uid;                       /* whom we run as, and who may take our place */
	background_t *background;        /* where to go when ready */
	/* Whose place to take; NULL: nobody's. Then it is not quick, whatever `is_quick` says, and
	 * the pid file is written when the place is ours. */
	predecessor_t *predecessor;
	pidfile_t *pidfile;
} server_setup_t;

/* Keeps the signals that server_run takes pending until it does, so that none of them ends the
 * process halfway. */
void server_hold_signals(void);

/* How a server ended; plain data. */
typedef struct server_end {
	/* A load is still running: leave the process with _exit, and free nothing. */
	bool is_loading;
	/* A successor has the server's place, or waits for it: the files of the control socket, and
	 * for who waits the pid file, are not ours any more. */
	bool is_replaced;
	bool is_awaited;
} server_end_t;

/* Loads, answers and reloads until SIGTERM or SIGINT comes, or a successor: the life of the main
 * thread. Logs one line when it is ready, and goes into the background then. Returns EXIT_STATUS_OK,
 * or EXIT_STATUS_FAILED when something could not be started or loaded, which has been logged. When
 * it returns no worker is running. */
exit_status_t server_run(const server_setup_t *setup,
			 server_end_t *end) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
