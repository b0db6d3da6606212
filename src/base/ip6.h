/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BASE_IP6_H
#define SPURN_BASE_IP6_H

#include <stdbool.h>
#include <stdint.h>

/* An IPv6 address in host byte order; plain data. */
typedef struct ip6_address {
	uint64_t high; /* the first 64 bits: 2001:db8:1:2 of 2001:db8:1:2:3:4:5:6 */
	uint64_t low;
} ip6_address_t;

/* The v4-mapped address of an IPv4 address, ::ffff:192.0.2.1 (RFC 4291 section 2.5.5.2). */
static inline ip6_address_t ip6_from_ip4(uint32_t ip4)
{
	return (ip6_address_t){ .low = UINT64_C(0xffff00000000) | ip4 };
}

static inline bool ip6_is_mapped(ip6_address_t address)
{
	return address.high == 0 && address.low >> 32 == 0xffff;
}

static inline bool ip6_is_equal(ip6_address_t a, ip6_address_t b)
{
	return a.high == b.high && a.low == b.low;
}

static inline bool ip6_is_less(ip6_address_t a, ip6_address_t b)
{
	return a.high != b.high ? a.high < b.high : a.low < b.low;
}

/* The address with all bits behind the first `length` (0..128) set: the last one of a prefix. */
static inline ip6_address_t ip6_last(ip6_address_t address, unsigned length)
{
	if (length < 64)
		return (ip6_address_t){ address.high | UINT64_MAX >> length, UINT64_MAX };
	if (length < 128)
		address.low |= UINT64_MAX >> (length - 64);
	return address;
}

#endif
