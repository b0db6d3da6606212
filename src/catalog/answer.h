/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_ANSWER_H
#define SPURN_CATALOG_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "catalog/catalog.h"
#include "dns/dns.h"

/* From packets to replies: the one room behind every door (UDP, TCP, fuzzers, tests). No sockets,
 * no clock, no allocation. */

/* Most packets that one answer_batch call takes. */
#define ANSWER_BATCH_MAX 64
/* No UDP reply is longer than this, whatever a client says it can take: it fits every path MTU in
 * use, so it is never fragmented (DNS flag day 2020). */
#define ANSWER_UDP_MAX DNS_EDNS_SIZE

/* One query and the place for its reply; plain data. */
typedef struct answer_packet {
	const uint8_t *query; /* as received; not changed, not kept */
	size_t query_size;
	uint8_t *reply;    /* room for ANSWER_UDP_MAX bytes, must not overlap the query */
	size_t reply_size; /* set by answer_batch; 0: send nothing */
} answer_packet_t;

/* What a thread needs to answer: scratch space and rotation counters. One per thread. */
typedef struct answer_context answer_context_t;

/* NULL for want of memory. The caller frees it. */
answer_context_t *answer_context_new(void);
void answer_context_free(answer_context_t *context);

/* Answers `count` (at most ANSWER_BATCH_MAX) packets from one generation. The whole batch is
 * parsed, then looked up, then written, so that memory latency is paid once per batch. */
void answer_batch(answer_context_t *context, const generation_t *generation,
		  answer_packet_t *packets, size_t count) ATTR_NONNULL(1, 2);

#endif
