/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/ip6_nodes.h"

#include "dataset/ip4_nodes.h"

enum { ADDRESS_BITS = 128, NIBBLE_BITS = 4, NIBBLES = ADDRESS_BITS / NIBBLE_BITS };

/* Bits of the blocks that are told address by address in longer rows, too: 256 addresses, as with
 * IPv4. */
#define SPELLED_LENGTH 120
/* Names of as many bits have as many labels as IPv4 addresses. */
#define IP4_LIKE_BITS 16

typedef struct walker {
	const entry_values_t *values;
	const dataset_visitor_t *visitor;
	err_t err;
} walker_t;

static unsigned nibble(ip6_address_t address, unsigned bits)
{
	uint64_t half = bits < 64 ? address.high : address.low;

	return half >> (60 - bits % 64) & 15;
}

/* Tells of the block first/length. */
static void tell(walker_t *walker, ip6_address_t first, unsigned length, bool has_subject)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t key[2 * NIBBLES];
	size_t size = 0;

	for (unsigned bits = 0; bits < length; bits += NIBBLE_BITS) {
		key[size++] = 1;
		key[size++] = (uint8_t)digits[nibble(first, bits)];
	}
	const dataset_node_t node = {
		.key = key,
		.key_size = size,
		.has_below = length < ADDRESS_BITS,
		.below_depth = NIBBLES,
		.has_subject = has_subject && length < ADDRESS_BITS,
	};
	if (walker->err == ERR_OK)
		walker->err = walker->visitor->visit(walker->visitor->context, &node);
}

/* The address behind `address`; behind the last one, the first. */
static ip6_address_t next_address(ip6_address_t address)
{
	address.low++;
	address.high += address.low == 0;
	return address;
}

/* Are all bits behind the first `length` (0..127) zero? */
static bool is_aligned(ip6_address_t address, unsigned length)
{
	if (length >= 64)
		return (address.low & UINT64_MAX >> (length - 64)) == 0;
	return (address.high & UINT64_MAX >> length) == 0 && address.low == 0;
}

/* The shortest length of a block of whole nibbles that starts with `first` and ends by `last`. */
static unsigned block_length(ip6_address_t first, ip6_address_t last)
{
	unsigned length = 0;

	for (; length < ADDRESS_BITS; length += NIBBLE_BITS) {
		ip6_address_t end = ip6_last(first, length);
		if (is_aligned(first, length) && !ip6_is_less(last, end))
			break;
	}
	return length;
}

/* Is the name of a block also one of IPv4 addresses, all of which a wildcard would list? */
static bool is_like_ip4(ip6_address_t first, unsigned length)
{
	for (unsigned bits = 0; bits < length; bits += NIBBLE_BITS)
		if (nibble(first, bits) > 9)
			return false;
	return length < IP4_LIKE_BITS;
}

/* Tells of a block, in parts where it cannot be told as one. */
static void tell_block(walker_t *walker, ip6_address_t first, unsigned length, bool has_subject,
		       bool is_spelled)
{
	unsigned part = length;

	if (is_spelled)
		part = ADDRESS_BITS;
	else if (is_like_ip4(first, length))
		part = length + NIBBLE_BITS;
	if (part == length) {
		tell(walker, first, length, has_subject);
		return;
	}
	ip6_address_t last = ip6_last(first, length);
	for (ip6_address_t at = first; walker->err == ERR_OK;) {
		ip6_address_t end = ip6_last(at, part);
		tell_block(walker, at, part, has_subject, is_spelled);
		if (ip6_is_equal(end, last))
			break;
		at = next_address(end);
	}
}

static void tell_addresses(walker_t *walker, ip6_address_t first, ip6_address_t last,
			   bool has_subject)
{
	bool is_narrow = last.high == first.high && last.low - first.low < NODES_SPELLED_MAX;

	for (ip6_address_t at = first; walker->err == ERR_OK;) {
		unsigned length = block_length(at, last);
		ip6_address_t end = ip6_last(at, length);
		tell_block(walker, at, length, has_subject,
			   has_subject && (is_narrow || length >= SPELLED_LENGTH));
		if (ip6_is_equal(end, last))
			break;
		at = next_address(end);
	}
}

static void tell_range(void *context, ip6_address_t first, ip6_address_t last, uint32_t number)
{
	walker_t *walker = context;

	if (number != IP6_INDEX_NONE)
		tell_addresses(walker, first, last,
			       entry_values_has_subject(walker->values, number));
}

err_t ip6_nodes_tell(ip6_address_t first, ip6_address_t last, bool has_subject,
		     const dataset_visitor_t *visitor)
{
	walker_t walker = { .visitor = visitor };

	tell_addresses(&walker, first, last, has_subject);
	return walker.err;
}

err_t ip6_nodes_walk(const ip6_index_t *index, const entry_values_t *values,
		     const dataset_visitor_t *visitor)
{
	walker_t walker = { .values = values, .visitor = visitor };

	ip6_index_walk(index, tell_range, &walker);
	return walker.err;
}
