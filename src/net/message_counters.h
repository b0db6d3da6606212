/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_NET_MESSAGE_COUNTERS_H
#define SPURN_NET_MESSAGE_COUNTERS_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/attributes.h"

/* What happened to DNS messages, each a UDP datagram or one of a TCP connection, as plain numbers.
 * received = answered + dropped + send_errors, but for what is under way. */
typedef struct message_counts {
	uint64_t received;
	uint64_t answered;    /* replies that the kernel took */
	uint64_t dropped;     /* without a reply, for they deserve none */
	uint64_t send_errors; /* replies that the kernel did not take */
	/* Of those, what limits have hit: see answer_limited_t. */
	uint64_t limit_dropped;
	uint64_t limit_truncated;
	uint64_t over_quota;
	uint64_t lines_lost; /* of the query log, see net/query_log.h */
} message_counts_t;

/* The counters of one thread that answers. It alone writes them, with plain loads and stores; any
 * thread may read them at any time. A reader is promised that each number is one that the counter
 * had, not that the numbers belong to the same moment. */
typedef struct message_counters {
	/* Alone on its cache lines, and on those that the processor fetches along with them, so
	 * that threads do not slow each other down. */
	_Alignas(128) _Atomic uint64_t received;
	_Atomic uint64_t answered;
	_Atomic uint64_t dropped;
	_Atomic uint64_t send_errors;
	_Atomic uint64_t limit_dropped;
	_Atomic uint64_t limit_truncated;
	_Atomic uint64_t over_quota;
} message_counters_t;

/* Adds to a counter of the calling thread's own. Not an atomic addition, which would lock the bus:
 * nobody else writes. */
static inline void counter_add(_Atomic uint64_t *counter, uint64_t number)
{
	uint64_t old = atomic_load_explicit(counter, memory_order_relaxed);

	atomic_store_explicit(counter, old + number, memory_order_relaxed);
}

/* Adds the counters as they are now to `*sum`. Any thread. */
static inline ATTR_NONNULL_ALL void message_counters_sum(const message_counters_t *counters,
							 message_counts_t *sum)
{
	sum->received += atomic_load_explicit(&counters->received, memory_order_relaxed);
	sum->answered += atomic_load_explicit(&counters->answered, memory_order_relaxed);
	sum->dropped += atomic_load_explicit(&counters->dropped, memory_order_relaxed);
	sum->send_errors += atomic_load_explicit(&counters->send_errors, memory_order_relaxed);
	sum->limit_dropped += atomic_load_explicit(&counters->limit_dropped, memory_order_relaxed);
	sum->limit_truncated +=
		atomic_load_explicit(&counters->limit_truncated, memory_order_relaxed);
	sum->over_quota += atomic_load_explicit(&counters->over_quota, memory_order_relaxed);
}

#endif
