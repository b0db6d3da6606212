/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Builds indexes from random entries and compares every answer with a naive model, which takes each
 * entry for each address. SPURN_SEED=n repeats a run. */

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "index/ip4_builder.h"
#include "index/ip4_index.h"

static uint64_t seed = 20260901;
static uint64_t random_state;

/* SplitMix64 (G. Steele, D. Lea, C. Flood, 2014). */
static uint64_t random_64(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static uint32_t random_32(void)
{
	return (uint32_t)random_64();
}

static uint32_t random_below(uint32_t bound)
{
	return (uint32_t)(random_64() % bound);
}

/* As ck_assert_msg, which writes to a pipe each time, but cheap enough for millions of checks. */
#define MUST(condition, ...)                                                                       \
	do {                                                                                       \
		if (!(condition))                                                                  \
			ck_abort_msg(__VA_ARGS__);                                                 \
	} while (0)

/* ---- The model: which values an address has, as a set of bits. ---- */

/* Bit i of a set is the value 1 + i * stride; no bit: nothing. */
#define VALUES   40u
#define EXCLUDED VALUES
typedef uint64_t set_t;

typedef struct entry {
	uint32_t first;
	uint32_t last;
	unsigned value; /* below VALUES, or EXCLUDED */
} entry_t;

/* Ranges with the same set, in order: i is starts[i]..starts[i + 1] - 1. No two neighbours are
 * equal. */
typedef struct model {
	uint32_t *starts;
	set_t *sets;
	size_t count;
} model_t;

typedef struct entries {
	entry_t *list;
	size_t count;
	size_t capacity;
	ip4_rule_t rule;
	uint32_t stride;
} entries_t;

static entries_t entries_new(size_t capacity, ip4_rule_t rule, uint32_t stride)
{
	entries_t entries = { .capacity = capacity, .rule = rule, .stride = stride };

	entries.list = calloc(capacity, sizeof(*entries.list));
	ck_assert_ptr_nonnull(entries.list);
	return entries;
}

static void entries_add(entries_t *entries, uint32_t first, uint32_t last, unsigned value)
{
	MUST(entries->count < entries->capacity, "too many entries for the list");
	entries->list[entries->count++] = (entry_t){ first, last, value };
}

static uint32_t prefix_mask(unsigned length)
{
	return length == 0 ? 0 : UINT32_MAX << (32 - length);
}

static void entries_add_prefix(entries_t *entries, uint32_t address, unsigned length,
			       unsigned value)
{
	address &= prefix_mask(length);
	entries_add(entries, address, address | ~prefix_mask(length), value);
}

/* Length of the largest prefix inside first..last that contains the address. */
static unsigned piece_length(const entry_t *entry, uint32_t address)
{
	unsigned length = 0;

	while ((address & prefix_mask(length)) < entry->first ||
	       (address | ~prefix_mask(length)) > entry->last)
		length++;
	return length;
}

/* What decides about one address so far. */
typedef struct decision {
	int rank; /* of the rule: length or level; -1: no entry yet */
	set_t set;
} decision_t;

static void decide(decision_t *decision, ip4_rule_t rule, const entry_t *entry, uint32_t address)
{
	static const int levels[33] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1,
					2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3 };
	unsigned length = piece_length(entry, address);
	int rank = rule == IP4_RULE_BYTE_LEVELS ? levels[length] : (int)length;

	if (rank > decision->rank) {
		decision->rank = rank;
		decision->set = (set_t)1 << entry->value;
	} else if (rank == decision->rank && rule == IP4_RULE_BYTE_LEVELS) {
		decision->set |= (set_t)1 << entry->value;
	}
}

static set_t decision_set(const decision_t *decision)
{
	return decision->set >> EXCLUDED & 1 ? 0 : decision->set;
}

static void model_append(model_t *model, uint32_t start, set_t set)
{
	if (model->count > 0 && model->sets[model->count - 1] == set)
		return;
	model->starts[model->count] = start;
	model->sets[model->count++] = set;
}

