/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_IP6_LAYOUT_H
#define SPURN_INDEX_IP6_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/ip6.h"
#include "index/bits.h"
#include "index/ip6_index.h"

/* How an ip6_index lies in memory. Private to the ip6_*.c files of this directory.
 *
 * Terms
 *   number    what an address maps to, 0..IP6_INDEX_MAX.
 *   run       a maximal range of addresses with one number; listed when that is not
 *             IP6_INDEX_NONE.
 *   item      a start address, a number and a size. From its start on, for so many addresses as its
 *             size says but not farther than the next item's start, addresses have its number. Any
 *             others have none.
 *   leaf      up to IP6_LEAF_ITEMS items that follow each other.
 *   key       the start of a leaf's first item.
 *   node      IP6_FANOUT keys in order, and where the leaf, or the node one level lower, of each is.
 *
 * Picture
 *   block:   header | root | other nodes, level by level | leaves ... | padding
 *
 *   node     2001:db8::   2001:db8:4000::   2a00::        2c0f:f000::
 *                 |              |             |               |
 *   leaf          |   +0 -> 7    +0 -> 3      ...             ...
 *                 |   +1 -> 9    +4 -> 7, a /64
 *                 |   +5 -> 7
 *
 *   leaf:    header (5 bytes) | starts | sizes | numbers
 *
 *   The key is kept once, in the node. The starts of the other items are their distances from it,
 *   without the zero bits that all of them end with, in as many bits as the largest of them needs.
 *   So a leaf of /48s that are close to each other takes one byte for each, and one of random
 *   addresses hardly more than the 109 bits that no code can save when a million are spread over
 *   2^128.
 *
 *   A size is a power of two, or reaches to the next item (IP6_SIZE_NEXT). Where all items of a leaf
 *   have one size or one number, that is written once: lists of single addresses need no bounds
 *   behind them, ranges that fill the space need no sizes, and lists with one value no numbers. The
 *   encoder takes for each leaf the form and the extent that cost the fewest bytes for a run.
 *
 *   Debian's 277,000 ranges of countries take 3.2 bytes each. A million random prefixes in 2000::/3
 *   take 6.4 bytes each as /64s and 14.5 as /128s, of which no code can save more than 1.2.
 *
 *   A lookup goes down three or four nodes, of which all but the last level stay in the cache, and
 *   into one leaf: two misses, as everything that a step may touch is asked for at once.
 *
 * Invariant
 *   Keys ascend, so do the starts in a leaf, and an item ends before the next one's start or at it.
 *   Items that touch have different numbers. The first item of a leaf is listed. An item that is
 *   not listed reaches to the next one, stands right behind one that is listed and that it ends,
 *   and is not followed by another like it. Hence "is anything in this range listed" is one lookup
 *   of its last address: see ip6_index_has_any. Nodes are full but for the last of each level,
 *   which repeats its last key; children stand in the order of their keys without gaps.
 *   ip6_index_check proves all this for bytes from anywhere, and everything else relies on it.
 *
 * Refused
 *   - Tries, path-compressed or multi-bit: 20 bytes and more for a random address beside the address
 *     itself, and a miss for each of its many levels.
 *   - A root by the first bits, as the IPv4 index has it: half of the announced space begins with
 *     the same 20 bits, and a list of single addresses may lie in one /64.
 *   - Hashing: no prefixes, no ranges, one table for each length, and all of them asked.
 *   - Elias-Fano coded starts: 4 bits less of 50 or 110, for twice the work in a leaf. */

/* First word of a block; changes with the layout, and with the byte order it looks different. */
#define IP6_FORMAT 0x49503601u

/* Children of a node. 16 keys lie in four cache lines and the children in a fifth, which are waited
 * for together; with fewer, a large index has a level more; with more, each costs more to search. */
#define IP6_FANOUT 16u

