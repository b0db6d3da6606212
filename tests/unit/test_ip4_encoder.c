/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* What the encoder is told in different ways has to become the same bytes. */

#include "base/cpu.h"
#include "index/ip4_encoder.h"
#include "test.h"

#define PAGE_SIZE 65536u

/* The same list, told page by page and range by range. */
typedef struct twins {
	ip4_encoder_t *pages;
	ip4_encoder_t *ranges;
} twins_t;

static void put(ip4_encoder_t *encoder, uint32_t last, uint32_t number)
{
	MUST(ip4_encoder_put(encoder, last, number) == ERR_OK, "put up to %08x", last);
}

static void twins_begin(twins_t *twins)
{
	twins->pages = ip4_encoder_new();
	twins->ranges = ip4_encoder_new();
	ck_assert_ptr_nonnull(twins->pages);
	ck_assert_ptr_nonnull(twins->ranges);
}

static void twins_put(twins_t *twins, uint32_t last, uint32_t number)
{
	put(twins->pages, last, number);
	put(twins->ranges, last, number);
}

static void twins_put_points(twins_t *twins, uint32_t page, const uint16_t *lows, size_t count,
			     uint32_t number)
{
	MUST(ip4_encoder_put_points(twins->pages, page, lows, count, number) == ERR_OK,
	     "%zu points in page %x", count, page);
	for (size_t i = 0; i < count; i++) {
		uint32_t address = page << 16 | lows[i];

		if (address > 0)
			put(twins->ranges, address - 1, IP4_INDEX_NONE);
		put(twins->ranges, address, number);
	}
	put(twins->ranges, page << 16 | 0xffff, IP4_INDEX_NONE);
}

static void twins_end(twins_t *twins, bool is_told)
{
	ip4_index_t *a, *b;
	const char *why = "";

	if (!is_told)
		twins_put(twins, UINT32_MAX, IP4_INDEX_NONE);
	ck_assert_int_eq(ip4_encoder_finish(twins->pages, &a), ERR_OK);
	ck_assert_int_eq(ip4_encoder_finish(twins->ranges, &b), ERR_OK);
	ck_assert_uint_eq(ip4_index_size(a), ip4_index_size(b));
	ck_assert_msg(memcmp(a, b, ip4_index_size(a)) == 0, "different blocks");
	ck_assert_msg(ip4_index_check(a, ip4_index_size(a), IP4_INDEX_MAX, &why) == ERR_OK, "%s",
		      why);
	ip4_index_free(a);
	ip4_index_free(b);
	ip4_encoder_free(twins->pages);
	ip4_encoder_free(twins->ranges);
}

/* `count` lows or a few more: of 65,536 each as likely as the others, or in runs. */
static size_t random_lows(uint16_t *lows, size_t count, unsigned run_max)
{
	static bool is_low[PAGE_SIZE];
	size_t found = 0;

	memset(is_low, count == PAGE_SIZE, sizeof(is_low));
	while (count < PAGE_SIZE && found < count) {
		uint32_t low = random_below(PAGE_SIZE);

		for (uint32_t end = low + 1 + random_below(run_max); low < end; low++) {
			found += !is_low[low % PAGE_SIZE];
			is_low[low % PAGE_SIZE] = true;
		}
	}
	found = 0;
	for (uint32_t low = 0; low < PAGE_SIZE; low++)
		if (is_low[low])
			lows[found++] = (uint16_t)low;
	return found;
}

/* Numbers of 1, 2, 3 and 4 bytes. */
static uint32_t random_number(void)
{
	return 1 + (uint32_t)random_64() % (IP4_INDEX_MAX >> 8 * random_below(4));
}

/* Pages of all sizes, with ranges and with nothing between them. */
START_TEST(test_points)
{
	static const size_t counts[] = { 1,    2,    3,     4,     17,    36,    37,
					 150,  511,  512,   1000,  4000,  7000,  8000,
					 8192, 8193, 20000, 32768, 40000, 65535, 65536 };
	static uint16_t lows[PAGE_SIZE];
	uint32_t number = 1;

	random_start(1);
	for (unsigned round = 0; round < 4 * COUNT_OF(counts); round++) {
		bool is_last = round % 5 == 0;
		uint32_t page = random_below(3);
		uint32_t gap = page; /* pages not told */
		twins_t twins;

		twins_begin(&twins);
		for (unsigned i = 0; i < 30 && page < 65535; i++, page += 1 + gap) {
			size_t count = counts[(round + i) % COUNT_OF(counts)];
			unsigned run_max = random_below(2) == 0 ? 1 : 1 + random_below(6);

			if (random_below(3) > 0)
				number = random_number();
			if (random_below(4) == 0 && gap > 0)
				twins_put(&twins, (page << 16) - 1 - random_below(30000), number);
			count = random_lows(lows, count, run_max);
			twins_put_points(&twins, page, lows, count, number);
			gap = random_below(3);
		}
		if (is_last)
			twins_put_points(&twins, 65535, lows, random_lows(lows, 200, 1), number);
		twins_end(&twins, is_last);
	}
}
END_TEST

