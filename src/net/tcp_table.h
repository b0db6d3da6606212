/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_NET_TCP_TABLE_H
#define SPURN_NET_TCP_TABLE_H

#include <stddef.h>
#include <sys/queue.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/ip6.h"

/* Who is connected: the clients, each with its connections in the order in which they were last of use,
 * so that it can be told which one has to make room for a new one. No sockets. One thread at a time.
 *
 * A client is an IPv4 address, or an IPv6 /64: that is what one host, or one network behind a
 * router, is given, and it can be any address of it with every new connection.
 *
 * Where there is no room a new connection takes the place of another one. To refuse the new one would
 * be wrong twice: whoever opens as many as there may be and then keeps them would have shut the
 * server; and one client's dead connections would keep its living ones out.
 *
 * The one that has to leave is of a client that has the most connections, and of these clients of the
 * one that came or was of use the longest time ago; of its connections likewise. So it is those who
 * have many who crowd each other out, however fast they open new ones. Just to take what was of use
 * longest ago would not do: whoever comes from enough addresses, and opens connections faster than
 * others ask, would have all to himself. */
typedef struct tcp_table tcp_table_t;

typedef struct tcp_client tcp_client_t;

/* The place of a connection in the table; part of the connection, and the table's while it is in. */
typedef struct tcp_place {
	TAILQ_ENTRY(tcp_place) in_client;
	tcp_client_t *client; /* NULL: not in a table */
} tcp_place_t;

/* A table for at most `most` connections, and `most_each` of one client; both at least 1. The caller
 * frees it. NULL for want of memory. */
tcp_table_t *tcp_table_new(size_t most, size_t most_each);

/* Frees a table, which must be empty. NULL is fine. */
void tcp_table_free(tcp_table_t *table);

/* How many connections there are. */
size_t tcp_table_count(const tcp_table_t *table) ATTR_NONNULL_ALL;

/* The connection that has to leave before one from `address` (IPv4 v4-mapped) can come: of that
 * client's if it has as many as it may, of all if there are as many as there may be. NULL if there is
 * room. */
tcp_place_t *tcp_table_in_the_way(const tcp_table_t *table, ip6_address_t address) ATTR_NONNULL_ALL;

/* The one of all that has to leave if one has to; NULL if there is none. */
tcp_place_t *tcp_table_first_to_leave(const tcp_table_t *table) ATTR_NONNULL_ALL;

/* Takes in a connection from `address`, as the one of use last. There must be room. Returns ERR_OK or
 * ERR_NOMEM. */
err_t tcp_table_enter(tcp_table_t *table, tcp_place_t *place,
		      ip6_address_t address) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* This one has just been of use. */
void tcp_table_touch(tcp_table_t *table, tcp_place_t *place) ATTR_NONNULL_ALL;

/* Takes a connection out. */
void tcp_table_leave(tcp_table_t *table, tcp_place_t *place) ATTR_NONNULL_ALL;

#endif
