/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip6_index.h"

#include <stdlib.h>

#include "index/ip6_layout.h"

/* Looking up; index/ip6_layout.h tells how a block is laid out.
 *
 * A lookup goes down a node for each level and then into a leaf. Each step knows where the next one
 * is and asks for all of its cache lines; a batch takes every address one step further before the
 * next step looks at what came. */

/* Addresses taken through the steps together. More do not help once the memory has as many misses
 * under way as the processor allows. */
#define GROUP 32

/* One address of a group on its way. */
typedef struct probe {
	ip6_address_t address;
	ip6_address_t key;
	uint32_t at;    /* of the node or leaf that comes next */
	uint32_t index; /* in the caller's arrays */
} probe_t;

static inline void prefetch(const ip6_index_t *index, uint32_t at)
{
	const uint8_t *bytes = (const uint8_t *)index + at;

	_Static_assert(sizeof(ip6_node_t) <= 5 * IP6_CACHE_LINE, "a node is asked for as a whole");

	for (unsigned line = 0; line < 5; line++)
		__builtin_prefetch(bytes + (size_t)line * IP6_CACHE_LINE);
}

/* Is `a` not above `b`? Without a branch, as nobody can predict it. */
static inline unsigned is_not_above(ip6_address_t a, ip6_address_t b)
{
	return (unsigned)(a.high < b.high) | ((unsigned)(a.high == b.high) & (a.low <= b.low));
}

/* One step: `probe` is at a node whose first key is not above its address. */
static inline void descend(const ip6_index_t *index, probe_t *probe)
{
	const ip6_node_t *node = ip6_index_node(index, probe->at);
	unsigned child = 0;

	for (unsigned half = IP6_FANOUT / 2; half > 0; half /= 2)
		child += half * is_not_above(node->keys[child + half], probe->address);
	probe->key = node->keys[child];
	probe->at = node->children[child];
	prefetch(index, probe->at);
}

/* The last item of the leaf that starts at the probe's address or before. */
static inline ip6_item_t find_item(const ip6_index_t *index, const probe_t *probe)
{
	ip6_leaf_t leaf = ip6_leaf_open(probe->key, (const uint8_t *)index + probe->at);
	ip6_address_t distance =
		ip6_shift_right(ip6_subtract(probe->address, leaf.key), leaf.shift);
	unsigned item = 0;

	if (leaf.bits <= 64) {
		uint64_t short_distance = distance.high != 0 ? UINT64_MAX : distance.low;

		for (unsigned left = leaf.count - 1, half; left > 0; left -= half) {
			half = (left + 1) / 2;
			item += ip6_leaf_distance(&leaf, item + half).low <= short_distance ? half
											    : 0;
		}
	} else {
		for (unsigned left = leaf.count - 1, half; left > 0; left -= half) {
			half = (left + 1) / 2;
			item += half *
				is_not_above(ip6_leaf_distance(&leaf, item + half), distance);
		}
	}
	return ip6_leaf_item(&leaf, item);
}

/* Is anything listed at `address` or before? If so, puts the probe at the root. */
static inline bool begin(const ip6_index_t *index, ip6_address_t address, probe_t *probe)
{
	probe->address = address;
	probe->at = sizeof(*index);
	return index->levels > 0 && is_not_above(index->nodes[0].keys[0], address) != 0;
}

/* The last item of the index that starts at `address` or before; false when there is none. */
static bool find(const ip6_index_t *index, ip6_address_t address, ip6_item_t *item)
{
	probe_t probe;

	if (!begin(index, address, &probe))
		return false;
	for (uint32_t level = 0; level < index->levels; level++)
		descend(index, &probe);
	*item = find_item(index, &probe);
	return true;
}

uint32_t ip6_index_lookup(const ip6_index_t *index, ip6_address_t address)
{
	ip6_item_t item;

	if (!find(index, address, &item) || !ip6_item_reaches(&item, address))
		return IP6_INDEX_NONE;
	return item.number;
}

static void lookup_group(const ip6_index_t *index, const ip6_address_t *addresses, size_t count,
			 uint32_t *numbers)
{
	probe_t probes[GROUP];
	size_t probe_count = 0;

	for (size_t i = 0; i < count; i++) {
		numbers[i] = IP6_INDEX_NONE;
		probes[probe_count].index = (uint32_t)i;
		if (begin(index, addresses[i], &probes[probe_count]))
			probe_count++;
	}
	for (uint32_t level = 0; level < index->levels; level++)
		for (size_t i = 0; i < probe_count; i++)
			descend(index, &probes[i]);
	for (size_t i = 0; i < probe_count; i++) {
		ip6_item_t item = find_item(index, &probes[i]);

		if (ip6_item_reaches(&item, probes[i].address))
			numbers[probes[i].index] = item.number;
	}
}

void ip6_index_lookup_batch(const ip6_index_t *index, const ip6_address_t *addresses, size_t count,
			    uint32_t *numbers)
{
	for (; count > GROUP; count -= GROUP) {
		lookup_group(index, addresses, GROUP, numbers);
		addresses += GROUP;
		numbers += GROUP;
	}
	lookup_group(index, addresses, count, numbers);
}

bool ip6_index_has_any(const ip6_index_t *index, ip6_address_t first, ip6_address_t last)
{
	ip6_item_t item;

	if (!find(index, last, &item))
		return false;
	/* Of an item that is not listed the address before its start is. */
	if (item.number == IP6_INDEX_NONE)
		return ip6_is_less(first, item.start);
	return !ip6_is_less(item.start, first) || ip6_item_reaches(&item, first);
}

size_t ip6_index_size(const ip6_index_t *index)
{
	return index->size;
}

void ip6_index_free(ip6_index_t *index)
{
	free(index);
}
