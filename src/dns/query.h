/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DNS_QUERY_H
#define SPURN_DNS_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "dns/dns.h"

/* A query as the answer needs it; plain data, numbers in host byte order. */
typedef struct dns_query {
	uint16_t id;
	uint16_t flags; /* the header's second 16 bits, as received */
	uint16_t qtype;
	uint16_t qclass;
	uint16_t question_size; /* bytes of the question, from the end of the header */

	bool has_edns;
	bool edns_do;
	uint8_t edns_version;
	uint16_t edns_size; /* UDP payload size of the client, as it says */

	uint8_t label_count; /* without the root */
	uint8_t qname_size;
	/* Offset of each label's length byte in qname; [label_count] is that of the root. */
	uint8_t labels[DNS_LABELS_MAX + 1];
	uint8_t qname[DNS_NAME_MAX]; /* on the wire, in lower case */
} dns_query_t;

typedef enum dns_parse {
	DNS_PARSE_OK,
	DNS_PARSE_DROP,   /* not a query that deserves a reply: a response, cut short, malformed */
	DNS_PARSE_NOTIMP, /* another opcode than QUERY, or a bit set that only replies have; only
			   * id, flags and the question are filled in */
} dns_parse_t;

/* Parses one message. Never reads outside of packet[0..size), whatever it holds. Records after the
 * question are looked at for OPT (RFC 6891 section 6.1.1) and otherwise ignored; when they are
 * malformed, or their counts are wrong, the query counts as one without EDNS. */
dns_parse_t dns_query_parse(const uint8_t *packet, size_t size,
			    dns_query_t *query) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
