/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip4_singles.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* Addresses are collected until there are PENDING_MAX of them. These are sorted and packed
 * (index/ip4_packed.h) as a run: behind the run before, where they follow it, as they do in a file that is
 * sorted, or else as a new one. A packed address takes the fewer bits the more of them are in its run, one
 * bit less for each doubling. So as soon as there are sixteen runs of a level they are merged
 * (index/ip4_gather.h) to one of the next level:
 *
 *     level 0   262,144 addresses   | | | | | | | | ...
 *     level 1   4,194,304           |                             |   |   |
 *
 * and each address is packed again only once for a level. Packed memory is given back as it is read, so
 * that a merge takes no memory; and in the end all runs that are left are read side by side, while what
 * reads them grows. It is index/entry_list.h with less in each entry, and the same that stands there about
 * choices holds here.
 *
 * Runs stay in the order in which their addresses came, and only neighbours are merged, so that of several
 * values of an address the first one is known. Most lists have one value, or one for many lines in a row:
 * then an address that is not packed yet takes 4 bytes, and a packed one nothing for its value.
 *
 * Measured for 10 million random addresses in bulk: 0.25 s until all are packed and 0.12 s for an index of
 * them, where entries of entry_list took 1.6 s; sorted ones 0.05 s and 0.08 s. What a new index takes in all is
 * 17.6 MB at most, 13.5 MB of it the index in the end. Refused: larger runs with fewer merges, 2 MB more for
 * each doubling; no merges at all, as 40 runs of 256 K addresses are 20 MB; buckets by the first byte, each of
 * which is merged on its own: a list of one /8 would have to be treated in another way. */

/* Addresses that are sorted at once: 1 MB, and as much for scratch space. With a value for each twice
 * that, so half as many of those. */
#define PENDING_MAX        (256u * 1024)
#define PENDING_VALUES_MAX (PENDING_MAX / 2)

/* When a new value comes those before it are packed if there are so many, so that both sides have one
 * value; fewer would be too many runs. */
#define PENDING_ALONE_MIN (PENDING_MAX / 8)

#define DIGIT_BITS 11u
#define DIGITS     3u
#define DIGIT_MASK ((1u << DIGIT_BITS) - 1)

/* Pending addresses, or where they are sorted to. */
typedef struct columns {
	uint32_t *addresses;
	uint32_t *values; /* NULL: all the same */
} columns_t;

static inline uint32_t digit_of(uint32_t address, unsigned digit)
{
	return address >> digit * DIGIT_BITS & DIGIT_MASK;
}

/* Sorts by a digit; `starts` is how many addresses have each, and is used up. */
static void sort_by_digit(const columns_t *from, const columns_t *to, size_t count, unsigned digit,
			  uint32_t *starts)
{
	const uint32_t *addresses = from->addresses;
	uint32_t start = 0;

	for (unsigned i = 0; i <= DIGIT_MASK; i++) {
		uint32_t next = start + starts[i];

		starts[i] = start;
		start = next;
	}
	if (from->values == NULL) {
		for (size_t i = 0; i < count; i++)
			to->addresses[starts[digit_of(addresses[i], digit)]++] = addresses[i];
		return;
	}
	for (size_t i = 0; i < count; i++) {
		uint32_t place = starts[digit_of(addresses[i], digit)]++;

		to->addresses[place] = addresses[i];
		to->values[place] = from->values[i];
	}
}

/* Sorts by address, equal ones staying in order; where they are then. */
static columns_t sort_columns(columns_t from, columns_t to, size_t count)
{
	uint32_t starts[DIGITS][1u << DIGIT_BITS] = { 0 };

	for (size_t i = 0; i < count; i++)
		for (unsigned digit = 0; digit < DIGITS; digit++)
			starts[digit][digit_of(from.addresses[i], digit)]++;
	for (unsigned digit = 0; digit < DIGITS; digit++) {
		columns_t sorted = to;

		if (starts[digit][digit_of(from.addresses[0], digit)] == count)
			continue; /* they all have the same */
		sort_by_digit(&from, &sorted, count, digit, starts[digit]);
		to = from;
		from = sorted;
	}
	return from;
}

static bool is_sorted(const uint32_t *addresses, size_t count)
{
	unsigned falls = 0;

	/* To the end even if it is known before: most lists are sorted as a whole or fall at once, and
	 * so several are compared with one instruction. */
	for (size_t i = 1; i < count; i++)
		falls |= addresses[i] < addresses[i - 1];
	return falls == 0;
}

/* Writes to the end of the last run. */
typedef struct packer {
	ip4_singles_t *list;
	bool has_last; /* an address has been written, and this was the last one: */
	uint32_t last;
	uint32_t last_value;
	ip4_packed_block_t block;
} packer_t;

