/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip6_runs.h"

static const ip6_address_t end_of_all = { UINT64_MAX, UINT64_MAX };

static ip6_address_t before(ip6_address_t address)
{
	return ip6_subtract(address, (ip6_address_t){ .low = 1 });
}

/* Reads the next item of the index; false when there is none. */
static bool read_item(ip6_runs_t *runs, ip6_item_t *item)
{
	while (runs->item_count == runs->leaf.count) {
		uint32_t i = runs->leaf_count;

		if (i == runs->index->leaf_count)
			return false;
		const ip6_node_t *node = ip6_lowest_nodes(runs->index) + i / IP6_FANOUT;
		runs->leaf = ip6_leaf_open(node->keys[i % IP6_FANOUT],
					   (const uint8_t *)runs->index +
						   node->children[i % IP6_FANOUT]);
		runs->leaf_count++;
		runs->item_count = 0;
	}
	*item = ip6_leaf_item(&runs->leaf, runs->item_count++);
	return true;
}

void ip6_runs_begin(ip6_runs_t *runs, const ip6_index_t *index)
{
	*runs = (ip6_runs_t){ .index = index };
	runs->has_following = read_item(runs, &runs->following);
}

bool ip6_runs_next(ip6_runs_t *runs, ip6_address_t *first, ip6_address_t *last, uint32_t *number)
{
	if (runs->is_ended)
		return false;
	if (runs->has_following && ip6_is_equal(runs->next, runs->following.start)) {
		runs->item = runs->following;
		runs->has_item = true;
		runs->has_following = read_item(runs, &runs->following);
	}
	/* Up to where the next item begins, or the item ends, or all does. */
	*first = runs->next;
	*last = runs->has_following ? before(runs->following.start) : end_of_all;
	*number = runs->has_item ? runs->item.number : IP6_INDEX_NONE;
	if (runs->has_item && !ip6_item_reaches(&runs->item, *last))
		*last = before(ip6_item_end(&runs->item));
	runs->has_item = false;
	runs->is_ended = ip6_is_equal(*last, end_of_all);
	runs->next = ip6_add(*last, (ip6_address_t){ .low = 1 });
	return true;
}
