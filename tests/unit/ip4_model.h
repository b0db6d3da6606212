/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TESTS_UNIT_IP4_MODEL_H
#define SPURN_TESTS_UNIT_IP4_MODEL_H

#include "index/ip4_builder.h"
#include "test.h"

/* Random entries of an ip4_index, and the naive model of what it has to answer: it takes each
 * entry for each address. */

static inline uint32_t random_32(void)
{
	return (uint32_t)random_64();
}

/* Bit i of a set is the value 1 + i * stride; no bit: nothing. */
#define VALUES   40u
#define EXCLUDED VALUES
typedef uint64_t set_t;

typedef struct model_entry {
	uint32_t first;
	uint32_t last;
	unsigned value; /* below VALUES, or EXCLUDED */
} model_entry_t;

/* Ranges with the same set, in order: i is starts[i]..starts[i + 1] - 1. No two neighbours are
 * equal. */
typedef struct model {
	uint32_t *starts;
	set_t *sets;
	size_t count;
} model_t;

typedef struct entries {
	model_entry_t *list;
	size_t count;
	size_t capacity;
	ip4_rule_t rule;
	uint32_t stride;
} entries_t;

static inline entries_t entries_new(size_t capacity, ip4_rule_t rule, uint32_t stride)
{
	entries_t entries = { .capacity = capacity, .rule = rule, .stride = stride };

	entries.list = calloc(capacity, sizeof(*entries.list));
	ck_assert_ptr_nonnull(entries.list);
	return entries;
}

static inline void entries_add(entries_t *entries, uint32_t first, uint32_t last, unsigned value)
{
	MUST(entries->count < entries->capacity, "too many entries for the list");
	entries->list[entries->count++] = (model_entry_t){ first, last, value };
}

static inline uint32_t prefix_mask(unsigned length)
{
	return length == 0 ? 0 : UINT32_MAX << (32 - length);
}

static inline void entries_add_prefix(entries_t *entries, uint32_t address, unsigned length,
				      unsigned value)
{
	address &= prefix_mask(length);
	entries_add(entries, address, address | ~prefix_mask(length), value);
}

/* Length of the largest prefix inside first..last that contains the address. */
static inline unsigned piece_length(const model_entry_t *entry, uint32_t address)
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

static inline void decide(decision_t *decision, ip4_rule_t rule, const model_entry_t *entry,
			  uint32_t address)
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

static inline set_t decision_set(const decision_t *decision)
{
	return decision->set >> EXCLUDED & 1 ? 0 : decision->set;
}

static inline void model_append(model_t *model, uint32_t start, set_t set)
{
	if (model->count > 0 && model->sets[model->count - 1] == set)
		return;
	model->starts[model->count] = start;
	model->sets[model->count++] = set;
}

static inline model_t model_new(size_t capacity)
{
	model_t model = { .count = 0 };

	model.starts = calloc(capacity, sizeof(*model.starts));
	model.sets = calloc(capacity, sizeof(*model.sets));
	ck_assert_ptr_nonnull(model.starts);
	ck_assert_ptr_nonnull(model.sets);
	return model;
}

static inline void model_free(model_t *model)
{
	free(model->starts);
	free(model->sets);
}

static inline int compare_32(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a;
	uint32_t right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

/* Most prefixes that a range can fall into. */
#define PIECES_MAX 62

/* For few entries anywhere: between any two bounds of prefixes nothing changes. */
static inline model_t model_of_space(const entries_t *entries)
{
	size_t capacity = (PIECES_MAX + 1) * entries->count + 1;
	model_t model = model_new(capacity);
	uint32_t *bounds = calloc(capacity, sizeof(*bounds));
	size_t bound_count = 1; /* 0 is one */

	ck_assert_ptr_nonnull(bounds);
	for (size_t i = 0; i < entries->count; i++) {
		const model_entry_t *entry = &entries->list[i];
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
			const model_entry_t *entry = &entries->list[i];

			if (entry->first <= bounds[b] && bounds[b] <= entry->last)
				decide(&decision, entries->rule, entry, bounds[b]);
		}
		model_append(&model, bounds[b], decision_set(&decision));
	}
	free(bounds);
	return model;
}

/* For many entries that touch a single /16: what decides about each of its addresses. */
static inline model_t model_of_page(const entries_t *entries, uint32_t page_first)
{
	model_t model = model_new(65536 + 2);
	decision_t *decisions = malloc(65536 * sizeof(*decisions));

	ck_assert_ptr_nonnull(decisions);
	for (size_t low = 0; low < 65536; low++)
		decisions[low] = (decision_t){ .rank = -1 };
	for (size_t i = 0; i < entries->count; i++) {
		const model_entry_t *entry = &entries->list[i];

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

static inline uint32_t model_last(const model_t *model, size_t i)
{
	return i + 1 < model->count ? model->starts[i + 1] - 1 : UINT32_MAX;
}

/* The range that an address is in. */
static inline size_t model_find(const model_t *model, uint32_t address)
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

static inline unsigned random_value(unsigned values)
{
	return random_below(6) == 0 ? EXCLUDED : random_below(values);
}

/* Near an entry there is already, so that prefixes nest, meet and repeat. */
static inline uint32_t random_address(const entries_t *entries)
{
	const model_entry_t *near;

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

static inline void fill_space(entries_t *entries, size_t count, unsigned values)
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

#endif
