/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_QUERY_ANSWER_H
#define SPURN_TOOL_QUERY_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "dns/client.h"
#include "tool/exchange.h"

/* What the replies to an A and a TXT question say about a subject. */

typedef enum query_verdict {
	QUERY_LISTED,
	QUERY_NOT_LISTED,
	QUERY_ERROR, /* it could not be told */
} query_verdict_t;

/* What the A reply says; it alone decides (RFC 5782 section 2.1). */
query_verdict_t query_judge(const exchange_t *a) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Bytes of a reason, NUL included. */
#define QUERY_REASON_MAX 256

/* Says why `exchange` (the A or the TXT question) has no good reply, with what to do about it, and
 * what the server says itself (RFC 8914).
 * Returns false, and an empty `reason`, when it has one. */
bool query_explain(const exchange_t *exchange, const exchange_setup_t *setup,
		   char reason[QUERY_REASON_MAX]) ATTR_NONNULL_ALL;

/* Something about a listing, or the want of one, that deserves a look, in words; NULL for nothing.
 * Static. */
const char *query_note(const exchange_t *a, const exchange_t *txt) ATTR_NONNULL_ALL;

/* Goes through the answers of a good reply that are of the type that was asked. */
typedef struct query_records {
	const exchange_t *exchange;
	dns_answers_t answers;
} query_records_t;

query_records_t query_records(const exchange_t *exchange) ATTR_NONNULL_ALL;
bool query_records_next(query_records_t *records,
			dns_record_t *record) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Takes the next of the character-strings that make a TXT record's data (RFC 1035 section 3.3.14)
 * into string[0..*size), which points into the packet. Returns false when there is none. */
bool query_next_string(dns_record_t *txt, const uint8_t **string,
		       size_t *size) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