static void begin_packing(packer_t *packer, ip4_singles_t *list)
{
	packer->list = list;
	packer->has_last = false;
	packer->block.count = 0;
	packer->block.has_values = false;
}

static err_t end_block(packer_t *packer)
{
	ip4_singles_t *list = packer->list;
	ip4_packed_block_t *block = &packer->block;
	err_t error = ERR_OK;

	if (block->count > 0) {
		list->last = block->addresses[block->count - 1];
		error = ip4_packed_put(&list->runs[list->run_count - 1], block);
	}
	block->count = 0;
	block->has_values = false;
	return error;
}

/* From here on the block has a value for each address. */
static void begin_block_values(ip4_packed_block_t *block)
{
	for (uint32_t i = 0; i < block->count; i++)
		block->values[i] = block->value;
	block->has_values = true;
}

/* Packs an address that is not below the last one. */
static err_t pack_one(packer_t *packer, uint32_t address, uint32_t value)
{
	ip4_packed_block_t *block = &packer->block;
	bool is_again = packer->has_last && address == packer->last;

	if (is_again && (packer->list->first_only || value == packer->last_value))
		return ERR_OK;
	if (block->count == IP4_PACKED_ROWS) {
		err_t error = end_block(packer);

		if (error != ERR_OK)
			return error;
	}
	if (block->count == 0)
		block->value = value;
	if (!block->has_values && (is_again || value != block->value))
		begin_block_values(block);
	block->addresses[block->count] = address;
	block->values[block->count++] = value;
	packer->has_last = true;
	packer->last = address;
	packer->last_value = value;
	return ERR_OK;
}

/* Packs addresses of one value. */
static err_t pack_same(packer_t *packer, const uint32_t *addresses, size_t count, uint32_t value)
{
	ip4_packed_block_t *block = &packer->block;
	err_t error = ERR_OK;

	for (size_t i = 0; i < count && error == ERR_OK;) {
		uint32_t row = block->count;
		uint32_t last = packer->last;

		if (row == 0 || row == IP4_PACKED_ROWS || block->has_values ||
		    value != block->value) {
			error = pack_one(packer, addresses[i++], value);
			continue;
		}
		for (; i < count && row < IP4_PACKED_ROWS; i++) {
			block->addresses[row] = addresses[i];
			row += addresses[i] != last;
			last = addresses[i];
		}
		block->count = row;
		packer->last = last;
	}
	return error;
}

/* Packs sorted addresses, at least one, behind the last run when they follow it, else as a new one. */
static err_t pack_sorted(ip4_singles_t *list, const columns_t *sorted, size_t count)
{
	packer_t packer;
	err_t error = ERR_OK;

	if (list->run_count == 0 || sorted->addresses[0] <= list->last) {
		assert(list->run_count < IP4_SINGLES_RUNS);
		list->levels[list->run_count] = 0;
		list->runs[list->run_count++] = (ip4_packed_t){ .written = 0 };
	}
	begin_packing(&packer, list);
	if (sorted->values == NULL)
		error = pack_same(&packer, sorted->addresses, count, list->value);
	for (size_t i = 0; sorted->values != NULL && i < count && error == ERR_OK; i++)
		error = pack_one(&packer, sorted->addresses[i], sorted->values[i]);
	return error == ERR_OK ? end_block(&packer) : error;
}

static err_t pack_page(packer_t *packer, const ip4_gathered_t *page)
{
	uint32_t addresses[2 * IP4_PACKED_ROWS];
	uint32_t first = page->number << 16;
	err_t error = ERR_OK;

	for (size_t i = 0; page->values != NULL && i < page->count && error == ERR_OK; i++)
		error = pack_one(packer, first | page->lows[i], page->values[i]);
	for (size_t i = 0; page->values == NULL && i < page->count && error == ERR_OK;) {
		size_t count = 0;

		while (count < COUNT_OF(addresses) && i < page->count)
			addresses[count++] = first | page->lows[i++];
		error = pack_same(packer, addresses, count, page->value);
	}
	return error;
}

/* Merges the list's last IP4_SINGLES_MERGED runs to one of the next level. */
static err_t merge_last(ip4_singles_t *list)
{
	size_t at = list->run_count - IP4_SINGLES_MERGED;
	ip4_gather_t *gather =
		ip4_gather_begin(&list->runs[at], IP4_SINGLES_MERGED, list->first_only);
	packer_t packer;
	ip4_gathered_t page;
	bool has_page;
	err_t error;

	if (gather == NULL)
		return ERR_NOMEM;
	list->levels[at]++;
	list->run_count = at + 1;
	begin_packing(&packer, list);
	while ((error = ip4_gather_next(gather, &page, &has_page)) == ERR_OK && has_page) {
		error = pack_page(&packer, &page);
		if (error != ERR_OK)
			break;
	}
	if (error == ERR_OK)
		error = end_block(&packer);
	ip4_gather_free(gather);
	return error;
}

