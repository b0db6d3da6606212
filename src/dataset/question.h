/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_QUESTION_H
#define SPURN_DATASET_QUESTION_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/attributes.h"
#include "base/ip6.h"
#include "dns/query.h"

struct entry_values;

/* What an ACL may have a client see instead of the data. Generic records stay as they are. */
typedef enum dataset_override {
	DATASET_AS_IT_IS,
	DATASET_EMPTY,         /* no entries at all */
	DATASET_ALWAYS_LISTED, /* whatever can be a key of the data set is listed */
} dataset_override_t;

/* Who asks, and when: what the answer depends on besides the name. Plain data. */
typedef struct dataset_asker {
	time_t now;           /* seconds since 1970 */
	ip6_address_t client; /* IPv4 v4-mapped */
	bool has_key;         /* a key that an aclkey data set knows was part of the name */
	dataset_override_t override;
	const struct entry_values *listed_by; /* of DATASET_ALWAYS_LISTED, what is seen: */
	uint32_t listed_entry;                /* its number there, */
	uint32_t listed_ttl_s;                /* and for how long it holds */
} dataset_asker_t;

/* What a query asks of a zone's data: the labels below the apex, and the addresses they stand for.
 * Addresses in host byte order. */
typedef struct dataset_question {
	const dns_query_t *query;
	const dataset_asker_t *asker;
	unsigned depth; /* labels below the apex; 0: the apex itself */

	/* The IPv4 address that is asked for: four octets (4.3.2.1), or 32 nibbles of a v4-mapped
	 * (::ffff:1.2.3.4, RFC 4291 section 2.5.5.2) or 6to4 (2002:102:304::/48, RFC 3056) address.
	 */
	bool has_ip4;
	uint32_t ip4;

	/* The addresses whose names are below this one: one to three octets, or one to 31 nibbles
	 * with which such IPv6 forms begin. So 0.0.0.0 is an address, and above ::ffff:1.2.3.4 as
	 * well. A prefix of 0, 4, 8... 32 bits. */
	bool has_ip4_range;
	uint32_t ip4_first;
	uint32_t ip4_last;

	/* The IPv6 address that is asked for: 32 nibbles. Not of a v4-mapped address where there
	 * are IPv4 data: that is looked up in those alone. */
	bool has_ip6;
	/* One to 31 nibbles: the addresses whose names are below this one start with them. */
	bool has_ip6_range;
	ip6_address_t ip6;  /* or the first address of the range */
	uint8_t ip6_length; /* bits of the range that are given: 4..124, a multiple of 4 */
} dataset_question_t;

/* Decodes `query`, whose last labels from `apex_label` on (an index into query->labels) are the
 * zone apex. `has_ip4_data`: will an IPv4 data set be asked? `query` and `asker` must outlive the
 * question. */
void dataset_question_init(dataset_question_t *question, const dns_query_t *query,
			   const dataset_asker_t *asker, unsigned apex_label,
			   bool has_ip4_data) ATTR_NONNULL_ALL;

#endif
