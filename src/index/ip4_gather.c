/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip4_gather.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* Most pages have one value: that of most lines of a list. What the runs have of such a page is written as
 * ones into a bitmap of 8 KB, in whatever order, and read from there in ascending order. Over its 1,024
 * words lies another bitmap, of those that have ones: in a page there are seldom more than some hundred.
 * A page that a single run has needs no bitmap, nor does a list that is sorted as a whole.
 *
 * When another value turns up, what has been collected so far becomes rows, low and value, and the rest of
 * the page follows as such, run by run. They are sorted by their lows, so that equal ones stay in the order
 * of their runs.
 *
 * So no address is compared with another one, as in a tournament of runs (index/entry_list.c), and many runs
 * cost hardly more than few. */

#define PAGE_SIZE  65536u
#define PAGE_WORDS (PAGE_SIZE / 64)

/* Up to here insertion is the faster way to sort. */
#define INSERTION_MAX 24u

/* A run, and the block of it that was taken last. */
typedef struct source {
	ip4_packed_t run;
	ip4_packed_block_t block;
	uint32_t row; /* the next one of the block */
} source_t;

struct ip4_gather {
	bool first_only;
	uint32_t page;  /* the one that is being collected */
	uint32_t next;  /* the next one, as far as is known, */
	size_t sharing; /* and how many sources have it */

	/* Of a page with one value: bits, or lows at once if a single source has it. */
	bool is_alone;
	size_t low_count;
	uint64_t summary[PAGE_WORDS / 64]; /* of words[] that have ones */
	uint64_t words[PAGE_WORDS];
	bool has_value;
	uint32_t value;
	uint16_t lows[PAGE_SIZE];

	/* Of a page with several: low << 32 | value; and what it is taken apart into. */
	bool has_rows;
	uint64_t *rows;
	uint64_t *scratch;
	size_t row_count;
	size_t row_capacity;
	size_t scratch_capacity;
	uint16_t *row_lows;
	uint32_t *row_values;
	size_t low_capacity;
	size_t value_capacity;

	size_t source_count; /* that have addresses yet, in the order of their runs */
	source_t sources[];
};

/* No page: behind all. */
#define NO_PAGE PAGE_SIZE

static inline uint32_t source_page(const source_t *source)
{
	return source->block.addresses[source->row] >> 16;
}

/* Takes the next page of a source into account for that of all. */
static inline void consider_page(ip4_gather_t *gather, uint32_t page)
{
	if (page < gather->next) {
		gather->next = page;
		gather->sharing = 0;
	}
	gather->sharing += page == gather->next;
}

ip4_gather_t *ip4_gather_begin(ip4_packed_t *runs, size_t count, bool first_only)
{
	ip4_gather_t *gather = calloc(1, sizeof(*gather) + count * sizeof(gather->sources[0]));

	if (gather == NULL)
		return NULL;
	gather->first_only = first_only;
	gather->next = NO_PAGE;
	for (size_t i = 0; i < count; i++) {
		source_t *source = &gather->sources[gather->source_count];

		source->run = runs[i];
		runs[i] = (ip4_packed_t){ .written = 0 };
		if (!ip4_packed_take(&source->run, &source->block))
			continue;
		gather->source_count++;
		consider_page(gather, source_page(source));
	}
	return gather;
}

void ip4_gather_free(ip4_gather_t *gather)
{
	if (gather == NULL)
		return;
	for (size_t i = 0; i < gather->source_count; i++)
		ip4_packed_clear(&gather->sources[i].run);
	free(gather->rows);
	free(gather->scratch);
	free(gather->row_lows);
	free(gather->row_values);
	free(gather);
}

static inline void set_low(ip4_gather_t *gather, uint32_t low)
{
	gather->words[low / 64] |= (uint64_t)1 << low % 64;
	gather->summary[low / 4096] |= (uint64_t)1 << low / 64 % 64;
}

/* Takes the ones out of the bitmaps, as ascending lows, unless they are that already; how many there
 * are. */
