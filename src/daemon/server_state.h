/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_SERVER_STATE_H
#define SPURN_DAEMON_SERVER_STATE_H

#include <ev.h>

#include "catalog/source.h"
#include "daemon/control.h"
#include "daemon/control_reload.h"
#include "daemon/file_watch.h"
#include "daemon/limit_watch.h"
#include "daemon/loader.h"
#include "daemon/query_rates.h"
#include "daemon/server.h"
#include "daemon/statistics.h"
#include "daemon/workers.h"
#include "net/tcp_server.h"

/* What the server is made of: for server.c, and for the commands of the control socket. */
typedef struct server server_t;

/* The main thread's things. */
struct server {
	const server_setup_t *setup;
	struct ev_loop *loop;
	loader_t loader;
	file_watch_t *watch;
	source_gate_t gate; /* that of `watch` */
	workers_t *workers; /* NULL: not ready yet */
	tcp_server_t *tcp;  /* NULL: the same, or no TCP */
	statistics_t *statistics;
	limit_watch_t limit_watch;
	query_rates_t rates;       /* once ready */
	control_t *control;        /* NULL: nobody can ask */
	control_reload_t *reloads; /* who waits for one */
	double start_s;            /* clock_monotonic_s, when it began */
	ev_timer check;
	ev_signal hangup;
	ev_signal stop[2];  /* SIGTERM, SIGINT */
	ev_signal count[2]; /* SIGUSR1, SIGUSR2 */
	exit_status_t status;
};

/* Tells the statistics what has been counted up to now. */
void server_count_queries(server_t *server) ATTR_NONNULL_ALL;

/* What has been counted of messages up to now. */
message_counts_t server_count_messages(const server_t *server) ATTR_NONNULL_ALL;

/* Lets the main loop end, and the server with it, in peace. */
void server_stop(server_t *server) ATTR_NONNULL_ALL;

#endif
