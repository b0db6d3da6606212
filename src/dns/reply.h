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

/* What OPT of a reply shall carry; plain data. */
typedef struct dns_reply_options {
	const uint8_t *nsid; /* not NULL: NSID, nsid[0..nsid_size) */
	size_t nsid_size;
	const uint8_t *cookie; /* not NULL: client and server cookie, cookie[0..cookie_size) */
	size_t cookie_size;
	bool has_keepalive;
	uint16_t keepalive_ds; /* how long a connection may idle, in tenths of a second */
} dns_reply_options_t;

/* Records of an RRset that are looked through one by one; of a longer one they are looked up in a
 * table. Nearly all have less, and would only pay for the table. */
#define DNS_REPLY_SCAN 32
/* Twice the records that fit into a reply, of 14 bytes at least and all different. */
#define DNS_REPLY_SLOTS 8192

/* A reply while it is written: header and question first, then record by record in the order of
 * the sections, OPT last. Pure; bounded by the buffer and by what the client can take. */
typedef struct dns_reply {
	writer_t out;       /* ends where the room for OPT begins */
	size_t limit;       /* bytes that the whole reply may have */
	uint16_t flags;     /* AA, TC */
	uint8_t rcode;      /* dns_rcode_t, also extended ones */
	uint16_t counts[3]; /* records in ANSWER, AUTHORITY, ADDITIONAL */
	uint16_t question_size;
	bool has_edns;
	bool edns_do;
	const dns_reply_options_t *options;
	/* May be set until the end; left out where it does not fit, or the query had no OPT. */
	dns_error_t error;
	const char *error_text; /* NULL, or what more there is to say of it, in UTF-8; short */

	/* The RRset being written in ANSWER. */
	size_t rrset; /* where it starts */
	uint16_t rrset_count;
	uint32_t rrset_ttl; /* the smallest of its records */
	bool rrset_ttl_differs;
	/* Where its records start, plus one, by a hash of their RDATA (open addressing, 0: free), once
	 * they are DNS_REPLY_SCAN. Without it the 4,000 records that fit into a reply over TCP would
	 * take 40 ms. Last, for it is not cleared with the rest. */
	uint16_t rrset_slots[DNS_REPLY_SLOTS];
} dns_reply_t;

/* How long a reply over UDP may be, in bytes: what the client can take, which is 512 without EDNS
 * and never less (RFC 6891 section 6.2.3), and no more than `most`. */
size_t dns_reply_udp_limit(const dns_query_t *query, size_t most) ATTR_NONNULL_ALL;

/* Starts a reply to `query`, parsed from `packet`, in data[0..limit), `limit` >= 512. The question is
 * echoed byte for byte, opcode and RD are copied, all other flags are clear, rcode is NOERROR. If the
 * query had OPT, the reply will, and room for it and `options`, which
 * must last until dns_reply_finish, is kept free from the start. */
void dns_reply_begin(dns_reply_t *reply, const dns_query_t *query, const uint8_t *packet,
		     const dns_reply_options_t *options, uint8_t *data,
		     size_t limit) ATTR_NONNULL_ALL;

/* Starts what is no message but RRsets alone, in data[0..size), at most 65,535 bytes; it needs no
 * dns_reply_finish. */
void dns_reply_begin_bare(dns_reply_t *reply, uint8_t *data, size_t size) ATTR_NONNULL_ALL;

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
