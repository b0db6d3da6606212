/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip6_index.h"

#include "index/ip6_layout.h"

/* Proves the invariant that index/ip6_layout.h states, for bytes that may come from anywhere. Each
 * step relies only on what the steps before have shown; what fails is told in words. */

typedef struct checker {
	const ip6_index_t *index;
	uint32_t node_count;
	uint32_t max_number;
	uint32_t next;     /* where the next leaf has to begin: bytes from the start of the block */
	ip6_item_t before; /* the item before, if there is one */
	bool has_before;
	const char *why;
} checker_t;

static bool fail(checker_t *checker, const char *why)
{
	checker->why = why;
	return false;
}

static bool check_header(checker_t *checker, size_t size)
{
	const ip6_index_t *index = checker->index;
	uint32_t levels;
	uint64_t leaves_at;

	if (size < ip6_block_size(0, 0))
		return fail(checker, "too short for an index");
	if (index->format != IP6_FORMAT)
		return fail(checker, "another format or byte order");
	if (index->size != size || size > UINT32_MAX)
		return fail(checker, "size in the header is not the size of the block");
	if (index->leaf_count > size)
		return fail(checker, "impossible number of leaves");
	checker->node_count = ip6_node_count(index->leaf_count, &levels);
	if (index->levels != levels)
		return fail(checker, "wrong number of levels");
	leaves_at = sizeof(*index) + (uint64_t)checker->node_count * sizeof(ip6_node_t);
	if (index->leaves_at != leaves_at || leaves_at > size - IP6_PADDING)
		return fail(checker, "leaves are not where they should be");
	checker->next = index->leaves_at;
	return true;
}

/* The children of a node: `count` of them, the others are like the last. */
static bool check_padding(checker_t *checker, const ip6_node_t *node, uint32_t count)
{
	for (uint32_t i = count; i < IP6_FANOUT; i++)
		if (!ip6_is_equal(node->keys[i], node->keys[count - 1]) ||
		    node->children[i] != node->children[count - 1])
			return fail(checker, "node is not filled with its last key");
	return true;
}

/* The nodes of a level, `count` from `first` on, lead to the `child_count` nodes behind them, or,
 * if they are the lowest ones, to leaves. */
static bool check_level(checker_t *checker, uint32_t first, uint32_t count, uint32_t child_count)
{
	const ip6_index_t *index = checker->index;
	bool is_lowest = first + count == checker->node_count;

	for (uint32_t i = 0; i < count; i++) {
		const ip6_node_t *node = &index->nodes[first + i];
		uint32_t left = child_count - i * IP6_FANOUT;

		if (!check_padding(checker, node, left < IP6_FANOUT ? left : IP6_FANOUT))
			return false;
		for (uint32_t j = 0; j < IP6_FANOUT && j < left && !is_lowest; j++) {
			uint32_t child = first + count + i * IP6_FANOUT + j;

			if (node->children[j] !=
			    sizeof(*index) + (size_t)child * sizeof(ip6_node_t))
				return fail(checker, "nodes are not one behind the other");
			if (!ip6_is_equal(node->keys[j], index->nodes[child].keys[0]))
				return fail(checker, "key of a node is not its child's");
		}
	}
	return true;
}

static bool check_nodes(checker_t *checker)
{
	uint32_t end = checker->node_count;
	uint32_t children = checker->index->leaf_count;

	while (end > 0) {
		uint32_t count = (children - 1) / IP6_FANOUT + 1;

		if (!check_level(checker, end - count, count, children))
			return false;
		end -= count;
		children = count;
	}
	return true;
}

