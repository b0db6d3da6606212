/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_NET_QUERY_RECORDS_H
#define SPURN_NET_QUERY_RECORDS_H

#include <stddef.h>
#include <time.h>

#include "base/attributes.h"
#include "catalog/catalog.h"
#include "net/message_counters.h"
#include "net/query_counters.h"
#include "net/query_log.h"

/* Where one thread that answers writes down what becomes of queries, whichever way they came. It
 * alone writes; any thread may sum. */
typedef struct query_records {
	message_counters_t messages; /* first, for it is aligned to cache lines; kept by the thread,
				      * but for what limits have hit */
	query_log_writer_t log;
	size_t zone_room;
	query_counters_t
		*queries; /* [0] for no zone, [1 + number] for a zone with a number below */
} query_records_t;

/* Empty records for the zones that `catalog` has and will have (catalog_zone_room), and lines for `log`
 * (NULL: none), which must outlive them. The caller frees them. NULL for want of memory. */
query_records_t *query_records_new(const catalog_t *catalog, query_log_t *log) ATTR_NONNULL(1);

/* NULL is fine. */
void query_records_free(query_records_t *records);

/* Counts a packet that answer_batch has been through, for its zone and among those that a limit has
 * hit, and keeps a line about its reply for the log, which may write lines kept before. The reply must
 * still be where it was written. */
void query_records_add(query_records_t *records, time_t now, const net_address_t *client,
		       const answer_packet_t *packet) ATTR_NONNULL_ALL;

/* Counts a query of `size` bytes that answer_batch is not shown. */
void query_records_drop(query_records_t *records, size_t size) ATTR_NONNULL_ALL;

/* Writes the lines that have been kept, if there are any. */
void query_records_flush(query_records_t *records) ATTR_NONNULL_ALL;

/* Adds what has happened to messages so far, and how many lines of the log were lost, to `*sum`. */
void query_records_sum(const query_records_t *records, message_counts_t *sum) ATTR_NONNULL_ALL;

/* Adds what has been counted for none of the zones to sums[0], and for the zone with a number below
 * `zones` to sums[1 + number]. */
void query_records_sum_queries(const query_records_t *records, size_t zones,
			       query_counts_t *sums) ATTR_NONNULL_ALL;

#endif
