/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Builds indexes from random entries and compares every answer with a naive model, which takes each
 * entry for each address. */

#include "ip4_compare.h"
#include "ip4_model.h"
#include "test.h"

static const ip4_rule_t rules[] = { IP4_RULE_LONGEST_PREFIX, IP4_RULE_BYTE_LEVELS };
/* Numbers of 1, 2, 3 and 4 bytes. */
static const uint32_t strides[] = { 1, 1000, 400000, 50000000 };

/* Values are of each width in turn, and each rule meets each width. */
static entries_t entries_variant(size_t capacity, unsigned variant)
{
	return entries_new(capacity, rules[variant / COUNT_OF(strides) % COUNT_OF(rules)],
			   strides[variant % COUNT_OF(strides)]);
}

#define VARIANTS (COUNT_OF(rules) * COUNT_OF(strides))

/* Builds an index from the entries and compares it, with `extra` addresses; frees both. Whether single
 * addresses are added one by one or in bulk makes no difference. */
static void compare_entries(entries_t *entries, model_t *model, size_t extra)
{
	ip_lines_t lines, bulk_lines;
	built_t built = build_from(entries, false, &lines);
	built_t bulk = build_from(entries, true, &bulk_lines);

	compare(&built, model, extra);
	MUST(ip4_index_size(built.index) == ip4_index_size(bulk.index) &&
		     memcmp(built.index, bulk.index, ip4_index_size(built.index)) == 0,
	     "in bulk the index is another one");
	MUST(lines.size == bulk_lines.size &&
		     (lines.size == 0 || memcmp(lines.notes, bulk_lines.notes, lines.size) == 0),
	     "in bulk the notes are others");
	ip_lines_clear(&lines);
	ip_lines_clear(&bulk_lines);
	built_free(&built);
	built_free(&bulk);
	model_free(model);
	free(entries->list);
}

START_TEST(test_space)
{
	static const size_t counts[] = { 0, 1, 2, 3, 10, 40, 150, 400 };

	random_start(1);
	for (unsigned round = 0; round < 60 * VARIANTS; round++) {
		size_t count = counts[round / VARIANTS % COUNT_OF(counts)];
		entries_t entries = entries_variant(count + 1, round);
		model_t model;

		fill_space(&entries, count, 1 + random_below(VALUES));
		model = model_of_space(&entries);
		compare_entries(&entries, &model, 2000);
	}
}
END_TEST

/* Points, runs and bitmaps of every size around the limits between them. */
static void compare_page(uint32_t count, unsigned values, unsigned variant)
{
	static const uint32_t pages[] = { 0, 0x0a010000, 0xffff0000 };
	uint32_t page = pages[random_below(COUNT_OF(pages))];
	unsigned length = 32 - random_below(3) * random_below(3);
	entries_t entries = entries_variant(count + 1, variant);
	model_t model;

	if (random_below(3) == 0)
		entries_add_prefix(&entries, page, 16 + random_below(8), random_below(values));
	while (entries.count < count) {
		/* All of the page, or scattered over it. */
		uint32_t low = count == 65536 ? (uint32_t)entries.count : random_below(65536);

		entries_add_prefix(&entries, page + low, length,
				   values == 1 ? 0 : random_value(values));
	}
	model = model_of_page(&entries, page);
	compare_entries(&entries, &model, 5000);
}

START_TEST(test_page)
{
	static const uint32_t counts[] = { 1,    2,     35,    36,    37,   38,   73,
					   150,  511,   512,   513,   1000, 4000, 7000,
					   7500, 20000, 45000, 65000, 65536 };

	random_start(2);
	for (unsigned round = 0; round < COUNT_OF(counts) * VARIANTS; round++) {
		uint32_t count = counts[round / VARIANTS];

		compare_page(count, 1, round);
		compare_page(count, 1 + random_below(VALUES), round);
	}
}
END_TEST