static bool check_leaf_header(checker_t *checker, uint32_t at)
{
	uint32_t end = (uint32_t)(checker->index->size - IP6_PADDING);
	const uint8_t *bytes = (const uint8_t *)checker->index + at;
	ip6_leaf_t leaf;

	if (at != checker->next || end - at < IP6_LEAF_HEADER)
		return fail(checker, "leaves are not one behind the other");
	if (bytes[0] > (IP6_LEAF_WIDTH_MASK | IP6_LEAF_EACH))
		return fail(checker, "unknown kind of leaf");
	leaf = ip6_leaf_open((ip6_address_t){ .high = 0 }, bytes);
	if (leaf.count > IP6_LEAF_ITEMS || (leaf.count > 1 && leaf.bits == 0) || leaf.shift > 127 ||
	    leaf.bits > 128 - leaf.shift)
		return fail(checker, "impossible header of a leaf");
	if (leaf.size > IP6_SIZE_NEXT && leaf.size != IP6_SIZE_EACH)
		return fail(checker, "impossible size in a leaf");
	if (ip6_leaf_size(&leaf) > end - at)
		return fail(checker, "leaf does not end");
	checker->next = at + (uint32_t)ip6_leaf_size(&leaf);
	return true;
}

/* Does the item end at or before `next`, the start of a later one? */
static bool ends_before(const ip6_item_t *item, ip6_address_t next)
{
	ip6_address_t size = ip6_shift_left((ip6_address_t){ .low = 1 }, item->size);

	return !ip6_is_less(ip6_subtract(next, item->start), size);
}

/* `item` is what comes behind `checker->before`; the first one of a leaf or not. */
static bool check_item(checker_t *checker, const ip6_item_t *item, bool is_first)
{
	const ip6_item_t *before = &checker->before;
	bool touches = false;

	if (item->size > IP6_SIZE_NEXT)
		return fail(checker, "impossible size in a leaf");
	if (item->number > checker->max_number)
		return fail(checker, "number too large");
	if (checker->has_before) {
		if (!ip6_is_less(before->start, item->start))
			return fail(checker, "starts do not ascend");
		touches = before->size == IP6_SIZE_NEXT;
		if (!touches && !ends_before(before, item->start))
			return fail(checker, "item ends behind the start of the next");
		touches = touches || ip6_is_equal(ip6_item_end(before), item->start);
		if (touches && before->number == item->number)
			return fail(checker, "neighbours have one number");
	}
	if (item->number == IP6_INDEX_NONE) {
		if (is_first || item->size != IP6_SIZE_NEXT)
			return fail(checker, "item that is not listed begins a leaf or has a size");
		if (!touches)
			return fail(checker, "item that is not listed ends nothing");
	}
	checker->before = *item;
	checker->has_before = true;
	return true;
}

static bool check_leaves(checker_t *checker)
{
	static const ip6_address_t end = { .high = 0 };
	const ip6_index_t *index = checker->index;

	for (uint32_t i = 0; i < index->leaf_count; i++) {
		const ip6_node_t *node = ip6_lowest_nodes(index) + i / IP6_FANOUT;
		uint32_t at = node->children[i % IP6_FANOUT];
		ip6_leaf_t leaf;

		if (!check_leaf_header(checker, at))
			return false;
		leaf = ip6_leaf_open(node->keys[i % IP6_FANOUT], (const uint8_t *)index + at);
		for (unsigned j = 0; j < leaf.count; j++) {
			ip6_item_t item = ip6_leaf_item(&leaf, j);

			if (!check_item(checker, &item, j == 0))
				return false;
		}
	}
	if (checker->has_before && checker->before.size < IP6_SIZE_NEXT &&
	    !ip6_is_zero(checker->before.start) && !ends_before(&checker->before, end))
		return fail(checker, "item ends behind the last address");
	if (ip6_block_size(checker->node_count, checker->next - index->leaves_at) != index->size)
		return fail(checker, "more than padding behind the last leaf");
	return true;
}

err_t ip6_index_check(const void *block, size_t size, uint32_t max_number, const char **why)
{
	checker_t checker = { .index = block, .max_number = max_number };

	if (check_header(&checker, size) && check_nodes(&checker) && check_leaves(&checker))
		return ERR_OK;
	*why = checker.why;
	return ERR_INVAL;
}
