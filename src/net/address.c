/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "net/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

_Static_assert(INET6_ADDRSTRLEN + sizeof("%") + IF_NAMESIZE + sizeof("/65535") <=
		       NET_ADDRESS_TEXT_MAX,
	       "the longest address fits");

socklen_t net_address_size(const net_address_t *address)
{
	return address->any.sa_family == AF_INET6 ? sizeof(address->ip6) : sizeof(address->ip4);
}

bool net_address_is_wildcard(const net_address_t *address)
{
	if (address->any.sa_family == AF_INET6)
		return IN6_IS_ADDR_UNSPECIFIED(&address->ip6.sin6_addr);
	return address->ip4.sin_addr.s_addr == htonl(INADDR_ANY);
}

bool net_address_is_equal(const net_address_t *a, const net_address_t *b)
{
	if (a->any.sa_family != b->any.sa_family || net_address_port(a) != net_address_port(b))
		return false;
	if (a->any.sa_family == AF_INET6) {
		return IN6_ARE_ADDR_EQUAL(&a->ip6.sin6_addr, &b->ip6.sin6_addr) &&
		       a->ip6.sin6_scope_id == b->ip6.sin6_scope_id;
	}
	return a->ip4.sin_addr.s_addr == b->ip4.sin_addr.s_addr;
}

bool net_address_covers(const net_address_t *wide, const net_address_t *address)
{
	if (!net_address_is_wildcard(wide) || net_address_port(wide) != net_address_port(address))
		return net_address_is_equal(wide, address);
	return wide->any.sa_family == AF_INET6 || address->any.sa_family == AF_INET;
}

const char *net_address_text(const net_address_t *address, char text[NET_ADDRESS_TEXT_MAX])
{
	char host[INET6_ADDRSTRLEN] = "?";
	char zone[IF_NAMESIZE + 1] = "";

	if (address->any.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &address->ip6.sin6_addr, host, sizeof(host));
		/* An interface that has gone since has no name any more. */
		if (address->ip6.sin6_scope_id != 0 &&
		    if_indextoname(address->ip6.sin6_scope_id, zone + 1) != NULL)
			zone[0] = '%';
	} else {
		inet_ntop(AF_INET, &address->ip4.sin_addr, host, sizeof(host));
	}
	snprintf(text, NET_ADDRESS_TEXT_MAX, "%s%s/%u", host, zone,
		 (unsigned)net_address_port(address));
	return text;
}
