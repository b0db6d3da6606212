/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/query_answer.h"

#include <stdio.h>
#include <string.h>

#include "tool/rcode.h"

/* Listings are answered with addresses in 127.0.0.0/8 (RFC 5782 section 2.1). */
#define LISTING_OCTET 127

/* Extended errors in words (RFC 8914 section 5.2). */
static const char *error_name(unsigned code)
{
	static const char *const names[] = {
		"Other Error",
		"Unsupported DNSKEY Algorithm",
		"Unsupported DS Digest Type",
		"Stale Answer",
		"Forged Answer",
		"DNSSEC Indeterminate",
		"DNSSEC Bogus",
		"Signature Expired",
		"Signature Not Yet Valid",
		"DNSKEY Missing",
		"RRSIGs Missing",
		"No Zone Key Bit Set",
		"NSEC Missing",
		"Cached Error",
		"Not Ready",
		"Blocked",
		"Censored",
		"Filtered",
		"Prohibited",
		"Stale NXDOMAIN Answer",
		"Not Authoritative",
		"Not Supported",
		"No Reachable Authority",
		"Network Error",
		"Invalid Data",
	};

	return code < COUNT_OF(names) ? names[code] : "another error";
}

/* Appends what the server says beside the rcode, as far as there is room. */
static void append_error(const exchange_t *exchange, char reason[QUERY_REASON_MAX])
{
	size_t at = strlen(reason);
	dns_client_error_t error;
	char text[QUERY_REASON_MAX];
	size_t size = 0;

	if (!dns_client_error(exchange->reply, exchange->reply_size, &error))
		return;
	/* It may hold anything; a terminal gets letters. */
	for (; size < error.text_size && size < sizeof(text) - 1; size++)
		text[size] = error.text[size] >= 0x20 && error.text[size] < 0x7f
				     ? (char)error.text[size]
				     : '?';
	text[size] = '\0';
	snprintf(reason + at, QUERY_REASON_MAX - at, " (EDE %u: %s%s%s)", error.code,
		 error_name(error.code), size > 0 ? ", " : "", text);
}

query_records_t query_records(const exchange_t *exchange)
{
	query_records_t records = { .exchange = exchange };

	if (exchange->reply != NULL)
		records.answers = dns_client_answers(exchange->reply, exchange->reply_size);
	return records;
}

bool query_records_next(query_records_t *records, dns_record_t *record)
{
	while (dns_answers_next(&records->answers, record)) {
		/* A resolver may have put the CNAME before it that led there. */
		if (record->class == DNS_CLASS_IN && record->type == records->exchange->type &&
		    (record->type != DNS_TYPE_A || record->rdata_size == 4))
			return true;
	}
	return false;
}

bool query_next_string(dns_record_t *txt, const uint8_t **string, size_t *size)
{
	if (txt->rdata_size == 0 || txt->rdata[0] > txt->rdata_size - 1)
		return false;
	*size = txt->rdata[0];
	*string = txt->rdata + 1;
	txt->rdata += 1 + *size;
	txt->rdata_size -= 1 + *size;
	return true;
}

static bool has_record(const exchange_t *exchange)
{
	query_records_t records = query_records(exchange);
	dns_record_t record;

	return query_records_next(&records, &record);
}

static bool is_damaged(const exchange_t *exchange)
{
	query_records_t records = query_records(exchange);
	dns_record_t record;

	while (query_records_next(&records, &record)) {
	}
	return records.answers.reader.overrun;
}

static bool is_truncated(const exchange_t *exchange)
{
	return exchange->reply != NULL && dns_client_is_truncated(exchange->reply);
}

/* A reply that says yes or no. */
static bool is_good(const exchange_t *exchange)
{
	if (exchange->err != ERR_OK)
		return false;
	dns_rcode_t rcode = dns_client_rcode(exchange->reply);
	if (rcode == DNS_RCODE_NXDOMAIN)
		return true;
	return rcode == DNS_RCODE_NOERROR && !is_damaged(exchange) &&
	       (!is_truncated(exchange) || has_record(exchange));
}

