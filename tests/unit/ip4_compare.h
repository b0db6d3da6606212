/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TESTS_UNIT_IP4_COMPARE_H
#define SPURN_TESTS_UNIT_IP4_COMPARE_H

#include "base/cpu.h"
#include "index/ip4_builder.h"
#include "index/ip4_index.h"
#include "ip4_model.h"
#include "test.h"

/* An index built from entries, and whether it says what the model says. */

typedef struct built {
	ip4_index_t *index;
	value_sets_t *sets;
	uint32_t stride;
	const model_t *model;
	size_t visited; /* ranges that a walk has shown */
	uint32_t next;
} built_t;

static inline uint32_t sets_base(uint32_t stride)
{
	return 1 + (VALUES - 1) * stride;
}

/* Adds entry `i`; with `in_bulk`, if it is a single address, together with those of the same value that
 * follow it. How many were added. */
static inline size_t add_entries(ip4_builder_t *builder, const entries_t *entries, size_t i,
				 bool in_bulk)
{
	const model_entry_t *entry = &entries->list[i];
	unsigned length = piece_length(entry, entry->first);
	uint32_t value = entry->value == EXCLUDED ? IP4_BUILDER_EXCLUDED
						  : 1 + entry->value * entries->stride;
	uint32_t addresses[1000];
	size_t count = 0;

	while (in_bulk && count < COUNT_OF(addresses) && i + count < entries->count &&
	       entry[count].first == entry[count].last && entry[count].value == entry->value) {
		addresses[count] = entry[count].first;
		count++;
	}
	err_t error;

	if (count > 0)
		error = ip4_builder_add_addresses(builder, addresses, count, value);
	else if ((entry->first | ~prefix_mask(length)) == entry->last)
		error = ip4_builder_add(builder, entry->first, length, value);
	else
		error = ip4_builder_add_range(builder, entry->first, entry->last, value);
	MUST(error == ERR_OK, "no memory");
	return count > 0 ? count : 1;
}

/* `lines`, unless NULL, is what the builder noted of them. */
static inline built_t build_from(const entries_t *entries, bool in_bulk, ip_lines_t *lines)
{
	built_t built = { .stride = entries->stride, .sets = intern_new() };
	ip4_builder_t *builder = ip4_builder_new(entries->rule);

	ck_assert_ptr_nonnull(builder);
	ck_assert_ptr_nonnull(built.sets);
	for (size_t i = 0; i < entries->count;)
		i += add_entries(builder, entries, i, in_bulk);
	ck_assert_int_eq(
		ip4_builder_finish(builder, built.sets, sets_base(entries->stride), &built.index),
		ERR_OK);
	if (lines != NULL)
		ip4_builder_take_lines(builder, lines);
	ip4_builder_free(builder);
	return built;
}

static inline built_t build(const entries_t *entries)
{
	return build_from(entries, false, NULL);
}

static inline void built_free(built_t *built)
{
	ip4_index_free(built->index);
	intern_free(built->sets);
}

/* The set that a number of the index stands for. */
static inline set_t number_set(const built_t *built, uint32_t number)
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

static inline void visit(void *context, uint32_t first, uint32_t last, uint32_t number)
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

static inline void compare_address(const built_t *built, uint32_t address)
{
	uint32_t number = ip4_index_lookup(built->index, address);
	set_t set = built->model->sets[model_find(built->model, address)];

	MUST(number_set(built, number) == set, "%08x maps to %u, set %" PRIx64 " expected", address,
	     number, set);
}

static inline void compare_any(const built_t *built, uint32_t address)
{
	static const unsigned lengths[] = { 0, 4, 8, 12, 16, 20, 24, 28, 32 };
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

/* Single lookups are compared with the model before; the batch has to agree with them, and so have
 * the variants for other processors, one each time. */
static inline void compare_batch(const built_t *built, const uint32_t *addresses, size_t count)
{
	cpu_level_t level = (cpu_level_t)random_below(CPU_LEVELS);
	uint32_t expected[100], numbers[100];

	MUST(count < COUNT_OF(numbers), "batch of %zu", count);
	for (size_t i = 0; i < count; i++)
		expected[i] = ip4_index_lookup(built->index, addresses[i]);
	cpu_limit(level);
	numbers[count] = 0x5a5a5a5a;
	ip4_index_lookup_batch(built->index, addresses, count, numbers);
	MUST(numbers[count] == 0x5a5a5a5a, "batch of %zu writes behind its end", count);
	for (size_t i = 0; i < count; i++) {
		MUST(numbers[i] == expected[i], "batch says %u for %08x with %s", numbers[i],
		     addresses[i], cpu_level_name(level));
		MUST(ip4_index_lookup(built->index, addresses[i]) == expected[i],
		     "lookup of %08x differs with %s", addresses[i], cpu_level_name(level));
	}
	cpu_limit(CPU_LEVELS);
}

/* All bounds with their neighbours, and `extra` addresses anywhere near. */
static inline void compare(built_t *built, const model_t *model, size_t extra)
{
	const char *why = "";
	uint32_t batch[99];
	size_t batched = 0;

	built->model = model;
	built->visited = 0;
	MUST(ip4_index_check(built->index, ip4_index_size(built->index), IP4_INDEX_MAX, &why) ==
		     ERR_OK,
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

#endif
