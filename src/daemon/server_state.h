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
#include "daemon/service.h"
#include "daemon/statistics.h"
#include "daemon/workers.h"
#include "net/tcp_server.h"

/* What the server is made of: for server.c, and for the commands of the control socket. */
typedef struct server server_t;

/* A successor that has asked for the server's place; see daemon/takeover.h. */
typedef struct takeover takeover_t;

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
	takeover_t *takeover;      /* NULL: nobody has */
	service_t service;
	ev_timer parting; /* until our parent is gone, before the predecessor goes */
	double parting_s; /* clock_monotonic_s, when that began */
	double start_s;   /* clock_monotonic_s, when it began */
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

/* Lets others answer: what has come over UDP is answered before it returns, and then nothing more;
 * nobody new is let in at the control socket, no more files are looked at. TCP goes on. */
void server_leave(server_t *server) ATTR_NONNULL_ALL;

#endif
