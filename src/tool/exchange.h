/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_EXCHANGE_H
#define SPURN_TOOL_EXCHANGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "dns/dns.h"
#include "net/address.h"

/* Questions to DNS servers over UDP, many of them on the way at a time; and over TCP, one by one, those
 * whose replies do not fit into UDP. */

/* Questions that are on the way at most. What an unread socket of rbldnsd holds is 157 packets; more
 * of them at once would only be lost. */
#define EXCHANGE_WINDOW 64

/* Whom to ask, and how patiently; plain data. */
typedef struct exchange_setup {
	const net_address_t *servers; /* servers[0..server_count), at least one */
	size_t server_count;
	unsigned tries;      /* of each question, at least 1; the n-th goes to the n-th server */
	unsigned timeout_ms; /* of each try, at least 1 */
} exchange_setup_t;

/* One question and what became of it. */
typedef struct exchange {
	uint8_t name[DNS_NAME_MAX]; /* on the wire */
	dns_type_t type;

	/* Filled in by exchange_run: ERR_OK with a reply; -ETIMEDOUT when none came; or the error
	 * of the last try, such as -ECONNREFUSED when nothing listens there. */
	err_t err;
	err_t tcp_err;  /* why a reply that was cut could not be had over TCP; else ERR_OK */
	size_t server;  /* which of the servers sent the reply, or was asked last */
	uint8_t *reply; /* malloc'ed; NULL without a reply */
	size_t reply_size;
} exchange_t;

/* Asks all of exchanges[0..count). A reply counts only if it comes from the address and port that
 * was asked, with the ID and the question of the query; IDs are random. Where a reply over UDP says
 * that it was cut (TC) the same server is asked over TCP; if that fails, the reply is the one that was
 * cut, and this server is not asked over TCP again. Returns ERR_OK, also when there are questions
 * without a reply; or ERR_NOMEM. */
err_t exchange_run(const exchange_setup_t *setup, exchange_t *exchanges,
		   size_t count) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Frees the replies. */
void exchange_clear(exchange_t *exchanges, size_t count);

#endif
