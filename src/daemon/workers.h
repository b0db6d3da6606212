/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_WORKERS_H
#define SPURN_DAEMON_WORKERS_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/catalog.h"
#include "net/udp_counters.h"
#include "net/udp_sockets.h"

/* All threads that answer. */
typedef struct workers workers_t;

/* Starts `count` workers, the number for which `sockets` was opened. Both `catalog` and `sockets`
 * must outlive them. The caller ends them with workers_stop. Returns ERR_OK, ERR_NOMEM or an errno
 * value: then none is running, and the reason has been logged. */
err_t workers_start(catalog_t *catalog, const udp_sockets_t *sockets, size_t count,
		    workers_t **workers) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Stops and frees them, and adds what they counted to `*sum`. NULL is fine. */
void workers_stop(workers_t *workers, udp_counts_t *sum) ATTR_NONNULL(2);

/* Adds what they have counted so far to `*sum`. NULL is fine. */
void workers_count(const workers_t *workers, udp_counts_t *sum) ATTR_NONNULL(2);

#endif