static size_t take_lows(ip4_gather_t *gather)
{
	uint16_t *at = gather->lows;

	if (gather->is_alone)
		return gather->low_count;
	for (uint32_t i = 0; i < COUNT_OF(gather->summary); i++) {
		for (uint64_t used = gather->summary[i]; used != 0; used &= used - 1) {
			uint32_t word = 64 * i + (uint32_t)__builtin_ctzll(used);
			uint64_t ones = gather->words[word];

			gather->words[word] = 0;
			for (; ones != 0; ones &= ones - 1)
				*at++ = (uint16_t)(64 * word + (uint32_t)__builtin_ctzll(ones));
		}
		gather->summary[i] = 0;
	}
	return (size_t)(at - gather->lows);
}

static err_t reserve_rows(ip4_gather_t *gather, size_t more)
{
	void *rows = gather->rows;
	err_t error = array_reserve(&rows, &gather->row_capacity, gather->row_count + more,
				    sizeof(*gather->rows));

	gather->rows = rows;
	return error;
}

/* Goes over to rows: what is in the bitmap came before what is to follow. */
static err_t begin_rows(ip4_gather_t *gather)
{
	size_t count = take_lows(gather);
	err_t error;

	gather->row_count = 0;
	error = reserve_rows(gather, count);
	if (error != ERR_OK)
		return error;
	for (size_t i = 0; i < count; i++)
		gather->rows[i] = (uint64_t)gather->lows[i] << 32 | gather->value;
	gather->row_count = count;
	gather->has_rows = true;
	return ERR_OK;
}

/* How many of the rest of a block are in the page. */
static inline uint32_t count_in_page(const source_t *source, uint32_t page)
{
	const uint32_t *addresses = source->block.addresses;
	uint32_t end = source->row;

	if (addresses[source->block.count - 1] >> 16 == page)
		return source->block.count - end;
	while (addresses[end] >> 16 == page)
		end++;
	return end - source->row;
}

/* Collects addresses of the page's one value, up to row `end`. */
static inline void collect_lows(ip4_gather_t *gather, source_t *source, uint32_t end)
{
	const uint32_t *addresses = source->block.addresses;

	if (gather->is_alone) {
		for (uint32_t row = source->row; row < end; row++)
			gather->lows[gather->low_count++] = (uint16_t)addresses[row];
	} else {
		for (uint32_t row = source->row; row < end; row++)
			set_low(gather, addresses[row] & 0xffff);
	}
	source->row = end;
}

/* Collects what the block has of the page. */
static err_t collect_block(ip4_gather_t *gather, source_t *source)
{
	const ip4_packed_block_t *block = &source->block;
	uint32_t end = source->row + count_in_page(source, gather->page);
	err_t error = ERR_OK;

	if (!gather->has_value && !block->has_values) {
		gather->has_value = true;
		gather->value = block->value;
	}
	if (!gather->has_rows && !block->has_values && block->value == gather->value) {
		collect_lows(gather, source, end);
		return ERR_OK;
	}
	if (!gather->has_rows)
		error = begin_rows(gather);
	if (error == ERR_OK)
		error = reserve_rows(gather, end - source->row);
	for (; source->row < end && error == ERR_OK; source->row++)
		gather->rows[gather->row_count++] =
			(uint64_t)(block->addresses[source->row] & 0xffff) << 32 |
			(block->has_values ? block->values[source->row] : block->value);
	return error;
}

/* Collects what all sources have of the page. */
static err_t collect(ip4_gather_t *gather)
{
	size_t left = 0;

	gather->page = gather->next;
	gather->is_alone = gather->sharing == 1;
	gather->low_count = 0;
	gather->next = NO_PAGE;
	gather->has_value = false;
	gather->has_rows = false;
	for (size_t i = 0; i < gather->source_count; i++) {
		source_t *source = &gather->sources[i];
		bool has_more = true;

		while (has_more && source_page(source) == gather->page) {
			err_t error = collect_block(gather, source);

			if (error != ERR_OK)
				return error;
			if (source->row < source->block.count)
				continue;
			source->row = 0;
			has_more = ip4_packed_take(&source->run, &source->block);
		}
		if (!has_more)
			continue;
		consider_page(gather, source_page(source));
		if (left != i) {
			gather->sources[left] = *source;
			source->run = (ip4_packed_t){ .written = 0 };
		}
		left++;
	}
	gather->source_count = left;
	return ERR_OK;
}

