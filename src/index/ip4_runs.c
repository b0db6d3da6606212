/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip4_runs.h"

/* In the place of a number, before the first one. */
#define NO_NUMBER UINT32_MAX

/* The container of a page, even if it is that of the page before. */
static ip4_container_t find_container(const ip4_index_t *index, uint32_t page)
{
	ip4_slot_t slot = ip4_find_slot(CPU_PLAIN, index, page);
	ip4_place_t place = ip4_slot_place(index, &slot);

	return ip4_place_open(index, &place);
}

/* The first page from `page` on that is not as the one before, or IP4_PAGES. */
static uint32_t next_slot(const ip4_index_t *index, uint32_t page)
{
	uint32_t group = page / IP4_GROUP_PAGES;

	if (page == IP4_PAGES)
		return IP4_PAGES;
	if (index->group_bits[group / 64] >> group % 64 & 1) {
		ip4_slot_t slot = ip4_find_slot(CPU_PLAIN, index, page);
		uint64_t pages = slot.record->pages >> page % IP4_GROUP_PAGES;

		if (pages != 0)
			return page + (uint32_t)__builtin_ctzll(pages);
		group++;
	}
	for (; group < IP4_GROUPS; group = (group / 64 + 1) * 64) {
		uint64_t groups = index->group_bits[group / 64] >> group % 64;

		/* The first page of a group with a record has a slot. */
		if (groups != 0)
			return (group + (uint32_t)__builtin_ctzll(groups)) * IP4_GROUP_PAGES;
	}
	return IP4_PAGES;
}

/* The next page that has to be looked at. */
static uint32_t next_page(const ip4_runs_t *runs)
{
	return runs->is_uniform ? next_slot(runs->index, runs->page) : runs->page;
}

static void open_container(ip4_runs_t *runs, uint32_t page)
{
	runs->container = find_container(runs->index, page);
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
	uint64_t same = bit != 0 ? UINT64_MAX : 0;
	uint32_t at = runs->next / 64 * 64;
	uint64_t others = (bits_load_64(bits + at / 8) ^ same) >> runs->next % 64
									  << runs->next % 64;

	*low = runs->next;
	*number = container_number(runs, bit);
	while (others == 0 && (at += 64) < IP4_PAGE_SIZE)
		others = bits_load_64(bits + at / 8) ^ same;
	runs->next = others != 0 ? at + (uint32_t)__builtin_ctzll(others) : IP4_PAGE_SIZE;
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
		runs->page = next_page(runs);
		if (runs->page == IP4_PAGES)
			return false;
		open_container(runs, runs->page);
		runs->is_uniform = runs->container.kind & IP4_KIND_UNIFORM;
		runs->page_first = runs->page++ << 16;
		if (runs->is_uniform) {
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

/* Has all been read that is in the page that is open? */
static bool is_page_read(const ip4_runs_t *runs)
{
	const unsigned others = IP4_KIND_BITMAP | IP4_KIND_RUNS;

	return !runs->has_container ||
	       (!(runs->container.kind & others) && runs->next == IP4_PAGE_SIZE);
}

/* The points of a container that are no short ones: their high bytes are the ones of the unary part, each
 * behind the zeros of its points. */
static void read_unary(const ip4_positions_t *positions, ip4_points_t *points)
{
	uint32_t rank = 0;

	for (uint32_t at = 0; rank < points->count && at < IP4_HIGH_BYTES + points->count;
	     at += 64) {
		uint64_t zeros = ~bits_load_64(positions->bits + at / 8);

		for (; zeros != 0 && rank < points->count; zeros &= zeros - 1) {
			uint32_t high = at + (uint32_t)__builtin_ctzll(zeros) - rank;

			points->lows[rank] = (uint16_t)(high << 8 | positions->lows[rank]);
			rank++;
		}
	}
}

static void read_points(const ip4_container_t *container, ip4_points_t *points)
{
	ip4_positions_t positions = ip4_positions_begin(container);

	if (positions.bits != NULL)
		read_unary(&positions, points);
	else
		for (uint32_t i = 0; i < points->count; i++)
			points->lows[i] = bits_load_16(positions.lows + i * sizeof(uint16_t));
	points->rows = 1;
	for (uint32_t i = 1; i < points->count; i++)
		points->rows += points->lows[i] - points->lows[i - 1] != 1;
}

bool ip4_runs_find_points(const ip4_runs_t *runs, uint64_t max, ip4_points_t *points)
{
	uint32_t page = next_page(runs);
	ip4_container_t container;

	if (runs->number != IP4_INDEX_NONE || runs->is_ended || !is_page_read(runs) ||
	    page == IP4_PAGES)
		return false;
	container = find_container(runs->index, page);
	if (container.kind == IP4_KIND_UNIFORM &&
	    ip4_container_number(&container, 0) == IP4_INDEX_NONE) {
		page = next_slot(runs->index, page + 1);
		if (page == IP4_PAGES)
			return false;
		container = find_container(runs->index, page);
	}
	if (container.kind != 0 || container.count == 0 || container.count > max ||
	    container.count > IP4_RUNS_POINTS_MAX ||
	    ip4_container_number(&container, 0) != IP4_INDEX_NONE)
		return false;
	points->page = page;
	points->number = ip4_container_number(&container, 1);
	points->count = container.count;
	read_points(&container, points);
	return points->lows[points->count - 1] != IP4_PAGE_SIZE - 1;
}

void ip4_runs_take_points(ip4_runs_t *runs, const ip4_points_t *points)
{
	runs->has_container = false;
	runs->page = points->page + 1;
	runs->is_uniform = false;
	runs->first = (points->page << 16 | points->lows[points->count - 1]) + 1;
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
