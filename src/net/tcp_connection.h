/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_NET_TCP_CONNECTION_H
#define SPURN_NET_TCP_CONNECTION_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/attributes.h"
#include "base/error.h"
#include "net/address.h"
#include "net/query_records.h"
#include "net/tcp_stream.h"
#include "net/tcp_table.h"

/* One TCP connection on the loop: what is read when, and how long it may take.
 *
 * It always waits for exactly one thing, and never longer than the limit for that:
 *
 *   for a query to begin         idle_s, since the last reply was sent, or since it was accepted
 *   for the rest of a query      message_s, since its first byte came; more bytes do not help
 *   for replies to be taken      message_s, since the round of replies (96 KiB at most) was made;
 *                                nothing is read meanwhile
 *   for the client to close      message_s, since we have: when the client sent what no client sends,
 *                                or the connection is older than total_s. What still comes is thrown
 *                                away, for to close at once would take replies away that are on
 *                                their way
 *
 * So whoever trickles has message_s for each query, whatever the pace, and total_s for all. */

/* How long, and how many; plain data. */
typedef struct tcp_limits {
	uint32_t connections; /* in all, at least 1 */
	uint32_t per_client;  /* of one client, see net/tcp_table.h; at least 1 */
	uint32_t idle_s;
	uint32_t message_s;
	uint32_t total_s;
} tcp_limits_t;

/* Times for clients on the other side of the world that lose packets, and numbers for a public server
 * of some 10,000 queries a second over TCP: 1,000 connections, 100 of one client, 10 s idle, 5 s for a
 * message, 10 minutes in all. */
extern const tcp_limits_t tcp_default_limits;

/* What became of connections. Only for the loop's thread. */
typedef struct tcp_counts {
	uint64_t accepted;
	uint64_t idle; /* closed, for nothing came: idle_s, or total_s */
	uint64_t slow; /* closed, for the rest of a query did not come or replies were not taken */
	uint64_t crowded; /* closed to make room for another one */
	uint64_t bad;     /* closed, for what came were no queries */
} tcp_counts_t;

/* What a server that takes the place of ours has to know of a connection, beside its descriptor: how
 * old it is, and the part of a query that has come. Plain data. */
typedef struct tcp_legacy {
	uint64_t age_ms;
	const uint8_t *input;
	size_t input_size; /* at most TCP_PREFIX + TCP_QUERY_MAX */
} tcp_legacy_t;

/* Who takes connections over, each between two queries, or in the middle of one. */
typedef struct tcp_heir {
	/* Takes over the descriptor `fd`, if it returns true. */
	bool (*take)(void *context, int fd, const tcp_legacy_t *legacy);
	void *context;
} tcp_heir_t;

/* A connection lives until it closes itself, or is closed by one of the functions below. All are for
 * the loop's thread, a registered reader of the catalog. */
typedef struct tcp_connection tcp_connection_t;

/* What the connections of a server share; it outlives them. */
typedef struct tcp_host {
	struct ev_loop *loop;
	tcp_limits_t limits;
	tcp_table_t *table;
	tcp_answers_t *answers;
	query_records_t *records;
	tcp_counts_t counts;
	TAILQ_HEAD(, tcp_connection) all;
	const tcp_heir_t *heir; /* NULL: connections stay */
} tcp_host_t;

/* Takes over `fd`, a connection from `client` that does not wait; there must be room in the table.
 * `legacy` is what another server has had of it, NULL for a new one. Returns ERR_OK; or ERR_NOMEM,
 * then `fd` has been closed. */
err_t tcp_connection_open(tcp_host_t *host, int fd, const net_address_t *client,
			  const tcp_legacy_t *legacy) ATTR_NONNULL(1, 3) ATTR_NODISCARD;

/* The connection that has this place in the table. */
tcp_connection_t *tcp_connection_of(tcp_place_t *place) ATTR_NONNULL_ALL;

/* Closes and frees a connection, whatever it is doing. */
void tcp_connection_close(tcp_connection_t *connection) ATTR_NONNULL_ALL;

/* Leaves the connections of `host` to `heir`, which must live as long: those that have no replies to be
 * taken at once, the others when they have none. Those that it does not take stay. */
void tcp_connection_bequeath_all(tcp_host_t *host, const tcp_heir_t *heir) ATTR_NONNULL_ALL;

/* Answers what has come already, as far as that takes no waiting, and then does the same. */
void tcp_connection_finish(tcp_connection_t *connection) ATTR_NONNULL_ALL;

#endif