query_verdict_t query_judge(const exchange_t *a)
{
	if (!is_good(a))
		return QUERY_ERROR;
	return has_record(a) ? QUERY_LISTED : QUERY_NOT_LISTED;
}

/* The same for an exchange without a reply. */
static void explain_silence(const exchange_t *exchange, const exchange_setup_t *setup,
			    const char *server, char reason[QUERY_REASON_MAX])
{
	if (exchange->err == (err_t)-ETIMEDOUT) {
		snprintf(reason, QUERY_REASON_MAX,
			 "no reply from %s (tries: %u, of %g s each): is it up, and reachable over "
			 "UDP?",
			 server, setup->tries, setup->timeout_ms / 1e3);
	} else if (exchange->err == (err_t)-ECONNREFUSED) {
		snprintf(reason, QUERY_REASON_MAX,
			 "nothing listens on %s: is this the right address and port?", server);
	} else {
		snprintf(reason, QUERY_REASON_MAX, "cannot reach %s: %s", server,
			 err_text(exchange->err));
	}
}

bool query_explain(const exchange_t *exchange, const exchange_setup_t *setup,
		   char reason[QUERY_REASON_MAX])
{
	char server[NET_ADDRESS_TEXT_MAX];

	reason[0] = '\0';
	if (is_good(exchange))
		return false;
	net_address_text(&setup->servers[exchange->server], server);
	if (exchange->err != ERR_OK) {
		explain_silence(exchange, setup, server, reason);
		return true;
	}
	dns_rcode_t rcode = dns_client_rcode(exchange->reply);
	switch (rcode) {
	case DNS_RCODE_REFUSED:
		snprintf(reason, QUERY_REASON_MAX,
			 "REFUSED by %s: it does not serve this list, or not to you", server);
		break;
	case DNS_RCODE_SERVFAIL:
		snprintf(
			reason, QUERY_REASON_MAX,
			"SERVFAIL from %s: it has no answer for this list now; its log may say why",
			server);
		break;
	case DNS_RCODE_NOERROR:
		if (is_truncated(exchange))
			snprintf(reason, QUERY_REASON_MAX,
				 "the answer of %s does not fit into UDP, and over TCP: %s", server,
				 exchange->tcp_err != ERR_OK ? err_text(exchange->tcp_err)
							     : "nor there");
		else
			snprintf(reason, QUERY_REASON_MAX, "the reply of %s is damaged", server);
		break;
	default:
		snprintf(reason, QUERY_REASON_MAX, "%s from %s",
			 rcode_name(rcode) != NULL ? rcode_name(rcode) : "an unknown error",
			 server);
		break;
	}
	append_error(exchange, reason);
	return true;
}

/* Does the server say that this answer is not the one that others get? */
static bool is_filtered(const exchange_t *exchange)
{
	dns_client_error_t error;

	return dns_client_error(exchange->reply, exchange->reply_size, &error) &&
	       (error.code == DNS_ERROR_FILTERED || error.code == DNS_ERROR_PROHIBITED);
}

const char *query_note(const exchange_t *a, const exchange_t *txt)
{
	query_records_t records = query_records(a);
	dns_record_t record;
	query_verdict_t verdict = query_judge(a);

	if (verdict == QUERY_NOT_LISTED && is_filtered(a))
		return "the server says that it does not show you what it has (EDE)";
	if (verdict != QUERY_LISTED)
		return NULL;
	while (query_records_next(&records, &record))
		if (record.rdata[0] != LISTING_OCTET)
			return "not in 127.0.0.0/8: is this a list, and is it still alive?";
	if (!is_good(txt))
		return "the question for TXT was not answered";
	if (is_truncated(a) || is_truncated(txt))
		return "cut off: the answer does not fit into UDP, and cannot be had over TCP";
	return NULL;
}
