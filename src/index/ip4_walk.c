/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip4_index.h"

#include "index/ip4_layout.h"

/* A walk: the range that may still grow, of one number so far. */
typedef struct walk {
	ip4_index_visit_t visit;
	void *context;
	uint32_t first;
	uint32_t number;
} walk_t;

/* From `address` on the number is `number`; called in ascending order, also without a change. */
static void walk_change(walk_t *walk, uint32_t address, uint32_t number)
{
	if (number == walk->number)
		return;
	if (address > walk->first)
		walk->visit(walk->context, walk->first, address - 1, walk->number);
	walk->first = address;
	walk->number = number;
}

static void walk_container(walk_t *walk, uint32_t page_first, const ip4_container_t *container)
{
	ip4_positions_t positions;
	uint32_t next = 0; /* low behind the last point */
	uint32_t low;

	if (container->kind & IP4_KIND_BITMAP) {
		for (low = 0; low < IP4_PAGE_SIZE; low++)
			walk_change(walk, page_first + low,
				    ip4_container_number(container,
							 bits_test(container->positions, low)));
		return;
	}
	positions = ip4_positions_begin(container);
	if (container->kind & IP4_KIND_RUNS)
		walk_change(walk, page_first, ip4_container_number(container, 0));
	for (uint32_t rank = 1; ip4_positions_next(&positions, &low); rank++) {
		size_t number = ip4_number_index(container->kind, rank, true);

		if (!(container->kind & IP4_KIND_RUNS) && low > next)
			walk_change(walk, page_first + next, ip4_container_number(container, 0));
		walk_change(walk, page_first + low, ip4_container_number(container, number));
		next = low + 1;
	}
	if (!(container->kind & IP4_KIND_RUNS) && next < IP4_PAGE_SIZE)
		walk_change(walk, page_first + next, ip4_container_number(container, 0));
}

void ip4_index_walk(const ip4_index_t *index, ip4_index_visit_t visit, void *context)
{
	walk_t walk = { .visit = visit, .context = context };

	/* No slot has this as a number, so the first change always is one. */
	walk.number = UINT32_MAX;
	for (uint32_t page = 0; page < IP4_PAGES; page++) {
		uint32_t slot = ip4_slots(index)[ip4_slot_rank(index, page)];
		ip4_container_t container;

		if (slot & IP4_SLOT_UNIFORM) {
			walk_change(&walk, page << 16, slot & ~IP4_SLOT_UNIFORM);
			continue;
		}
		container = ip4_container_open(ip4_slot_container(index, slot));
		walk_container(&walk, page << 16, &container);
	}
	visit(context, walk.first, UINT32_MAX, walk.number);
}
