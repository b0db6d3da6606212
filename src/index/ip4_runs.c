/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip4_runs.h"

/* In the place of a number, before the first one. */
#define NO_NUMBER UINT32_MAX

/* Opens the container of a page, even if it is that of the page before. */
static void open_container(ip4_runs_t *runs, uint32_t page)
{
	ip4_slot_t slot = ip4_find_slot(CPU_PLAIN, runs->index, page);
	ip4_place_t place = ip4_slot_place(runs->index, &slot);

	runs->container = ip4_place_open(runs->index, &place);
	if (!(runs->container.kind & (IP4_KIND_BITMAP | IP4_KIND_UNIFORM)))
		runs->positions = ip4_positions_begin(&runs->container);
	runs->has_container = true;
	runs->rank = 0;
	runs->next = 0;
	runs->has_low = false;
}

static uint32_t container_number(const ip4_runs_t *runs, size_t index)
{
	return ip4_container_number(&runs->container, index);
}

/* The next place of a bitmap where a bit is another one than before it. */
static bool next_of_bitmap(ip4_runs_t *runs, uint32_t *low, uint32_t *number)
{
	const uint8_t *bits = runs->container.positions;

	if (runs->next == IP4_PAGE_SIZE)
		return false;
	unsigned bit = bits_test(bits, runs->next);
	*low = runs->next;
	*number = container_number(runs, bit);
	do
		runs->next++;
	while (runs->next < IP4_PAGE_SIZE && bits_test(bits, runs->next) == bit);
	return true;
}

static bool next_of_runs(ip4_runs_t *runs, uint32_t *low, uint32_t *number)
{
	if (runs->rank == 0)
		*low = 0;
	else if (!ip4_positions_next(&runs->positions, low))
		return false;
	*number =
		container_number(runs, ip4_number_index(runs->container.kind, runs->rank++, true));
	return true;
}

/* Between two points that are no neighbours is the background. */
static bool next_of_points(ip4_runs_t *runs, uint32_t *low, uint32_t *number)
{
	if (!runs->has_low)
		runs->has_low = ip4_positions_next(&runs->positions, &runs->low);
	if (runs->next < (runs->has_low ? runs->low : IP4_PAGE_SIZE)) {
		*low = runs->next;
		*number = container_number(runs, 0);
		runs->next = runs->has_low ? runs->low : IP4_PAGE_SIZE;
		return true;
	}
	if (!runs->has_low)
		return false;
	*low = runs->low;
	*number =
		container_number(runs, ip4_number_index(runs->container.kind, ++runs->rank, true));
	runs->next = runs->low + 1;
	runs->has_low = false;
	return true;
}

static bool next_of_container(ip4_runs_t *runs, uint32_t *low, uint32_t *number)
{
	if (runs->container.kind & IP4_KIND_BITMAP)
		return next_of_bitmap(runs, low, number);
	if (runs->container.kind & IP4_KIND_RUNS)
		return next_of_runs(runs, low, number);
	return next_of_points(runs, low, number);
}

/* The next address from which on the number is `*number`, maybe the one before, too. */
static bool next_change(ip4_runs_t *runs, uint32_t *address, uint32_t *number)
{
	uint32_t low;

	for (;;) {
		if (runs->has_container) {
			if (next_of_container(runs, &low, number)) {
				*address = runs->page_first + low;
				return true;
			}
			runs->has_container = false;
		}
		if (runs->page == IP4_PAGES)
			return false;
		open_container(runs, runs->page);
		runs->page_first = runs->page++ << 16;
		if (runs->container.kind & IP4_KIND_UNIFORM) {
			runs->has_container = false;
			*address = runs->page_first;
			*number = container_number(runs, 0);
			return true;
		}
	}
}

void ip4_runs_begin(ip4_runs_t *runs, const ip4_index_t *index)
{
	*runs = (ip4_runs_t){ .index = index, .number = NO_NUMBER };
}

bool ip4_runs_next(ip4_runs_t *runs, uint32_t *first, uint32_t *last, uint32_t *number)
{
	uint32_t address;
	uint32_t other;

	if (runs->is_ended)
		return false;
	if (runs->number == NO_NUMBER)
		(void)next_change(runs, &runs->first, &runs->number); /* 0.0.0.0 always is one */
	*first = runs->first;
	*number = runs->number;
	while (next_change(runs, &address, &other)) {
		if (other == runs->number)
			continue;
		*last = address - 1;
		runs->first = address;
		runs->number = other;
		return true;
	}
	*last = UINT32_MAX;
	runs->is_ended = true;
	return true;
}
