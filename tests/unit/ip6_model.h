/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TESTS_UNIT_IP6_MODEL_H
#define SPURN_TESTS_UNIT_IP6_MODEL_H

#include "index/ip6_builder.h"
#include "index/ip6_index.h"
#include "test.h"

/* Random entries of an ip6_index, and the naive model of what it has to answer: it takes each entry
 * for each range between two bounds. */

typedef struct entry {
	ip6_address_t address;
	unsigned length;
	uint32_t value;
} entry_t;

typedef struct entries {
	entry_t *list;
	size_t count;
	size_t capacity;
} entries_t;

/* A range that ends where the next one starts. No two neighbours have one number. */
typedef struct range {
	ip6_address_t start;
	uint32_t number;
} range_t;

typedef struct model {
	range_t *ranges;
	size_t count;
} model_t;

#define SHOW(address) (address).high, (address).low

static const ip6_address_t last_address = { UINT64_MAX, UINT64_MAX };

static inline ip6_address_t before(ip6_address_t address)
{
	return ip6_subtract(address, (ip6_address_t){ .low = 1 });
}

static inline ip6_address_t behind(ip6_address_t address)
{
	return ip6_add(address, (ip6_address_t){ .low = 1 });
}

static inline ip6_address_t random_128(void)
{
	return (ip6_address_t){ random_64(), random_64() };
}

static inline entries_t entries_new(size_t capacity)
{
	entries_t entries = { .capacity = capacity };

	entries.list = calloc(capacity, sizeof(*entries.list));
	ck_assert_ptr_nonnull(entries.list);
	return entries;
}

static inline void entries_add(entries_t *entries, ip6_address_t address, unsigned length,
			       uint32_t value)
{
	MUST(entries->count < entries->capacity, "too many entries for the list");
	entries->list[entries->count++] = (entry_t){ ip6_first(address, length), length, value };
}

static inline ip6_index_t *build(const entries_t *entries)
{
	ip6_builder_t *builder = ip6_builder_new();
	ip6_index_t *index = NULL;

	ck_assert_ptr_nonnull(builder);
	for (size_t i = 0; i < entries->count; i++)
		MUST(ip6_builder_add(builder, entries->list[i].address, entries->list[i].length,
				     entries->list[i].value) == ERR_OK,
		     "no memory");
	ck_assert_int_eq(ip6_builder_finish(builder, &index), ERR_OK);
	ip6_builder_free(builder);
	return index;
}

static inline int compare_128(const void *a, const void *b)
{
	const ip6_address_t *left = a;
	const ip6_address_t *right = b;

	return ip6_is_less(*right, *left) - ip6_is_less(*left, *right);
}

static inline uint32_t decide(const entries_t *entries, ip6_address_t address)
{
	uint32_t value = IP6_INDEX_NONE;
	int longest = -1;

	for (size_t i = 0; i < entries->count; i++) {
		const entry_t *entry = &entries->list[i];

		if ((int)entry->length > longest &&
		    ip6_is_equal(ip6_first(address, entry->length), entry->address)) {
			longest = (int)entry->length;
			value = entry->value;
		}
	}
	return value;
}

static inline model_t model_of(const entries_t *entries)
{
	size_t capacity = 2 * entries->count + 1;
	model_t model = { .ranges = calloc(capacity, sizeof(*model.ranges)) };
	ip6_address_t *bounds = calloc(capacity, sizeof(*bounds));

	ck_assert_ptr_nonnull(model.ranges);
	ck_assert_ptr_nonnull(bounds);
	for (size_t i = 0; i < entries->count; i++) {
		const entry_t *entry = &entries->list[i];

		bounds[2 * i] = entry->address;
		bounds[2 * i + 1] = behind(ip6_last(entry->address, entry->length));
	}
	qsort(bounds, capacity, sizeof(*bounds), compare_128); /* 0 is one of them */
	for (size_t i = 0; i < capacity; i++) {
		uint32_t number = decide(entries, bounds[i]);

		if (model.count == 0 || number != model.ranges[model.count - 1].number)
			model.ranges[model.count++] = (range_t){ bounds[i], number };
	}
	free(bounds);
	return model;
}

static inline ip6_address_t model_last(const model_t *model, size_t i)
{
	return i + 1 < model->count ? before(model->ranges[i + 1].start) : last_address;
}

/* The range that an address is in. */
static inline size_t model_find(const model_t *model, ip6_address_t address)
{
	size_t begin = 0;
	size_t end = model->count;

	while (end - begin > 1) {
		size_t middle = (begin + end) / 2;

		if (!ip6_is_less(address, model->ranges[middle].start))
			begin = middle;
		else
			end = middle;
	}
	return begin;
}

static inline bool model_has_any(const model_t *model, ip6_address_t first, ip6_address_t last)
{
	for (size_t i = model_find(model, first);
	     i < model->count && !ip6_is_less(last, model->ranges[i].start); i++)
		if (model->ranges[i].number != IP6_INDEX_NONE)
			return true;
	return false;
}

/* How random entries are like. */
typedef struct shape {
	unsigned least_length; /* of prefixes */
	unsigned length_step; /* lengths are multiples of it away from the least; 0: all the same */
	unsigned top_bits;    /* the first so many bits vary; those behind follow near entries */
	unsigned values;
	uint32_t stride;          /* between values */
	unsigned one_of_excluded; /* one of so many entries is an exclusion; 0: none */
} shape_t;

static inline unsigned random_length(const shape_t *shape)
{
	unsigned steps;

	if (shape->length_step == 0)
		return shape->least_length;
	steps = (128 - shape->least_length) / shape->length_step;
	return shape->least_length + shape->length_step * random_below(steps + 1);
}

/* Anywhere, or near an entry there is already, so that prefixes nest, meet and repeat. */
static inline ip6_address_t random_address(const entries_t *entries, const shape_t *shape)
{
	ip6_address_t address = random_128();
	const entry_t *near;

	if (entries->count == 0 || random_below(4) == 0) {
		if (shape->top_bits < 128)
			address = ip6_shift_right(address, 128 - shape->top_bits);
		return ip6_shift_left(address, shape->top_bits < 128 ? 128 - shape->top_bits : 0);
	}
	near = &entries->list[random_below((unsigned)entries->count)];
	switch (random_below(5)) {
	case 0:
		return before(near->address);
	case 1:
	case 2:
		return behind(ip6_last(near->address, near->length));
	case 3:
		return ip6_add(near->address, ip6_shift_right(address, random_below(128)));
	default:
		return near->address;
	}
}

static inline void fill(entries_t *entries, size_t count, const shape_t *shape)
{
	while (count-- > 0) {
		uint32_t value = 1 + random_below(shape->values) * shape->stride;

		if (shape->one_of_excluded > 0 && random_below(shape->one_of_excluded) == 0)
			value = IP6_BUILDER_EXCLUDED;
		entries_add(entries, random_address(entries, shape), random_length(shape), value);
	}
}

#endif
