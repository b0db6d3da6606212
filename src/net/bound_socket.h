/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_NET_BOUND_SOCKET_H
#define SPURN_NET_BOUND_SOCKET_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/error.h"
#include "net/listen.h"

/* What UDP and TCP sockets of a server are opened with. */

/* One kind of socket; plain data. */
typedef struct bound_socket_kind {
	int type; /* SOCK_DGRAM or SOCK_STREAM, with SOCK_NONBLOCK or not */
	err_t (*prepare)(int fd, int family); /* sets options before it is bound; errno stays set */
} bound_socket_kind_t;

/* Opens a socket and binds it to `address`, one of `set`; if `is_shared`, others of this process may
 * be bound to the same or an overlapping one (SO_REUSEPORT). An IPv6 wildcard leaves IPv4 alone if
 * `set` has the IPv4 one on the same port. Ports below 1024 need privileges at this moment.
 *
 * The caller closes `*fd`. Returns ERR_OK, or an errno value; then the reason, with what to do, has
 * been logged. */
err_t bound_socket_open(const listen_set_t *set, const net_address_t *address,
			const bound_socket_kind_t *kind, bool is_shared,
			int *fd) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Opens one more that is bound to `address` like `other`, which may be another process's as well. The
 * kernel lets that be done by whom it took for the user (of the file system) when `other` was opened.
 *
 * The caller closes `*fd`. Returns ERR_OK, or an errno value, EADDRINUSE if we are not that user;
 * nothing is logged. */
err_t bound_socket_join(int other, const net_address_t *address, const bound_socket_kind_t *kind,
			int *fd) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Is `address`, one of `set`, free? A port that any other socket of this host uses is not, also where
 * that one would share it: two servers that share a port each answer a part of the queries, and
 * nobody knows which. To be asked before any socket of this process is bound. Returns ERR_OK, or an
 * errno value, logged. */
err_t bound_socket_probe(const listen_set_t *set, const net_address_t *address,
			 const bound_socket_kind_t *kind) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* SOCK_DGRAM or SOCK_STREAM. */
int bound_socket_type(const bound_socket_kind_t *kind) ATTR_NONNULL_ALL;

#endif