/* Runs that all begin and end where a /24 does, up to all 256 of a page. */
START_TEST(test_coarse)
{
	static const uint32_t counts[] = { 1, 3, 14, 15, 16, 17, 31, 32, 33, 60, 200, 600 };

	random_start(6);
	for (unsigned round = 0; round < COUNT_OF(counts) * VARIANTS; round++) {
		uint32_t count = counts[round / VARIANTS];
		unsigned values = round % 3 == 0 ? 1 : round % 3 == 1 ? 3 : VALUES;
		entries_t entries = entries_variant(count + 1, round);
		model_t model;

		entries_add_prefix(&entries, 0x0a010000, 16 + random_below(3), 0);
		while (entries.count < count) {
			uint32_t low = random_below(65536);

			entries_add_prefix(&entries, 0x0a010000 + low, 24 - random_below(3),
					   random_value(values));
		}
		model = model_of_page(&entries, 0x0a010000);
		compare_entries(&entries, &model, 5000);
	}
}
END_TEST

/* A /24 of nothing, or nearly, in a listed /16 with so many other holes that each address of it is
 * named. */
START_TEST(test_hole)
{
	random_start(3);
	for (unsigned round = 0; round < 4 * VARIANTS; round++) {
		entries_t entries = entries_variant(1000, round);
		model_t model;

		entries_add_prefix(&entries, 0x0a010000, 16, 0);
		entries_add_prefix(&entries, 0x0a010700, 24, EXCLUDED);
		for (uint32_t low = 0; low < 256; low++) {
			bool is_listed =
				(round % 3 == 1 && low == 66) || (round % 3 == 2 && low == 255);

			entries_add_prefix(&entries, 0x0a010700 | low, 32,
					   is_listed ? round % 3 - 1 : EXCLUDED);
		}
		for (unsigned i = 0; i < 600; i++)
			entries_add_prefix(&entries, 0x0a010800 | random_below(0xf800), 32,
					   round < 2 * VARIANTS ? EXCLUDED : random_value(VALUES));
		model = model_of_page(&entries, 0x0a010000);
		compare_entries(&entries, &model, 5000);
	}
}
END_TEST

/* More entries than are sorted at once, all over a page and then at three addresses: of equal ones
 * the first wins. */
START_TEST(test_many)
{
	const size_t count = 200000;

	random_start(4);
	for (unsigned round = 0; round < 6; round++) {
		entries_t entries = entries_variant(count, round * 3);
		model_t model;

		while (entries.count < count) {
			uint32_t low =
				round < 4 ? random_below(65536) : 7 + random_below(3) * round;

			entries_add_prefix(&entries, 0xc0a80000 + low, 32, random_value(VALUES));
		}
		model = model_of_page(&entries, 0xc0a80000);
		compare_entries(&entries, &model, 50000);
	}
}
END_TEST

/* Few pages with many single addresses, mostly of one value, among few other entries. */
static void fill_addresses(entries_t *entries, unsigned values, unsigned others)
{
	static const uint32_t pages[] = { 0, 0x0a010000, 0x0a020000, 0xffff0000 };
	unsigned rows = 1 + random_below(3);

	while (entries->count + rows < entries->capacity) {
		uint32_t address = pages[random_below(COUNT_OF(pages))];
		unsigned value = random_below(10) == 0 ? random_below(values) : 0;

		if (random_below(100) < others) {
			address += random_below(65536);
			entries_add_prefix(entries, address, 14 + random_below(19),
					   random_value(values));
			continue;
		}
		/* The ends of the page, too. */
		address += random_below(20) == 0 ? 0 : random_below(65536 - rows);
		if (random_below(20) == 0)
			address |= 65536 - rows;
		for (unsigned i = 0; i < rows; i++)
			entries_add_prefix(entries, address + i, 32, value);
	}
}

static int compare_first(const void *a, const void *b)
{
	return compare_32(&((const model_entry_t *)a)->first, &((const model_entry_t *)b)->first);
}

START_TEST(test_addresses)
{
	static const size_t counts[] = { 10, 100, 500 };
	static const unsigned others[] = { 0, 1, 20 };

	random_start(6);
	for (unsigned round = 0; round < 9 * 2 * VARIANTS; round++) {
		size_t count = counts[round % COUNT_OF(counts)];
		entries_t entries = entries_variant(count, round / 9);
		model_t model;

		fill_addresses(&entries, random_below(3) == 0 ? 1 : 5,
			       others[round / 3 % COUNT_OF(others)]);
		if (round % 2 == 0)
			qsort(entries.list, entries.count, sizeof(*entries.list), compare_first);
		model = model_of_space(&entries);
		compare_entries(&entries, &model, 1000);
	}
}
END_TEST