static model_t model_new(size_t capacity)
{
	model_t model = { .count = 0 };

	model.starts = calloc(capacity, sizeof(*model.starts));
	model.sets = calloc(capacity, sizeof(*model.sets));
	ck_assert_ptr_nonnull(model.starts);
	ck_assert_ptr_nonnull(model.sets);
	return model;
}

static void model_free(model_t *model)
{
	free(model->starts);
	free(model->sets);
}

static int compare_32(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a;
	uint32_t right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

/* Most prefixes that a range can fall into. */
#define PIECES_MAX 62

/* For few entries anywhere: between any two bounds of prefixes nothing changes. */
static model_t model_of_space(const entries_t *entries)
{
	size_t capacity = (PIECES_MAX + 1) * entries->count + 1;
	model_t model = model_new(capacity);
	uint32_t *bounds = calloc(capacity, sizeof(*bounds));
	size_t bound_count = 1; /* 0 is one */

	ck_assert_ptr_nonnull(bounds);
	for (size_t i = 0; i < entries->count; i++) {
		const entry_t *entry = &entries->list[i];
		uint32_t address = entry->first;

		do {
			bounds[bound_count++] = address;
			address = (address | ~prefix_mask(piece_length(entry, address))) + 1;
		} while (address - 1 != entry->last);
		bounds[bound_count++] = address; /* or 0 again */
	}
	qsort(bounds, bound_count, sizeof(*bounds), compare_32);
	for (size_t b = 0; b < bound_count; b++) {
		decision_t decision = { .rank = -1 };

		if (b > 0 && bounds[b] == bounds[b - 1])
			continue;
		for (size_t i = 0; i < entries->count; i++) {
			const entry_t *entry = &entries->list[i];

			if (entry->first <= bounds[b] && bounds[b] <= entry->last)
				decide(&decision, entries->rule, entry, bounds[b]);
		}
		model_append(&model, bounds[b], decision_set(&decision));
	}
	free(bounds);
	return model;
}

/* For many entries that touch a single /16: what decides about each of its addresses. */
static model_t model_of_page(const entries_t *entries, uint32_t page_first)
{
	model_t model = model_new(65536 + 2);
	decision_t *decisions = malloc(65536 * sizeof(*decisions));

	ck_assert_ptr_nonnull(decisions);
	for (size_t low = 0; low < 65536; low++)
		decisions[low] = (decision_t){ .rank = -1 };
	for (size_t i = 0; i < entries->count; i++) {
		const entry_t *entry = &entries->list[i];

		for (uint32_t address = entry->first;; address++) {
			decide(&decisions[address - page_first], entries->rule, entry, address);
			if (address == entry->last)
				break;
		}
	}
	model_append(&model, 0, page_first == 0 ? decision_set(&decisions[0]) : 0);
	for (uint32_t low = 0; low < 65536; low++)
		model_append(&model, page_first + low, decision_set(&decisions[low]));
	if (page_first + 65535 < UINT32_MAX)
		model_append(&model, page_first + 65536, 0);
	free(decisions);
	return model;
}

static uint32_t model_last(const model_t *model, size_t i)
{
	return i + 1 < model->count ? model->starts[i + 1] - 1 : UINT32_MAX;
}

/* The range that an address is in. */
static size_t model_find(const model_t *model, uint32_t address)
{
	size_t begin = 0;
	size_t end = model->count;

	while (end - begin > 1) {
		size_t middle = (begin + end) / 2;

		if (model->starts[middle] <= address)
			begin = middle;
		else
			end = middle;
	}
	return begin;
}

/* ---- The index, and how it compares. ---- */

typedef struct built {
	ip4_index_t *index;
	value_sets_t *sets;
	uint32_t stride;
	const model_t *model;
	size_t visited; /* ranges that a walk has shown */
	uint32_t next;
} built_t;

static uint32_t sets_base(uint32_t stride)
{
	return 1 + (VALUES - 1) * stride;
}

static built_t build(const entries_t *entries)
{
	built_t built = { .stride = entries->stride, .sets = intern_new() };
	ip4_builder_t *builder = ip4_builder_new(entries->rule);

	ck_assert_ptr_nonnull(builder);
	ck_assert_ptr_nonnull(built.sets);
	for (size_t i = 0; i < entries->count; i++) {
		const entry_t *entry = &entries->list[i];
		unsigned length = piece_length(entry, entry->first);
		uint32_t value = entry->value == EXCLUDED ? IP4_BUILDER_EXCLUDED
							  : 1 + entry->value * entries->stride;
		err_t error;

		if ((entry->first | ~prefix_mask(length)) == entry->last)
			error = ip4_builder_add(builder, entry->first, length, value);
		else
			error = ip4_builder_add_range(builder, entry->first, entry->last, value);
		ck_assert_int_eq(error, ERR_OK);
	}
	ck_assert_int_eq(
		ip4_builder_finish(builder, built.sets, sets_base(entries->stride), &built.index),
		ERR_OK);
	ip4_builder_free(builder);
	return built;
}

static void built_free(built_t *built)
{
	ip4_index_free(built->index);
	intern_free(built->sets);
}

/* The set that a number of the index stands for. */
static set_t number_set(const built_t *built, uint32_t number)
{
	uint32_t base = sets_base(built->stride);
	const uint32_t *values;
	size_t size;
	set_t set = 0;

	if (number == IP4_INDEX_NONE)
		return 0;
	if (number <= base) {
		MUST((number - 1) % built->stride == 0, "number %u is no value", number);
		return (set_t)1 << (number - 1) / built->stride;
	}
	MUST(number - base <= intern_count(built->sets), "number %u is no set", number);
	values = intern_get(built->sets, number - base, &size);
	MUST(size >= 2 * sizeof(*values), "set of %zu bytes", size);
	for (size_t i = 0; i < size / sizeof(*values); i++) {
		MUST(i == 0 || values[i] > values[i - 1], "values of a set do not ascend");
		set |= (set_t)1 << (values[i] - 1) / built->stride;
	}
	return set;
}

static void visit(void *context, uint32_t first, uint32_t last, uint32_t number)
{
	built_t *built = context;
	const model_t *model = built->model;
	size_t i = built->visited++;

	MUST(i < model->count, "walk shows more than %zu ranges", model->count);
	MUST(first == model->starts[i] && last == model_last(model, i),
	     "walk shows %08x-%08x, not %08x-%08x", first, last, model->starts[i],
	     model_last(model, i));
	MUST(number_set(built, number) == model->sets[i], "walk shows %u for %08x", number, first);
}

static void compare_address(const built_t *built, uint32_t address)
{
	uint32_t number = ip4_index_lookup(built->index, address);
	set_t set = built->model->sets[model_find(built->model, address)];

	MUST(number_set(built, number) == set, "%08x maps to %u, set %" PRIx64 " expected", address,
	     number, set);
}

static void compare_any(const built_t *built, uint32_t address)
{
	static const unsigned lengths[] = { 0, 8, 16, 24, 32 };
	const model_t *model = built->model;

	for (size_t l = 0; l < COUNT_OF(lengths); l++) {
		uint32_t first = address & prefix_mask(lengths[l]);
		uint32_t last = address | ~prefix_mask(lengths[l]);
		size_t i = model_find(model, first);
		bool any = model->sets[i] != 0;

		for (i++; !any && i < model->count && model->starts[i] <= last; i++)
			any = model->sets[i] != 0;
		MUST(ip4_index_has_any(built->index, first, last) == any,
		     "has_any of %08x/%u is not %d", first, lengths[l], any);
	}
}

/* Single lookups are compared with the model before; the batch has to agree with them. */
static void compare_batch(const built_t *built, const uint32_t *addresses, size_t count)
{
	uint32_t numbers[100];

	MUST(count < COUNT_OF(numbers), "batch of %zu", count);
	numbers[count] = 0x5a5a5a5a;
	ip4_index_lookup_batch(built->index, addresses, count, numbers);
	MUST(numbers[count] == 0x5a5a5a5a, "batch of %zu writes behind its end", count);
	for (size_t i = 0; i < count; i++)
		MUST(numbers[i] == ip4_index_lookup(built->index, addresses[i]),
		     "batch says %u for %08x", numbers[i], addresses[i]);
}

/* All bounds with their neighbours, and `extra` addresses anywhere near. */
static void compare(built_t *built, const model_t *model, size_t extra)
{
	const char *why = "";
	uint32_t batch[99];
	size_t batched = 0;

	built->model = model;
	built->visited = 0;
	MUST(ip4_index_check(built->index, ip4_index_size(built->index), &why) == ERR_OK,
	     "check: %s", why);
	ip4_index_walk(built->index, visit, built);
	MUST(built->visited == model->count, "walk shows %zu ranges of %zu", built->visited,
	     model->count);
	for (size_t i = 0; i < 2 * model->count + extra; i++) {
		size_t range = i < 2 * model->count ? i / 2 : random_below((uint32_t)model->count);
		uint32_t first = model->starts[range];
		uint32_t last = model_last(model, range);
		uint32_t address = i % 2 == 0 ? first : last;

		if (i >= 2 * model->count)
			address = random_below(8) == 0
					  ? random_32()
					  : first + (uint32_t)(random_64() %
							       ((uint64_t)last - first + 1));
		compare_address(built, address);
		batch[batched++] = address;
		if (i % 4 == random_below(4))
			compare_any(built, address);
		if (batched == COUNT_OF(batch) || random_below(60) == 0) {
			compare_batch(built, batch, batched);
			batched = 0;
		}
	}
	compare_batch(built, batch, batched);
}

/* ---- Random entries. ---- */

static const ip4_rule_t rules[] = { IP4_RULE_LONGEST_PREFIX, IP4_RULE_BYTE_LEVELS };
/* Numbers of 1, 2, 3 and 4 bytes. */
static const uint32_t strides[] = { 1, 1000, 400000, 50000000 };

static unsigned random_value(unsigned values)
{
	return random_below(6) == 0 ? EXCLUDED : random_below(values);
}

/* Near an entry there is already, so that prefixes nest, meet and repeat. */
static uint32_t random_address(const entries_t *entries)
{
	const entry_t *near;

	if (entries->count == 0 || random_below(4) == 0)
		return random_32();
	near = &entries->list[random_below((uint32_t)entries->count)];
	switch (random_below(5)) {
	case 0:
		return near->first - 1;
	case 1:
		return near->last + 1;
	case 2:
		return near->first + random_below(1u << random_below(20));
	default:
		return near->first;
	}
}

static void fill_space(entries_t *entries, size_t count, unsigned values)
{
	while (entries->count < count) {
		uint32_t address = random_address(entries);
		unsigned length = random_below(3) == 0 ? 32 : random_below(33);
		unsigned value = random_value(values);
		uint32_t size = random_below(1u << random_below(31));

		if (random_below(5) == 0)
			entries_add(entries, address,
				    address + size < address ? UINT32_MAX : address + size, value);
		else
			entries_add_prefix(entries, address, length, value);
	}
}

START_TEST(test_space)
{
	static const size_t counts[] = { 0, 1, 2, 3, 10, 40, 150, 400 };

	random_state = seed + (uint64_t)_i;
	for (unsigned round = 0; round < 120; round++) {
		size_t count = counts[round % COUNT_OF(counts)];
		entries_t entries = entries_new(count + 1, rules[_i % 2],
						strides[random_below(COUNT_OF(strides))]);
		model_t model;
		built_t built;

		fill_space(&entries, count, 1 + random_below(VALUES));
		model = model_of_space(&entries);
		built = build(&entries);
		compare(&built, &model, 2000);
		built_free(&built);
		model_free(&model);
		free(entries.list);
	}
}
END_TEST

/* Points, runs and bitmaps of every size around the limits between them. */
START_TEST(test_page)
{
	static const uint32_t counts[] = { 1,    2,     35,    36,    37,   38,   73,
					   150,  511,   512,   513,   1000, 4000, 7000,
					   7500, 20000, 45000, 65000, 65536 };
	static const uint32_t pages[] = { 0, 0x0a010000, 0xffff0000 };

	random_state = seed + (uint64_t)_i;
	for (unsigned round = 0; round < 2 * COUNT_OF(counts); round++) {
		uint32_t count = counts[round % COUNT_OF(counts)];
		uint32_t page = pages[random_below(COUNT_OF(pages))];
		unsigned values = round / COUNT_OF(counts) == 0 ? 1 : 1 + random_below(VALUES);
		unsigned length = 32 - random_below(3) * random_below(3);
		entries_t entries = entries_new(count + 3, rules[_i % 2],
						strides[random_below(COUNT_OF(strides))]);
		model_t model;
		built_t built;

		if (random_below(3) == 0)
			entries_add_prefix(&entries, page, 16 + random_below(8),
					   random_below(values));
		for (uint32_t i = 0; i < count; i++) {
			/* All of the page, or scattered over it. */
			uint32_t low = count == 65536 ? i : random_below(65536);

			entries_add_prefix(&entries, page + low, length,
					   values == 1 ? 0 : random_value(values));
		}
		model = model_of_page(&entries, page);
		built = build(&entries);
		compare(&built, &model, 10000);
		built_free(&built);
		model_free(&model);
		free(entries.list);
	}
}
END_TEST

/* More entries than are sorted at once, of which many are equal: the first one wins. */
START_TEST(test_many)
{
	const size_t count = 300000;
	entries_t entries = entries_new(count, rules[_i % 2], strides[_i % 4]);
	model_t model;
	built_t built;

	random_state = seed + (uint64_t)_i;
	for (size_t i = 0; i < count; i++) {
		uint32_t low = _i < 4 ? random_below(65536) : 7 + random_below(3) * (uint32_t)_i;

		entries_add_prefix(&entries, 0xc0a80000 + low, 32, random_value(VALUES));
	}
	model = model_of_page(&entries, 0xc0a80000);
	built = build(&entries);
	compare(&built, &model, 100000);
	built_free(&built);
	model_free(&model);
	free(entries.list);
}
END_TEST

/* A million single addresses all over the space with one value, then a million lookups. */
START_TEST(test_million)
{
	const size_t count = 1000000;
	ip4_builder_t *builder = ip4_builder_new(rules[_i]);
	value_sets_t *sets = intern_new();
	uint32_t *addresses = calloc(count, sizeof(*addresses));
	ip4_index_t *index = NULL;
	const char *why = "";

	ck_assert(builder != NULL && sets != NULL && addresses != NULL);
	random_state = seed;
	for (size_t i = 0; i < count; i++) {
		addresses[i] = random_32();
		MUST(ip4_builder_add(builder, addresses[i], 32, 1) == ERR_OK, "no memory");
	}
	ck_assert_int_eq(ip4_builder_finish(builder, sets, 1, &index), ERR_OK);
	ck_assert_msg(ip4_index_check(index, ip4_index_size(index), &why) == ERR_OK, "%s", why);
	qsort(addresses, count, sizeof(*addresses), compare_32);
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
	ip4_index_free(index);
	ip4_builder_free(builder);
	intern_free(sets);
	free(addresses);
}
END_TEST

/* ---- The checker. ---- */

static void ignore_range(void *context, uint32_t first, uint32_t last, uint32_t number)
{
	(void)number;
	*(uint64_t *)context += (uint64_t)last - first + 1;
}

/* A damaged block is refused or, where the damage makes another sound index, can be used. */
static void try_damaged(const uint8_t *block, size_t size)
{
	const ip4_index_t *index = (const ip4_index_t *)(const void *)block;
	const char *why = NULL;
	uint64_t addresses = 0;

	if (ip4_index_check(block, size, &why) != ERR_OK) {
		MUST(why != NULL, "no reason given");
		return;
	}
	ip4_index_walk(index, ignore_range, &addresses);
	MUST(addresses == (uint64_t)1 << 32, "walk shows %" PRIu64 " addresses", addresses);
	for (unsigned i = 0; i < 200; i++) {
		uint32_t address = random_32();

		(void)ip4_index_lookup(index, address);
		(void)ip4_index_has_any(index, address & 0xffffff00, address | 0xff);
	}
}

static void damage(uint8_t *block, size_t size)
{
	for (unsigned times = 1 + random_below(3); times > 0; times--) {
		/* The header and the slots at the end are small, but matter most. */
		uint32_t near = random_below(200);
		size_t at = random_below((uint32_t)size);

		switch (random_below(4)) {
		case 0:
			at = near % 24;
			break;
		case 1:
			at = size - 1 - near % size;
			break;
		}
		if (random_below(2) == 0)
			block[at] = (uint8_t)random_32();
		else
			block[at] ^= (uint8_t)(1u << random_below(8));
	}
}

START_TEST(test_check_damaged)
{
	random_state = seed + (uint64_t)_i;
	for (unsigned round = 0; round < 6; round++) {
		static const uint32_t counts[] = { 5, 200, 600, 8000 };
		entries_t entries = entries_new(9000, rules[_i % 2], strides[_i % 4]);
		built_t built;
		size_t size;
		uint8_t *block;

		fill_space(&entries, 30, VALUES);
		for (uint32_t i = 0; i < counts[round % COUNT_OF(counts)]; i++)
			entries_add_prefix(&entries, 0x0a010000 + random_below(65536), 32,
					   round % 2 == 0 ? 0 : random_below(VALUES));
		built = build(&entries);
		size = ip4_index_size(built.index);
		for (unsigned i = 0; i < 300; i++) {
			/* Of exactly this size, for the sanitizer to see the end. */
			size_t kept = random_below(20) == 0 ? random_below((uint32_t)size) : size;

			block = malloc(kept > 0 ? kept : 1);
			MUST(block != NULL, "no memory");
			memcpy(block, built.index, kept);
			if (kept == size)
				damage(block, size);
			try_damaged(block, kept);
			free(block);
		}
		built_free(&built);
		free(entries.list);
	}
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

	/* Which set came first is not promised, so ask for the numbers. */
	ck_assert_uint_eq(intern_count(sets), 2);
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
	ck_assert_uint_eq(intern_count(sets), 2);
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
	const char *given = getenv("SPURN_SEED");
	Suite *suite = suite_create("ip4_index");
	TCase *tcase = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	if (given != NULL)
		seed = strtoull(given, NULL, 10);
	tcase_set_timeout(tcase, 0);
	tcase_add_test(tcase, test_longest_prefix);
	tcase_add_test(tcase, test_byte_levels);
	tcase_add_test(tcase, test_limits);
	tcase_add_loop_test(tcase, test_space, 0, 4);
	tcase_add_loop_test(tcase, test_page, 0, 4);
	tcase_add_loop_test(tcase, test_many, 0, 6);
	tcase_add_loop_test(tcase, test_million, 0, 2);
	tcase_add_loop_test(tcase, test_check_damaged, 0, 4);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	if (failed > 0)
		fprintf(stderr, "repeat with SPURN_SEED=%" PRIu64 "\n", seed);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