/* Most items and bytes of a leaf. What a leaf costs in its node is shared by more, and each start
 * takes a bit more, so that beyond 64 it hardly gets smaller. Leaves of random /128s end with the
 * bytes: more of them would be more cache lines to wait for. */
#define IP6_LEAF_ITEMS 64u
#define IP6_LEAF_BYTES 256u

/* Sizes of items: 0..127 for 2^0..2^127 addresses; up to the next item, or the end of all
 * addresses; for a whole leaf: each item has its own. */
#define IP6_SIZE_NEXT 128u
#define IP6_SIZE_EACH 255u

/* First byte of a leaf: bits 0..1 are the bytes of a number less 1. */
#define IP6_LEAF_WIDTH_MASK 3u
#define IP6_LEAF_EACH       4u /* a number for each item; else one for all */

#define IP6_LEAF_HEADER 5u /* bytes */

/* Bytes behind everything, so that 16 bytes can be loaded wherever one byte of a leaf is. */
#define IP6_PADDING 16u

/* Nodes begin at multiples of it, if the block does. */
#define IP6_CACHE_LINE 64u

/* What is behind the last key of a node repeats it, so that the last of equal keys leads where the
 * first does. */
typedef struct ip6_node {
	ip6_address_t keys[IP6_FANOUT];
	uint32_t children[IP6_FANOUT]; /* bytes from the start of the block */
} ip6_node_t;

struct ip6_index {
	uint32_t format;
	uint32_t levels; /* of nodes; 0: nothing is listed */
	uint64_t size;   /* of the block */
	uint32_t leaf_count;
	uint32_t leaves_at; /* bytes from the start of the block */
	uint8_t zero[40];
	ip6_node_t nodes[];
};

_Static_assert(sizeof(struct ip6_index) == IP6_CACHE_LINE, "nodes begin with a cache line");
_Static_assert(sizeof(ip6_node_t) == 5 * IP6_CACHE_LINE, "nodes fill cache lines");

/* A leaf taken apart. */
typedef struct ip6_leaf {
	ip6_address_t key;
	const uint8_t *starts;
	const uint8_t *sizes;
	const uint8_t *numbers;
	uint32_t number_mask;  /* as many ones as a number has bits */
	unsigned count;        /* of items */
	unsigned shift;        /* zero bits that all starts end with */
	unsigned bits;         /* of a start */
	unsigned size;         /* of all items, or IP6_SIZE_EACH */
	unsigned number_width; /* bytes */
	bool has_numbers;      /* one for each item */
} ip6_leaf_t;

typedef struct ip6_item {
	ip6_address_t start;
	uint32_t number;
	unsigned size;
} ip6_item_t;

/* Bytes of the starts: the first one is the key. */
static inline size_t ip6_starts_size(unsigned count, unsigned bits)
{
	return ((size_t)(count - 1) * bits + 7) / 8;
}

/* Bytes of a whole leaf. */
static inline size_t ip6_leaf_size(const ip6_leaf_t *leaf)
{
	return IP6_LEAF_HEADER + ip6_starts_size(leaf->count, leaf->bits) +
	       (leaf->size == IP6_SIZE_EACH ? leaf->count : 0) +
	       (leaf->has_numbers ? leaf->count : 1) * (size_t)leaf->number_width;
}

/* Takes the leaf at `at` apart. Reads only its header. */
static inline ip6_leaf_t ip6_leaf_open(ip6_address_t key, const uint8_t *at)
{
	ip6_leaf_t leaf = { .key = key, .starts = at + IP6_LEAF_HEADER };

	leaf.number_width = (at[0] & IP6_LEAF_WIDTH_MASK) + 1u;
	leaf.number_mask = 0xffffffffu >> (32 - 8 * leaf.number_width);
	leaf.has_numbers = (at[0] & IP6_LEAF_EACH) != 0;
	leaf.count = at[1] + 1u;
	leaf.shift = at[2];
	leaf.bits = at[3];
	leaf.size = at[4];
	leaf.sizes = leaf.starts + ip6_starts_size(leaf.count, leaf.bits);
	leaf.numbers = leaf.sizes + (leaf.size == IP6_SIZE_EACH ? leaf.count : 0);
	return leaf;
}