/* A million single addresses all over the space with one value, then a million lookups. */
static void ask_million(const ip4_index_t *index, const uint32_t *addresses, size_t count)
{
	for (size_t i = 0; i < count; i += 50) {
		uint32_t asked[100], numbers[100];

		for (size_t j = 0; j < 50; j++) {
			asked[j] = addresses[i + j];
			asked[50 + j] = addresses[i + j] + 1 + random_below(3);
		}
		ip4_index_lookup_batch(index, asked, 100, numbers);
		for (size_t j = 0; j < 100; j++) {
			bool is_listed = j < 50 || bsearch(&asked[j], addresses, count,
							   sizeof(*addresses), compare_32) != NULL;

			MUST(numbers[j] == (is_listed ? 1 : 0), "%08x maps to %u", asked[j],
			     numbers[j]);
			MUST(ip4_index_lookup(index, asked[j]) == numbers[j],
			     "batch and single differ for %08x", asked[j]);
		}
	}
}

START_TEST(test_million)
{
	const size_t count = 1000000;
	ip4_builder_t *builder = ip4_builder_new(IP4_RULE_LONGEST_PREFIX);
	value_sets_t *sets = intern_new();
	uint32_t *addresses = calloc(count, sizeof(*addresses));
	ip4_index_t *index = NULL;
	const char *why = "";

	ck_assert(builder != NULL && sets != NULL && addresses != NULL);
	random_start(5);
	for (size_t i = 0; i < count; i++)
		addresses[i] = random_32();
	for (size_t i = 0; i < count; i += 1000)
		MUST(ip4_builder_add_addresses(builder, addresses + i, 1000, 1) == ERR_OK,
		     "no memory");
	ck_assert_int_eq(ip4_builder_finish(builder, sets, 1, &index), ERR_OK);
	ck_assert_msg(ip4_index_check(index, ip4_index_size(index), IP4_INDEX_MAX, &why) == ERR_OK,
		      "%s", why);
	qsort(addresses, count, sizeof(*addresses), compare_32);
	ask_million(index, addresses, count);
	ip4_index_free(index);
	ip4_builder_free(builder);
	intern_free(sets);
	free(addresses);
}
END_TEST

/* ---- Cases one would write by hand. ---- */

typedef struct lookup_case {
	uint32_t address;
	uint32_t number;
} lookup_case_t;

static ip4_index_t *build_prefixes(ip4_rule_t rule, value_sets_t *sets,
				   const uint32_t (*prefixes)[3], size_t count)
{
	ip4_builder_t *builder = ip4_builder_new(rule);
	ip4_index_t *index = NULL;

	ck_assert_ptr_nonnull(builder);
	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(
			ip4_builder_add(builder, prefixes[i][0], prefixes[i][1], prefixes[i][2]),
			ERR_OK);
	ck_assert_int_eq(ip4_builder_finish(builder, sets, 100, &index), ERR_OK);
	ip4_builder_free(builder);
	return index;
}

static const uint32_t prefixes[][3] = {
	{ 0x00000000, 0, 9 },  { 0x0a000000, 8, 1 },  { 0x0a020000, 16, 0 },
	{ 0x0a020304, 32, 2 }, { 0x0a020304, 32, 3 }, { 0x0a020300, 25, 4 },
	{ 0x0a020340, 26, 0 }, { 0xffffffff, 32, 5 }, { 0xffffffff, 32, 5 },
};

