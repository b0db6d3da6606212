/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_WORKERS_H
#define SPURN_DAEMON_WORKERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/catalog.h"
#include "net/query_records.h"
#include "net/udp_sockets.h"

/* All threads that answer. */
typedef struct workers workers_t;

/* Starts `count` workers, the number for which `sockets` was opened; `log` may be NULL. What is
 * given must outlive them. The caller stops, then frees them. Returns ERR_OK, ERR_NOMEM or an errno
 * value: then none is running, and the reason has been logged. */
err_t workers_start(catalog_t *catalog, const udp_sockets_t *sockets, size_t count,
		    query_log_t *log, workers_t **workers) ATTR_NONNULL(1, 2, 5) ATTR_NODISCARD;

/* Starts one more, for the sockets fds[0..count), at least one, of somebody else who cannot serve them
 * yet. They belong to the workers if this returns ERR_OK, until workers_free. Once at most: ERR_INVAL
 * if there are such sockets already; or ERR_NOMEM or an errno value, logged. */
err_t workers_add(workers_t *workers, const int *fds, size_t count) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Those sockets; they stay owned by the workers. */
const int *workers_lent(const workers_t *workers, size_t *count) ATTR_NONNULL_ALL;

/* Stops them. What they have counted stays. NULL is fine. */
void workers_stop(workers_t *workers);

/* Frees them, once stopped. NULL is fine. */
void workers_free(workers_t *workers);

/* Does each of them take queries? Not if one had some waiting when this was asked the last time, has some
 * now, and has taken none in between, which is logged: so ask seldom, some seconds apart. NULL: yes. */
bool workers_are_taking(workers_t *workers);

/* Adds what they have counted so far to `*sum`. NULL is fine. */
void workers_count(const workers_t *workers, message_counts_t *sum) ATTR_NONNULL(2);

/* How many there are, and what one of them, by its number below that, has counted. NULL is fine: 0. */
size_t workers_number(const workers_t *workers);
void workers_count_one(const workers_t *workers, size_t number,
		       message_counts_t *sum) ATTR_NONNULL_ALL;

/* As workers_count, for what they have counted for zones, and for none of them: sums[0..zones], as
 * query_records_sum_queries does. */
void workers_count_queries(const workers_t *workers, size_t zones, query_counts_t *sums)
	ATTR_NONNULL(3);

#endif