/* Both ends of the space and of pages, alone. */
START_TEST(test_ends)
{
	static const uint16_t lows[] = { 0, 0xffff };
	twins_t twins;

	twins_begin(&twins);
	twins_put_points(&twins, 0, lows, 2, IP4_INDEX_MAX);
	twins_put_points(&twins, 1, lows, 1, IP4_INDEX_MAX);
	twins_put_points(&twins, 2, lows + 1, 1, 1);
	twins_put_points(&twins, 65535, lows, 2, 1);
	twins_end(&twins, true);
}
END_TEST

/* ---- Groups of pages of every kind, with large containers too, against a plain array. ---- */

#define GROUP_PAGES 64u
#define GROUP_FIRST 0x0a000000u

static uint32_t expected[GROUP_PAGES * PAGE_SIZE];

/* Fills a page with runs of up to `run_max` lows with one of so many numbers. */
static void fill_page(uint32_t *page, uint32_t run_max, uint32_t step, uint32_t numbers)
{
	uint32_t stride = random_number() / numbers + 1;

	for (uint32_t low = 0; low < PAGE_SIZE;) {
		uint32_t number = random_below(numbers) * stride % IP4_INDEX_MAX;
		uint32_t end = low + (1 + random_below(run_max)) * step;

		for (; low < end && low < PAGE_SIZE; low++)
			page[low] = number;
	}
}

static ip4_index_t *build_group(void)
{
	ip4_encoder_t *encoder = ip4_encoder_new();
	ip4_index_t *index;

	ck_assert_ptr_nonnull(encoder);
	put(encoder, GROUP_FIRST - 1, IP4_INDEX_NONE);
	for (uint32_t i = 0; i < COUNT_OF(expected); i++)
		if (i + 1 == COUNT_OF(expected) || expected[i] != expected[i + 1])
			put(encoder, GROUP_FIRST + i, expected[i]);
	put(encoder, UINT32_MAX, IP4_INDEX_NONE);
	ck_assert_int_eq(ip4_encoder_finish(encoder, &index), ERR_OK);
	ip4_encoder_free(encoder);
	return index;
}

static void see_range(void *context, uint32_t first, uint32_t last, uint32_t number)
{
	for (uint64_t address = first; address <= last; address++) {
		uint64_t i = address - GROUP_FIRST;

		if (i >= COUNT_OF(expected)) {
			MUST(number == IP4_INDEX_NONE, "%08x maps to %u", first, number);
			/* Before or behind the group, whichever: only its part counts. */
			if (address >= GROUP_FIRST)
				return;
			address = GROUP_FIRST - 1;
			continue;
		}
		MUST(number == expected[i], "%08" PRIx64 " maps to %u, not %u", address, number,
		     expected[i]);
		++*(uint64_t *)context;
	}
}

static void compare_lookups(const ip4_index_t *index)
{
	uint32_t addresses[77], numbers[77];

	for (unsigned round = 0; round < 2000; round++) {
		for (size_t i = 0; i < COUNT_OF(addresses); i++)
			addresses[i] = GROUP_FIRST + random_below(COUNT_OF(expected));
		ip4_index_lookup_batch(index, addresses, COUNT_OF(addresses), numbers);
		for (size_t i = 0; i < COUNT_OF(addresses); i++)
			MUST(numbers[i] == expected[addresses[i] - GROUP_FIRST] &&
				     numbers[i] == ip4_index_lookup(index, addresses[i]),
			     "%08x maps to %u, not %u", addresses[i], numbers[i],
			     expected[addresses[i] - GROUP_FIRST]);
	}
}

START_TEST(test_groups)
{
	static const uint32_t run_maxes[] = { 1, 2, 100, 1000, 20000, PAGE_SIZE };
	static const uint32_t numbers[] = { 1, 2, 2, 3, 200, 300, 100000 };

	random_start(2);
	for (unsigned round = 0; round < 6; round++) {
		ip4_index_t *index;
		const char *why = "";
		uint64_t seen = 0;

		for (uint32_t page = 0; page < GROUP_PAGES; page++) {
			uint32_t step = random_below(2) == 0 ? 1 : 256;
			/* Now and then large pages, so that a group is wide. */
			size_t from = round % 2 == 0 && page % 8 == 0 ? 0 : 2;
			uint32_t run_max = run_maxes[from + random_below(4)];

			fill_page(expected + page * PAGE_SIZE, run_max, step,
				  numbers[random_below(COUNT_OF(numbers))]);
		}
		index = build_group();
		ck_assert_msg(ip4_index_check(index, ip4_index_size(index), IP4_INDEX_MAX, &why) ==
				      ERR_OK,
			      "%s", why);
		ip4_index_walk(index, see_range, &seen);
		ck_assert_uint_eq(COUNT_OF(expected), seen);
		for (cpu_level_t level = CPU_PLAIN; level < CPU_LEVELS; level++) {
			cpu_limit(level);
			compare_lookups(index);
		}
		cpu_limit(CPU_LEVELS);
		ip4_index_free(index);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_points, test_ends, test_groups };

	return run_tests("ip4_encoder", tests, COUNT_OF(tests));
}