/* Are there as many runs of the last one's level as are merged? */
static bool is_level_full(const ip4_singles_t *list)
{
	size_t count = list->run_count;

	return count >= IP4_SINGLES_MERGED &&
	       list->levels[count - IP4_SINGLES_MERGED] == list->levels[count - 1];
}

static err_t pack_pending(ip4_singles_t *list)
{
	size_t count = list->pending_count;
	columns_t pending = { list->pending, list->has_values ? list->values : NULL };
	columns_t sorted = pending;
	err_t error;

	if (count == 0)
		return ERR_OK;
	if (!is_sorted(list->pending, count)) {
		void *scratch = list->scratch;

		error = array_reserve(&scratch, &list->scratch_capacity,
				      list->has_values ? 2 * count : count, sizeof(uint32_t));
		list->scratch = scratch;
		if (error != ERR_OK)
			return error;
		sorted =
			sort_columns(pending,
				     (columns_t){ list->scratch,
						  list->has_values ? list->scratch + count : NULL },
				     count);
	}
	error = pack_sorted(list, &sorted, count);
	list->pending_count = 0;
	list->has_values = false;
	while (error == ERR_OK && is_level_full(list))
		error = merge_last(list);
	return error;
}

/* From here on there is a value for each pending address. */
static err_t begin_values(ip4_singles_t *list)
{
	void *values = list->values;
	err_t error = array_reserve(&values, &list->values_capacity, list->pending_count,
				    sizeof(*list->values));

	list->values = values;
	if (error != ERR_OK)
		return error;
	for (size_t i = 0; i < list->pending_count; i++)
		list->values[i] = list->value;
	list->has_values = true;
	return ERR_OK;
}

static err_t reserve_pending(ip4_singles_t *list, size_t count)
{
	void *pending = list->pending;
	void *values = list->values;
	err_t error =
		array_reserve(&pending, &list->pending_capacity, count, sizeof(*list->pending));

	list->pending = pending;
	if (error == ERR_OK && list->has_values)
		error = array_reserve(&values, &list->values_capacity, count,
				      sizeof(*list->values));
	list->values = values;
	return error;
}

/* Makes the pending addresses ready for more, of `value`; into `*room` for how many. */
static err_t prepare_pending(ip4_singles_t *list, uint32_t value, size_t *room)
{
	bool is_other = !list->has_values && value != list->value;
	size_t most = list->has_values ? PENDING_VALUES_MAX : PENDING_MAX;
	err_t error = ERR_OK;

	if (list->pending_count == most || (is_other && list->pending_count >= PENDING_ALONE_MIN))
		error = pack_pending(list);
	if (error == ERR_OK && list->pending_count == 0)
		list->value = value;
	else if (error == ERR_OK && is_other)
		error = begin_values(list);
	*room = (list->has_values ? PENDING_VALUES_MAX : PENDING_MAX) - list->pending_count;
	return error;
}

err_t ip4_singles_append(ip4_singles_t *list, const uint32_t *addresses, size_t count,
			 uint32_t value)
{
	while (count > 0) {
		size_t room;
		err_t error = prepare_pending(list, value, &room);

		if (room > count)
			room = count;
		if (error == ERR_OK)
			error = reserve_pending(list, list->pending_count + room);
		if (error != ERR_OK)
			return error;
		memcpy(list->pending + list->pending_count, addresses, room * sizeof(*addresses));
		for (size_t i = 0; list->has_values && i < room; i++)
			list->values[list->pending_count + i] = value;
		list->pending_count += room;
		addresses += room;
		count -= room;
	}
	return ERR_OK;
}

err_t ip4_singles_sort(ip4_singles_t *list)
{
	err_t error = pack_pending(list);

	free(list->pending);
	free(list->values);
	free(list->scratch);
	list->pending = NULL;
	list->values = NULL;
	list->scratch = NULL;
	list->pending_capacity = 0;
	list->values_capacity = 0;
	list->scratch_capacity = 0;
	if (error != ERR_OK)
		return error;
	list->gather = ip4_gather_begin(list->runs, list->run_count, list->first_only);
	if (list->gather == NULL)
		return ERR_NOMEM;
	list->run_count = 0;
	return ERR_OK;
}

err_t ip4_singles_take(ip4_singles_t *list, ip4_gathered_t *page, bool *has_page)
{
	return ip4_gather_next(list->gather, page, has_page);
}

void ip4_singles_clear(ip4_singles_t *list)
{
	free(list->pending);
	free(list->values);
	free(list->scratch);
	for (size_t i = 0; i < list->run_count; i++)
		ip4_packed_clear(&list->runs[i]);
	ip4_gather_free(list->gather);
	*list = (ip4_singles_t){ .first_only = list->first_only };
}
