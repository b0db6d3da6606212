/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip6_index.h"

#include "index/ip6_layout.h"

/* A walk: what is known of the addresses before the item that comes next. */
typedef struct walk {
	ip6_index_visit_t visit;
	void *context;
	ip6_address_t next; /* first address not shown */
	ip6_item_t item;    /* the one that `next` begins; size 0 and no number at first */
	bool has_item;
} walk_t;

static ip6_address_t before(ip6_address_t address)
{
	return ip6_subtract(address, (ip6_address_t){ .low = 1 });
}

static void show(walk_t *walk, ip6_address_t last, uint32_t number)
{
	walk->visit(walk->context, walk->next, last, number);
	walk->next = ip6_add(last, (ip6_address_t){ .low = 1 });
}

/* Shows all up to `last`, which is where the next item begins or the end. */
static void show_until(walk_t *walk, ip6_address_t last)
{
	const ip6_item_t *item = &walk->item;

	if (!walk->has_item || ip6_item_reaches(item, last)) {
		show(walk, last, walk->has_item ? item->number : IP6_INDEX_NONE);
		return;
	}
	show(walk, before(ip6_item_end(item)), item->number);
	show(walk, last, IP6_INDEX_NONE);
}

static void walk_leaf(walk_t *walk, const ip6_leaf_t *leaf)
{
	for (unsigned i = 0; i < leaf->count; i++) {
		ip6_item_t item = ip6_leaf_item(leaf, i);

		if (ip6_is_less(walk->next, item.start))
			show_until(walk, before(item.start));
		walk->item = item;
		walk->has_item = true;
	}
}

void ip6_index_walk(const ip6_index_t *index, ip6_index_visit_t visit, void *context)
{
	static const ip6_address_t end = { UINT64_MAX, UINT64_MAX };
	walk_t walk = { .visit = visit, .context = context };

	for (uint32_t i = 0; i < index->leaf_count; i++) {
		const ip6_node_t *node = ip6_lowest_nodes(index) + i / IP6_FANOUT;
		ip6_leaf_t leaf =
			ip6_leaf_open(node->keys[i % IP6_FANOUT],
				      (const uint8_t *)index + node->children[i % IP6_FANOUT]);

		walk_leaf(&walk, &leaf);
	}
	show_until(&walk, end);
}
