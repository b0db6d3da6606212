/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_NET_ADDRESS_H
#define SPURN_NET_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/attributes.h"
#include "base/cursor.h"
#include "base/ip6.h"

/* An IPv4 or IPv6 address with a port, as the socket calls take it, in 28 bytes rather than the 128
 * of sockaddr_storage. `any.sa_family` tells which one; plain data. */
typedef union net_address {
	struct sockaddr any;
	struct sockaddr_in ip4;
	struct sockaddr_in6 ip6;
} net_address_t;

/* Bytes of the longest text of an address, NUL included: 45 of IPv6, a zone (%eth0), a port. */
#define NET_ADDRESS_TEXT_MAX 80

/* Length of the sockaddr for this family. */
socklen_t net_address_size(const net_address_t *address) ATTR_NONNULL_ALL;

/* The port in host byte order. */
static inline ATTR_NONNULL_ALL uint16_t net_address_port(const net_address_t *address)
{
	return ntohs(address->any.sa_family == AF_INET6 ? address->ip6.sin6_port
							: address->ip4.sin_port);
}

/* The address; an IPv4 one as v4-mapped IPv6 address. */
static inline ATTR_NONNULL_ALL ip6_address_t net_address_ip6(const net_address_t *address)
{
	const uint8_t *bytes = address->ip6.sin6_addr.s6_addr;

	if (address->any.sa_family != AF_INET6)
		return ip6_from_ip4(ntohl(address->ip4.sin_addr.s_addr));
	return (ip6_address_t){ .high = (uint64_t)get_u32(bytes) << 32 | get_u32(bytes + 4),
				.low = (uint64_t)get_u32(bytes + 8) << 32 | get_u32(bytes + 12) };
}

/* Is it 0.0.0.0 or ::, on any port? */
bool net_address_is_wildcard(const net_address_t *address) ATTR_NONNULL_ALL;

/* Would a socket that is bound to `wide`, and takes IPv4 too where that is ::, get what is sent to
 * `address`? So it is if they are equal, or `wide` is a wildcard on the same port. */
bool net_address_covers(const net_address_t *wide, const net_address_t *address) ATTR_NONNULL_ALL;

/* Same family, address, zone and port? */
bool net_address_is_equal(const net_address_t *a, const net_address_t *b) ATTR_NONNULL_ALL;

/* Writes "192.0.2.1/53" or "2001:db8::1/53", as -b takes it, and returns `text`. */
const char *net_address_text(const net_address_t *address,
			     char text[NET_ADDRESS_TEXT_MAX]) ATTR_NONNULL_ALL;

#endif