/* `count` (1..64) bits from bit offset `bit` on. */
static inline uint64_t ip6_bits_load(const uint8_t *bits, size_t bit, unsigned count)
{
	unsigned skip = bit % 8;
	uint64_t word;

	bits += bit / 8;
	/* In two shifts, as one of 64 is not defined. */
	word = bits_load_64(bits) >> skip | (uint64_t)bits[8] << 1 << (63 - skip);
	return word & UINT64_MAX >> (64 - count);
}

/* The start of item `item` (1..count-1) as it is written: its distance from the key, shifted. */
static inline ip6_address_t ip6_leaf_distance(const ip6_leaf_t *leaf, unsigned item)
{
	size_t bit = (size_t)(item - 1) * leaf->bits;
	ip6_address_t distance = { .high = 0 };

	if (leaf->bits <= 64) {
		distance.low = ip6_bits_load(leaf->starts, bit, leaf->bits);
	} else {
		distance.low = ip6_bits_load(leaf->starts, bit, 64);
		distance.high = ip6_bits_load(leaf->starts, bit + 64, leaf->bits - 64);
	}
	return distance;
}

static inline ip6_item_t ip6_leaf_item(const ip6_leaf_t *leaf, unsigned item)
{
	ip6_item_t found = { .start = leaf->key, .size = leaf->size };
	size_t number = leaf->has_numbers ? (size_t)item * leaf->number_width : 0;

	if (item > 0)
		found.start = ip6_add(leaf->key,
				      ip6_shift_left(ip6_leaf_distance(leaf, item), leaf->shift));
	if (leaf->size == IP6_SIZE_EACH)
		found.size = leaf->sizes[item];
	found.number = bits_load_32(leaf->numbers + number) & leaf->number_mask;
	return found;
}

/* The address behind the item, whose size must be a power of two; 0 behind the last one there is. */
static inline ip6_address_t ip6_item_end(const ip6_item_t *item)
{
	return ip6_add(item->start, ip6_shift_left((ip6_address_t){ .low = 1 }, item->size));
}

/* Does the item, that starts at `address` or before, reach to it? */
static inline bool ip6_item_reaches(const ip6_item_t *item, ip6_address_t address)
{
	return item->size >= IP6_SIZE_NEXT ||
	       ip6_is_zero(ip6_shift_right(ip6_subtract(address, item->start), item->size));
}

/* How many nodes there are over so many leaves, and in how many levels. */
static inline uint32_t ip6_node_count(uint32_t leaf_count, uint32_t *levels)
{
	uint32_t nodes = 0;

	*levels = 0;
	for (uint32_t count = leaf_count; count > 1 || (count == 1 && *levels == 0); ++*levels) {
		count = (count - 1) / IP6_FANOUT + 1;
		nodes += count;
	}
	return nodes;
}

/* Bytes of a block: a multiple of cache lines. */
static inline size_t ip6_block_size(size_t node_count, size_t leaves_size)
{
	size_t size = sizeof(struct ip6_index) + node_count * sizeof(ip6_node_t) + leaves_size +
		      IP6_PADDING;

	return (size + IP6_CACHE_LINE - 1) / IP6_CACHE_LINE * IP6_CACHE_LINE;
}

static inline const ip6_node_t *ip6_index_node(const ip6_index_t *index, uint32_t at)
{
	return (const ip6_node_t *)(const void *)((const uint8_t *)index + at);
}

/* The nodes over the leaves, which are one behind the other. */
static inline const ip6_node_t *ip6_lowest_nodes(const ip6_index_t *index)
{
	uint32_t count = (index->leaf_count + IP6_FANOUT - 1) / IP6_FANOUT;

	return ip6_index_node(index, index->leaves_at) - count;
}

#endif
