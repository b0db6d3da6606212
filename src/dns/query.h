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
	uint16_t question_size; /* bytes of the question, from the end of the header; 0: none */

	bool has_edns;
	bool edns_do;
	bool has_nsid;      /* asks who answers (RFC 5001) */
	bool has_keepalive; /* asks how long a connection may idle (RFC 7828) */
	uint8_t edns_version;
	uint16_t edns_size; /* UDP payload size of the client, as it says */

	/* The client's cookie, 8 bytes, and behind it the server's, if any, of 8 to 32 (RFC 7873). */
	uint8_t cookie_size;   /* of both; 0: none */
	const uint8_t *cookie; /* points into the packet */

	uint8_t label_count; /* without the root */
	uint8_t qname_size;
	/* Offset of each label's length byte in qname; [label_count] is that of the root. */
	uint8_t labels[DNS_LABELS_MAX + 1];
	/* On the wire, in lower case; room for one byte more, see dataset/question.c. */
	uint8_t qname[DNS_NAME_MAX + 1];
} dns_query_t;

typedef enum dns_parse {
	DNS_PARSE_OK,
	DNS_PARSE_COOKIE, /* no question but a cookie: asks for the server's (RFC 7873 section 5.4) */
	DNS_PARSE_DROP,   /* deserves no reply: a response, or less than a header */
	DNS_PARSE_FORMERR, /* malformed; id, flags, the question if it could be read, and what OPT
			    * says if there is one, are filled in */
	DNS_PARSE_NOTIMP,  /* another opcode than QUERY, or a bit set that only replies have; filled
			    * in as for DNS_PARSE_FORMERR */
} dns_parse_t;

/* Parses one message. Never reads outside of packet[0..size), whatever it holds. There must be one
 * question (RFC 9619), or none and a cookie. Records after it are looked at for OPT (RFC 6891 section
 * 6.1.1) and otherwise ignored; where they are cut off, or their counts are wrong, that is as if they
 * were not there. But an OPT record has to be right: alone, owned by the root, its options filling it
 * and of sizes that they may have. */
dns_parse_t dns_query_parse(const uint8_t *packet, size_t size,
			    dns_query_t *query) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
