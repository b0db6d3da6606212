/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DNS_CLIENT_H
#define SPURN_DNS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/cursor.h"
#include "dns/dns.h"

/* The client's side of the wire: queries out, replies in. Pure functions; any thread. */

/* Bytes of the largest query. */
#define DNS_CLIENT_QUERY_MAX (DNS_HEADER_SIZE + DNS_NAME_MAX + 4 + DNS_OPT_SIZE + DNS_OPTION_HEAD)

/* What a query offers and asks beside its question. */
typedef enum dns_client_edns {
	DNS_CLIENT_NO_EDNS,
	DNS_CLIENT_EDNS, /* offers DNS_EDNS_SIZE bytes */
	DNS_CLIENT_NSID, /* and asks who answers (RFC 5001) */
} dns_client_edns_t;

/* Writes a query for `name` (on the wire, well-formed) and `type` in class IN, with RD set, for a
 * resolver may stand in between. Returns its size. */
size_t dns_client_write(uint8_t packet[DNS_CLIENT_QUERY_MAX], uint16_t id, const uint8_t *name,
			dns_type_t type, dns_client_edns_t edns) ATTR_NONNULL_ALL;

/* The same with DNS_CLIENT_EDNS. */
size_t dns_client_write_query(uint8_t packet[DNS_CLIENT_QUERY_MAX], uint16_t id,
			      const uint8_t *name, dns_type_t type) ATTR_NONNULL_ALL;

/* Is packet[0..size) a reply to `query`, as dns_client_write_query made it: same ID, same question
 * (RFC 5452 section 9.1)? An error without a question counts, too: so answer servers that could not
 * make sense of the query. Where it came from is the caller's to check. */
bool dns_client_is_reply(const uint8_t *query, const uint8_t *packet,
			 size_t size) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The same for a query that has been found by the ID already, and is known by its question: the name and
 * the type on the wire. */
bool dns_client_is_answer(const uint8_t *name, size_t name_size, dns_type_t type,
			  const uint8_t *packet, size_t size) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Of a reply that dns_client_is_reply has accepted. */
dns_rcode_t dns_client_rcode(const uint8_t *packet) ATTR_NONNULL_ALL;
bool dns_client_is_truncated(const uint8_t *packet) ATTR_NONNULL_ALL;

/* One record of a reply; numbers in host byte order. */
typedef struct dns_record {
	uint16_t type;
	uint16_t class;
	uint32_t ttl_s;
	const uint8_t *rdata; /* points into the packet */
	size_t rdata_size;
} dns_record_t;

/* The records of a reply's ANSWER section that have not been read yet. */
typedef struct dns_answers {
	reader_t reader;
	unsigned left;
} dns_answers_t;

/* Begins to read the answers of a reply that dns_client_is_reply has accepted. */
dns_answers_t dns_client_answers(const uint8_t *packet, size_t size) ATTR_NONNULL_ALL;

/* What a server says beside the rcode (RFC 8914). */
typedef struct dns_client_error {
	uint16_t code;
	const uint8_t *text; /* for people, in UTF-8 perhaps; points into the packet */
	size_t text_size;    /* 0: none */
} dns_client_error_t;

/* Finds the first extended error of a reply that dns_client_is_reply has accepted. Returns false when
 * there is none, or what is before it is malformed. */
bool dns_client_error(const uint8_t *packet, size_t size,
		      dns_client_error_t *error) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Finds who has answered (RFC 5001) in a reply that dns_client_is_reply has accepted: `*nsid` points into
 * the packet. Returns false when it does not tell, or what is before it is malformed. */
bool dns_client_nsid(const uint8_t *packet, size_t size, const uint8_t **nsid,
		     size_t *nsid_size) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Reads the next one. Returns false at the end, and where the packet is malformed: then
 * `answers->reader.overrun` is set. Never reads outside of the packet. */
bool dns_answers_next(dns_answers_t *answers, dns_record_t *record) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
