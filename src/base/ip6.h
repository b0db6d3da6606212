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

/* The address with all bits behind the first `length` (0..128) cleared: the first one of a prefix. */
static inline ip6_address_t ip6_first(ip6_address_t address, unsigned length)
{
	ip6_address_t host = ip6_last((ip6_address_t){ .high = 0 }, length);

	return (ip6_address_t){ address.high & ~host.high, address.low & ~host.low };
}

/* Numbers of 128 bits, modulo 2^128. The compiler's own type for them is not on every machine. */

static inline ip6_address_t ip6_add(ip6_address_t a, ip6_address_t b)
{
	uint64_t low = a.low + b.low;

	return (ip6_address_t){ a.high + b.high + (low < b.low), low };
}

static inline ip6_address_t ip6_subtract(ip6_address_t a, ip6_address_t b)
{
	return (ip6_address_t){ a.high - b.high - (a.low < b.low), a.low - b.low };
}

static inline bool ip6_is_zero(ip6_address_t a)
{
	return (a.high | a.low) == 0;
}

/* `count` is 0..127. */
static inline ip6_address_t ip6_shift_left(ip6_address_t a, unsigned count)
{
	if (count >= 64)
		return (ip6_address_t){ .high = a.low << (count - 64) };
	if (count == 0)
		return a;
	return (ip6_address_t){ a.high << count | a.low >> (64 - count), a.low << count };
}

/* `count` is 0..127. */
static inline ip6_address_t ip6_shift_right(ip6_address_t a, unsigned count)
{
	if (count >= 64)
		return (ip6_address_t){ .low = a.high >> (count - 64) };
	if (count == 0)
		return a;
	return (ip6_address_t){ a.high >> count, a.low >> count | a.high << (64 - count) };
}

/* How many zero bits it ends with: 128 of zero. */
static inline unsigned ip6_trailing_zeros(ip6_address_t a)
{
	if (a.low != 0)
		return (unsigned)__builtin_ctzll(a.low);
	return a.high != 0 ? 64 + (unsigned)__builtin_ctzll(a.high) : 128;
}

/* How many bits it needs: 0 of zero. */
static inline unsigned ip6_bit_length(ip6_address_t a)
{
	if (a.high != 0)
		return 128 - (unsigned)__builtin_clzll(a.high);
	return a.low != 0 ? 64 - (unsigned)__builtin_clzll(a.low) : 0;
}

#endif
