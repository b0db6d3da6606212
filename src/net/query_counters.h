/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_NET_QUERY_COUNTERS_H
#define SPURN_NET_QUERY_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "catalog/answer.h"
#include "net/message_counters.h"

/* What became of the queries about one zone, as plain numbers. Bytes are those of DNS messages,
 * without the headers of UDP and IP. */
typedef struct query_counts {
	uint64_t ok;       /* replies with NOERROR */
	uint64_t nxdomain; /* and with NXDOMAIN */
	uint64_t failed;   /* and with any other rcode */
	uint64_t dropped;  /* queries without a reply */
	uint64_t bytes_in;
	uint64_t bytes_out;
} query_counts_t;

/* The same, as one worker counts it: it alone writes, any thread may read, as for message_counters_t.
 * An array of them lies by itself, the first one for queries that are about no zone, and one for each
 * zone behind it. */
typedef struct query_counters {
	_Atomic uint64_t ok;
	_Atomic uint64_t nxdomain;
	_Atomic uint64_t failed;
	_Atomic uint64_t dropped;
	_Atomic uint64_t bytes_in;
	_Atomic uint64_t bytes_out;
} query_counters_t;

/* Counts a query that gets no reply. Only for the thread that owns the counters. */
static inline ATTR_NONNULL_ALL void query_counters_drop(query_counters_t *counters,
							size_t query_size)
{
	counter_add(&counters->dropped, 1);
	counter_add(&counters->bytes_in, query_size);
}

/* Counts a packet that answer_batch has been through. Replies count when they are made, as with
 * rbldnsd, whether or not the kernel will take them. Only for the thread that owns the counters. */
static inline ATTR_NONNULL_ALL void query_counters_add(query_counters_t *counters,
						       const answer_packet_t *packet)
{
	if (packet->reply_size == 0) {
		query_counters_drop(counters, packet->query_size);
		return;
	}
	if (packet->rcode == DNS_RCODE_NOERROR)
		counter_add(&counters->ok, 1);
	else if (packet->rcode == DNS_RCODE_NXDOMAIN)
		counter_add(&counters->nxdomain, 1);
	else
		counter_add(&counters->failed, 1);
	counter_add(&counters->bytes_in, packet->query_size);
	counter_add(&counters->bytes_out, packet->reply_size);
}

/* Adds the counters as they are now to `*sum`. Any thread. */
static inline ATTR_NONNULL_ALL void query_counters_sum(const query_counters_t *counters,
						       query_counts_t *sum)
{
	sum->ok += atomic_load_explicit(&counters->ok, memory_order_relaxed);
	sum->nxdomain += atomic_load_explicit(&counters->nxdomain, memory_order_relaxed);
	sum->failed += atomic_load_explicit(&counters->failed, memory_order_relaxed);
	sum->dropped += atomic_load_explicit(&counters->dropped, memory_order_relaxed);
	sum->bytes_in += atomic_load_explicit(&counters->bytes_in, memory_order_relaxed);
	sum->bytes_out += atomic_load_explicit(&counters->bytes_out, memory_order_relaxed);
}

#endif
