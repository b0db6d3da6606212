/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_NET_UDP_WORKER_H
#define SPURN_NET_UDP_WORKER_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/catalog.h"
#include "net/query_records.h"

/* A thread that answers the queries of its sockets. */
typedef struct udp_worker udp_worker_t;

/* What a worker works with; plain data, nothing of it is the worker's own. */
typedef struct udp_worker_setup {
	catalog_t *catalog;
	const int *fds;   /* fds[0..fd_count), its sockets, which others may have, too */
	size_t fd_count;  /* at least one */
	unsigned number;  /* for its name */
	query_log_t *log; /* NULL: none */
} udp_worker_setup_t;

/* Starts a thread that answers from the catalog what comes to the sockets; both, and the log, must
 * outlive it. The thread blocks all signals but SIGRTMIN, for which a handler that does nothing is
 * installed in the process: it is how the thread is woken up. The caller stops and then frees
 * `*worker`. Returns ERR_OK, ERR_NOMEM or an errno value. */
err_t udp_worker_start(const udp_worker_setup_t *setup,
		       udp_worker_t **worker) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Stops the thread and waits until it has ended. What has come to its sockets until then is answered
 * first, unless that is more than a full queue of each; the sockets are left as they are. Its counts
 * stay. Does nothing for a worker that has been stopped. */
void udp_worker_stop(udp_worker_t *worker) ATTR_NONNULL_ALL;

/* Adds its counts so far to `*sum`. Any thread, until udp_worker_free. */
void udp_worker_count(const udp_worker_t *worker, message_counts_t *sum) ATTR_NONNULL_ALL;

/* Adds what it has counted for zones, and for none of them, to sums[0..zones], as
 * query_records_sum_queries does. Any thread, until udp_worker_free. */
void udp_worker_count_queries(const udp_worker_t *worker, size_t zones,
			      query_counts_t *sums) ATTR_NONNULL_ALL;

/* Frees a stopped worker. NULL is fine. */
void udp_worker_free(udp_worker_t *worker);

#endif
