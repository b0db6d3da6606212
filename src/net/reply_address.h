/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_NET_REPLY_ADDRESS_H
#define SPURN_NET_REPLY_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "base/attributes.h"
#include "base/error.h"

/* How a reply comes to leave from the address that was asked: the kernel hands over the destination
 * of every query in a control message (RFC 3542 section 6.2, and its like for IPv4), and takes the
 * source of a reply in a control message of the same form. So the one that came with the query goes
 * back with the reply. A socket bound to one address would need none of this; one bound to a
 * wildcard would otherwise answer from whatever address the route prefers, which on a real server
 * behind a director is never the VIP, and the client ignores it.
 *
 * Where other systems do this in other ways, this file is the place. */

/* Room for the control messages of one datagram, aligned as they must be. */
typedef union reply_control {
	struct cmsghdr head;
	unsigned char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
} reply_control_t;

_Static_assert(sizeof(struct in6_pktinfo) >= sizeof(struct in_pktinfo), "room for either");

/* Makes a socket of `family` tell the destination of what it receives. Before bind, or the first
 * datagrams come without. Returns ERR_OK or an errno value. */
err_t reply_address_enable(int fd, int family) ATTR_NODISCARD;

/* Turns the control messages received with a query, in `message`, into those of its reply.
 * Returns false when the query must not be answered, for a reply could not leave from the address
 * that was asked: it was sent to a multicast or broadcast address, or the kernel did not tell the
 * destination. */
bool reply_address_turn(struct msghdr *message) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
