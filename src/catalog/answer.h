/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_ANSWER_H
#define SPURN_CATALOG_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/attributes.h"
#include "base/ip6.h"
#include "catalog/catalog.h"
#include "dns/dns.h"

/* From packets to replies: the one room behind every door (UDP, TCP, fuzzers, tests). No sockets,
 * no clock, no allocation. */

/* Most packets that one answer_batch call takes. */
#define ANSWER_BATCH_MAX 64
/* No UDP reply is longer than this, whatever a client says it can take: it fits every path MTU in
 * use, so it is never fragmented (DNS flag day 2020). */
#define ANSWER_UDP_MAX DNS_EDNS_SIZE

/* Longest reply over TCP (RFC 1035 section 4.2.2). */
#define ANSWER_TCP_MAX 65535

/* How packets travel. */
typedef enum answer_transport {
	ANSWER_UDP, /* replies of at most ANSWER_UDP_MAX bytes, and who asks may be forged */
	ANSWER_TCP, /* replies as long as there is room */
} answer_transport_t;

/* The time at which packets are answered. */
typedef struct answer_time {
	time_t wall_s;      /* since 1970, by which data expire */
	uint64_t steady_ms; /* of a clock that nobody sets, for rates */
} answer_time_t;

/* What limits have done to a reply; see catalog/limits.h. */
typedef enum answer_limited {
	ANSWER_NOT_LIMITED,
	ANSWER_DROPPED,    /* none, for the client's prefix has had too many */
	ANSWER_TRUNCATED,  /* for the same reason, one without data */
	ANSWER_OVER_QUOTA, /* REFUSED, for the key has had too many */
} answer_limited_t;

/* The query was about nothing that is served, or none at all. */
#define ANSWER_NO_ZONE UINT32_MAX

/* One query and the place for its reply; plain data. */
typedef struct answer_packet {
	const uint8_t *query; /* as received; not changed, not kept */
	size_t query_size;
	ip6_address_t client; /* who asks; IPv4 v4-mapped */
	answer_transport_t transport;
	uint16_t keepalive_ds; /* how long its connection may idle, in tenths of a second */
	bool is_exempt;        /* from ACLs and expiry: the server itself asks, for its glue */
	uint8_t *reply;        /* must not overlap the query */
	size_t reply_room;     /* bytes of `reply`: ANSWER_UDP_MAX or more; for TCP what there is */
	size_t reply_size;     /* set by answer_batch; 0: send nothing */
	/* Set by answer_batch, too: */
	uint32_t zone;  /* number of the zone that was asked (zone_t), or ANSWER_NO_ZONE */
	uint16_t rcode; /* of the reply, with the upper bits that travel in OPT */
	answer_limited_t limited;
} answer_packet_t;

/* What a thread needs to answer: scratch space and rotation counters. One per thread. */
typedef struct answer_context answer_context_t;

/* NULL for want of memory. The caller frees it. */
answer_context_t *answer_context_new(void);
void answer_context_free(answer_context_t *context);

/* Answers `count` (at most ANSWER_BATCH_MAX) packets from one generation. The whole batch is
 * parsed, then looked up, then written, so that memory latency is paid once per batch. */
void answer_batch(answer_context_t *context, const generation_t *generation,
		  const answer_time_t *now, answer_packet_t *packets, size_t count)
	ATTR_NONNULL(1, 2, 3);

#endif
