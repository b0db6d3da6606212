/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DNS_REPLY_H
#define SPURN_DNS_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/cursor.h"
#include "dns/fragment.h"
#include "dns/query.h"

/* A reply while it is written: header and question first, then record by record in the order of
 * the sections, OPT last. Pure; bounded by the buffer and by what the client can take. */
typedef struct dns_reply {
	writer_t out;       /* ends where the room for OPT begins */
	uint16_t flags;     /* AA, TC */
	uint8_t rcode;      /* dns_rcode_t, also extended ones */
	uint16_t counts[3]; /* records in ANSWER, AUTHORITY, ADDITIONAL */
	uint16_t question_size;
	bool has_edns;
	bool edns_do;

	/* The RRset being written in ANSWER. */
	size_t rrset; /* where it starts */
	uint16_t rrset_count;
	uint32_t rrset_ttl; /* the smallest of its records */
	bool rrset_ttl_differs;
} dns_reply_t;

/* Starts a reply to `query`, parsed from `packet`, in data[0..capacity): at most the client's EDNS
 * size, or 512 bytes without EDNS. The question is echoed byte for byte, RD is copied, all other
 * flags are clear, rcode is NOERROR. `capacity` >= 512. */
void dns_reply_begin(dns_reply_t *reply, const dns_query_t *query, const uint8_t *packet,
		     uint8_t *data, size_t capacity) ATTR_NONNULL_ALL;

/* Starts an RRset in ANSWER, owned by the question's name. */
void dns_reply_rrset(dns_reply_t *reply) ATTR_NONNULL_ALL;

/* Adds one record to the RRset, unless the same RDATA is in it already; `ttl` in seconds. One RRset
 * has one TTL, the smallest given (RFC 2181 section 5.2). */
void dns_reply_add(dns_reply_t *reply, dns_type_t type, dns_class_t class, uint32_t ttl,
		   const void *rdata, size_t rdata_size) ATTR_NONNULL_ALL;

/* Ends the RRset. If it did not fit it is taken out as a whole and TC set (RFC 2181 section 9). */
void dns_reply_rrset_end(dns_reply_t *reply) ATTR_NONNULL_ALL;

typedef enum dns_section {
	DNS_ANSWER,
	DNS_AUTHORITY,
	DNS_ADDITIONAL,
} dns_section_t;

/* Adds a fragment to `section` as a whole or, where it does not fit, not at all. Offsets as for
 * dns_fragment_write. Returns whether it was added; the caller decides if its absence is TC. */
bool dns_reply_fragment(dns_reply_t *reply, dns_section_t section, const dns_fragment_t *fragment,
			size_t apex_offset, size_t base_offset) ATTR_NONNULL_ALL;

/* Writes OPT, if the query had one, and the header. Returns the size of the reply in bytes. */
size_t dns_reply_finish(dns_reply_t *reply) ATTR_NONNULL_ALL;

#endif