START_TEST(test_longest_prefix)
{
	static const lookup_case_t cases[] = {
		{ 0x00000000, 9 }, { 0x09ffffff, 9 }, { 0x0a000000, 1 }, { 0x0affffff, 1 },
		{ 0x0b000000, 9 }, { 0x0a020000, 0 }, { 0x0a02ffff, 0 }, { 0x0a020304, 2 },
		{ 0x0a020303, 4 }, { 0x0a020340, 0 }, { 0x0a02037f, 0 }, { 0x0a020380, 0 },
		{ 0xfffffffe, 9 }, { 0xffffffff, 5 },
	};
	value_sets_t *sets = intern_new();
	ip4_index_t *index =
		build_prefixes(IP4_RULE_LONGEST_PREFIX, sets, prefixes, COUNT_OF(prefixes));

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		ck_assert_uint_eq(ip4_index_lookup(index, cases[i].address), cases[i].number);
	ck_assert_uint_eq(intern_count(sets), 0);
	ip4_index_free(index);
	intern_free(sets);
}
END_TEST

START_TEST(test_byte_levels)
{
	/* 101: the first set, 2 and 3 of the address with 4 of the /25 on the same level. */
	static const lookup_case_t cases[] = {
		{ 0x00000000, 9 }, { 0x09ffffff, 9 }, { 0x0a000000, 102 }, { 0x0affffff, 102 },
		{ 0x0b000000, 9 }, { 0x0a020000, 0 }, { 0x0a02ffff, 0 },   { 0x0a020304, 101 },
		{ 0x0a020303, 4 }, { 0x0a020340, 0 }, { 0x0a02037f, 0 },   { 0x0a020380, 0 },
		{ 0xffffffff, 5 },
	};
	value_sets_t *sets = intern_new();
	ip4_index_t *index =
		build_prefixes(IP4_RULE_BYTE_LEVELS, sets, prefixes, COUNT_OF(prefixes));
	static const uint32_t of_address[] = { 2, 3, 4 };
	static const uint32_t of_coarse[] = { 1, 9 };
	uint32_t id;

	/* Which set came first is not promised, so ask for the numbers. The third one is what the lines
	 * of the address say by themselves. */
	ck_assert_uint_eq(intern_count(sets), 3);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		uint32_t expected = cases[i].number;

		if (expected == 101) {
			ck_assert_int_eq(intern_add(sets, of_address, sizeof(of_address), &id), 0);
			expected = 100 + id;
		} else if (expected == 102) {
			ck_assert_int_eq(intern_add(sets, of_coarse, sizeof(of_coarse), &id), 0);
			expected = 100 + id;
		}
		ck_assert_uint_eq(ip4_index_lookup(index, cases[i].address), expected);
	}
	ck_assert_uint_eq(intern_count(sets), 3);
	ip4_index_free(index);
	intern_free(sets);
}
END_TEST

/* What does not fit the numbers of an index is refused, and the builder can be used again. */
START_TEST(test_limits)
{
	ip4_builder_t *builder = ip4_builder_new(IP4_RULE_BYTE_LEVELS);
	value_sets_t *sets = intern_new();
	ip4_index_t *index = NULL;

	ck_assert_int_eq(ip4_builder_add(builder, 1, 32, 1), ERR_OK);
	ck_assert_int_eq(ip4_builder_add(builder, 1, 32, IP4_INDEX_MAX), ERR_OK);
	ck_assert_int_eq(ip4_builder_finish(builder, sets, IP4_INDEX_MAX, &index), ERR_RANGE);
	ck_assert_ptr_null(index);
	ck_assert_int_eq(ip4_builder_finish(builder, sets, IP4_INDEX_MAX, &index), ERR_OK);
	ck_assert(!ip4_index_has_any(index, 0, UINT32_MAX));
	ip4_index_free(index);
	ck_assert_int_eq(ip4_builder_add(builder, 1, 32, IP4_INDEX_MAX), ERR_OK);
	ck_assert_int_eq(ip4_builder_finish(builder, sets, IP4_INDEX_MAX, &index), ERR_OK);
	ck_assert_uint_eq(ip4_index_lookup(index, 1), IP4_INDEX_MAX);
	ip4_index_free(index);
	ip4_builder_free(builder);
	ip4_builder_free(NULL);
	ip4_index_free(NULL);
	intern_free(sets);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_longest_prefix, test_byte_levels, test_limits,  test_space,     test_page,
		test_hole,           test_many,        test_million, test_addresses, test_coarse,
	};

	return run_tests("ip4_index", tests, COUNT_OF(tests));
}
