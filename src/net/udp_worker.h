/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_NET_UDP_WORKER_H
#define SPURN_NET_UDP_WORKER_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/catalog.h"
#include "net/udp_counters.h"

/* A thread that answers the queries of its sockets, one for each address. */
typedef struct udp_worker udp_worker_t;

/* Starts a thread that answers from `catalog` what comes to `fds`[0..fd_count) (at least one),
 * which stay the caller's and must stay open, and to nobody else, while it runs. `number` is for
 * its name. The thread blocks all signals but SIGRTMIN, for which a handler that does nothing is
 * installed in the process: it is how the thread is woken up. The caller stops and then frees
 * `*worker`. Returns ERR_OK, ERR_NOMEM or an errno value. */
err_t udp_worker_start(catalog_t *catalog, const int *fds, size_t fd_count, unsigned number,
		       udp_worker_t **worker) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Stops the thread and waits until it has ended: at most for the batch that it has in work. What
 * has not been received stays in the sockets, for they are left as they are. Its counts stay. */
void udp_worker_stop(udp_worker_t *worker) ATTR_NONNULL_ALL;

/* Adds its counts so far to `*sum`. Any thread, until udp_worker_free. */
void udp_worker_count(const udp_worker_t *worker, udp_counts_t *sum) ATTR_NONNULL_ALL;

/* Frees a stopped worker. NULL is fine. */
void udp_worker_free(udp_worker_t *worker);

#endif