static void sort_by_insertion(uint64_t *rows, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		uint64_t row = rows[i];
		size_t place = i;

		for (; place > 0 && rows[place - 1] >> 32 > row >> 32; place--)
			rows[place] = rows[place - 1];
		rows[place] = row;
	}
}

/* Sorts by 8 bits, from `from` to `to`. */
static void sort_by_digit(const uint64_t *from, uint64_t *to, size_t count, unsigned shift)
{
	size_t starts[256] = { 0 };
	size_t start = 0;

	for (size_t i = 0; i < count; i++)
		starts[from[i] >> shift & 255]++;
	for (unsigned i = 0; i < COUNT_OF(starts); i++) {
		size_t next = start + starts[i];

		starts[i] = start;
		start = next;
	}
	for (size_t i = 0; i < count; i++)
		to[starts[from[i] >> shift & 255]++] = from[i];
}

/* Sorts the rows by their lows, equal ones staying as they are. */
static err_t sort_rows(ip4_gather_t *gather)
{
	void *scratch = gather->scratch;
	err_t error;

	if (gather->row_count <= INSERTION_MAX) {
		sort_by_insertion(gather->rows, gather->row_count);
		return ERR_OK;
	}
	error = array_reserve(&scratch, &gather->scratch_capacity, gather->row_count,
			      sizeof(*gather->scratch));
	gather->scratch = scratch;
	if (error != ERR_OK)
		return error;
	sort_by_digit(gather->rows, gather->scratch, gather->row_count, 32);
	sort_by_digit(gather->scratch, gather->rows, gather->row_count, 40);
	return ERR_OK;
}

/* Takes the rows apart, without those that say nothing new; how many are left. */
static size_t split_rows(ip4_gather_t *gather)
{
	size_t count = 0;

	for (size_t i = 0; i < gather->row_count; i++) {
		uint64_t row = gather->rows[i];
		uint64_t differ = i > 0 ? row ^ gather->rows[i - 1] : UINT64_MAX;

		if ((gather->first_only ? differ >> 32 : differ) == 0)
			continue;
		gather->row_lows[count] = (uint16_t)(row >> 32);
		gather->row_values[count++] = (uint32_t)row;
	}
	return count;
}

static err_t end_rows(ip4_gather_t *gather, ip4_gathered_t *page)
{
	void *lows = gather->row_lows;
	void *values = gather->row_values;
	err_t error = sort_rows(gather);

	if (error == ERR_OK)
		error = array_reserve(&lows, &gather->low_capacity, gather->row_count,
				      sizeof(*gather->row_lows));
	gather->row_lows = lows;
	if (error == ERR_OK)
		error = array_reserve(&values, &gather->value_capacity, gather->row_count,
				      sizeof(*gather->row_values));
	gather->row_values = values;
	if (error != ERR_OK)
		return error;
	page->count = split_rows(gather);
	page->lows = gather->row_lows;
	page->values = gather->row_values;
	return ERR_OK;
}

err_t ip4_gather_next(ip4_gather_t *gather, ip4_gathered_t *page, bool *has_page)
{
	err_t error;

	*has_page = gather->source_count > 0;
	if (!*has_page)
		return ERR_OK;
	error = collect(gather);
	if (error != ERR_OK)
		return error;
	*page = (ip4_gathered_t){ .number = gather->page };
	if (gather->has_rows)
		return end_rows(gather, page);
	page->count = take_lows(gather);
	page->lows = gather->lows;
	page->value = gather->value;
	return ERR_OK;
}
