/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip4_builder.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "index/ip4_encoder.h"
#include "index/ip4_entries.h"

/* From prefixes to ranges.
 *
 * Entries are kept in one list for each prefix length, so that an entry takes 8 bytes: address and
 * value. To finish, the lists are sorted and swept side by side in the order of addresses, shorter
 * prefixes first. Prefixes are laminar: of two, one contains the other or they have nothing in
 * common. So those that contain the current address are nested, a stack of at most 33 frames:
 *
 *     10.0.0.0/8    |-------------------------------------------------|
 *     10.1.0.0/16         |--------------|
 *     10.1.2.3/32               |
 *     sweep         A     B     C        ^ ends B, and so tells the encoder of the rest of B
 *
 * Each frame knows the number that its addresses get where no longer prefix takes them. That can be
 * told from its own entries and the frame below when it is pushed, as all prefixes that contain it
 * are then on the stack. */

#define LENGTHS 33 /* /0../32 */

/* A prefix that contains the current address, of the stack. */
typedef struct frame {
	uint32_t last; /* address */
	uint32_t number;
	int level; /* of IP4_RULE_BYTE_LEVELS; -1: no prefix */
	bool is_excluded;
	size_t values; /* where its values begin in `values` of the sweep; they end with it */
} frame_t;

struct ip4_builder {
	ip4_rule_t rule;
	ip4_entries_t lists[LENGTHS];
};

typedef struct sweep {
	ip4_builder_t *builder;
	value_sets_t *sets;
	uint32_t sets_base;
	ip4_encoder_t *encoder;
	frame_t frames[LENGTHS + 1]; /* one below all prefixes: nothing */
	size_t depth;
	/* The values of all frames, one frame's behind the other's: ascending and distinct. */
	uint32_t *values;
	size_t value_count;
	size_t value_capacity;
} sweep_t;

ip4_builder_t *ip4_builder_new(ip4_rule_t rule)
{
	ip4_builder_t *builder = calloc(1, sizeof(*builder));

	if (builder != NULL)
		builder->rule = rule;
	return builder;
}

static void clear(ip4_builder_t *builder)
{
	for (size_t i = 0; i < LENGTHS; i++)
		ip4_entries_clear(&builder->lists[i]);
}

void ip4_builder_free(ip4_builder_t *builder)
{
	if (builder == NULL)
		return;
	clear(builder);
	free(builder);
}

static uint32_t prefix_last(uint32_t address, unsigned length)
{
	return address | (uint32_t)((uint64_t)UINT32_MAX >> length);
}

err_t ip4_builder_add(ip4_builder_t *builder, uint32_t address, unsigned length, uint32_t value)
{
	ip4_entry_t entry = { .address = address, .value = value };

	assert(length < LENGTHS && value <= IP4_INDEX_MAX);
	assert(length == 32 || (address & (UINT32_MAX >> length)) == 0);
	return ip4_entries_append(&builder->lists[length], entry);
}

err_t ip4_builder_add_range(ip4_builder_t *builder, uint32_t first, uint32_t last, uint32_t value)
{
	assert(first <= last);
	for (;;) {
		unsigned length = first == 0 ? 0 : 32 - (unsigned)__builtin_ctz(first);
		err_t error;

		while (prefix_last(first, length) > last)
			length++;
		error = ip4_builder_add(builder, first, length, value);
		if (error != ERR_OK)
			return error;
		if (prefix_last(first, length) == last)
			return ERR_OK;
		first = prefix_last(first, length) + 1;
	}
}

static err_t add_value(sweep_t *sweep, uint32_t value)
{
	void *values = sweep->values;
	err_t error = array_reserve(&values, &sweep->value_capacity, sweep->value_count + 1,
				    sizeof(*sweep->values));

	sweep->values = values;
	if (error == ERR_OK)
		sweep->values[sweep->value_count++] = value;
	return error;
}

/* The number that stands for the set of the frame's values, which are the last ones. */
static err_t number_set(sweep_t *sweep, frame_t *frame)
{
	size_t count = sweep->value_count - frame->values;
	uint32_t *values = count > 0 ? sweep->values + frame->values : NULL;

	count = value_sets_sort(values, count);
	sweep->value_count = frame->values + count;
	return value_sets_number(sweep->sets, values, count, sweep->sets_base, IP4_INDEX_MAX,
				 &frame->number);
}

/* Takes the first entry out of a list of the builder; its value, or false when it is of another
 * prefix than `address`. */
static bool take_value(ip4_entries_t *list, uint32_t address, uint32_t *value)
{
	const ip4_entry_t *entry = ip4_entries_first(list);

	if (entry == NULL || entry->address != address)
		return false;
	*value = entry->value;
	ip4_entries_drop(list);
	return true;
}

/* IP4_RULE_BYTE_LEVELS: the values of all entries of the prefix and of the frame below, if that is
 * of the same level. */
static err_t decide_level(sweep_t *sweep, frame_t *frame, ip4_entries_t *list, uint32_t address)
{
	const frame_t *below = frame - 1;
	size_t inherited = below->level == frame->level ? frame->values - below->values : 0;
	err_t error = ERR_OK;
	uint32_t value;

	frame->is_excluded = below->level == frame->level && below->is_excluded;
	for (size_t i = 0; i < inherited && error == ERR_OK; i++)
		error = add_value(sweep, sweep->values[below->values + i]);
	while (error == ERR_OK && take_value(list, address, &value)) {
		if (value == IP4_BUILDER_EXCLUDED)
			frame->is_excluded = true;
		else
			error = add_value(sweep, value);
	}
	if (error != ERR_OK)
		return error;
	if (frame->is_excluded)
		sweep->value_count = frame->values;
	return number_set(sweep, frame);
}

/* IP4_RULE_LONGEST_PREFIX: the value of the first entry of the prefix. */
static void decide_prefix(frame_t *frame, ip4_entries_t *list, uint32_t address)
{
	uint32_t later;

	(void)take_value(list, address, &frame->number);
	while (take_value(list, address, &later))
		;
}

/* Ends the frames that end before `address`, which is the first of a prefix. */
static err_t end_frames(sweep_t *sweep, uint32_t address)
{
	frame_t *frame = &sweep->frames[sweep->depth];

	for (; frame->last < address; frame--) {
		err_t error = ip4_encoder_put(sweep->encoder, frame->last, frame->number);

		if (error != ERR_OK)
			return error;
		sweep->value_count = frame->values;
		sweep->depth--;
	}
	return address == 0 ? ERR_OK : ip4_encoder_put(sweep->encoder, address - 1, frame->number);
}

/* Pushes a frame for the prefix at the head of list `length`, with all its entries. */
static err_t begin_frame(sweep_t *sweep, unsigned length)
{
	ip4_entries_t *list = &sweep->builder->lists[length];
	uint32_t address = ip4_entries_first(list)->address;
	err_t error = end_frames(sweep, address);
	frame_t *frame;

	if (error != ERR_OK)
		return error;
	frame = &sweep->frames[++sweep->depth];
	frame->last = prefix_last(address, length);
	frame->level = length == 0 ? 0 : (int)(length - 1) / 8;
	frame->values = sweep->value_count;
	if (sweep->builder->rule == IP4_RULE_BYTE_LEVELS)
		return decide_level(sweep, frame, list, address);
	decide_prefix(frame, list, address);
	return ERR_OK;
}

/* Takes the prefixes of all lists in the order of their addresses, of equal addresses the shortest
 * prefix first. */
static err_t sweep_prefixes(sweep_t *sweep)
{
	const ip4_entries_t *lists = sweep->builder->lists;
	unsigned lengths[LENGTHS]; /* of the lists that are not empty, ascending */
	unsigned count = 0;
	err_t error = ERR_OK;

	for (unsigned length = 0; length < LENGTHS; length++)
		if (ip4_entries_first(&lists[length]) != NULL)
			lengths[count++] = length;
	while (count > 0 && error == ERR_OK) {
		unsigned least = 0;
		uint32_t address = ip4_entries_first(&lists[lengths[0]])->address;

		for (unsigned i = 1; i < count; i++) {
			uint32_t other = ip4_entries_first(&lists[lengths[i]])->address;

			if (other < address) {
				least = i;
				address = other;
			}
		}
		error = begin_frame(sweep, lengths[least]);
		if (ip4_entries_first(&lists[lengths[least]]) == NULL) {
			count--;
			memmove(&lengths[least], &lengths[least + 1],
				(count - least) * sizeof(lengths[0]));
		}
	}
	for (size_t i = sweep->depth + 1; i-- > 0 && error == ERR_OK;)
		error = ip4_encoder_put(sweep->encoder, sweep->frames[i].last,
					sweep->frames[i].number);
	return error;
}

err_t ip4_builder_finish(ip4_builder_t *builder, value_sets_t *sets, uint32_t sets_base,
			 ip4_index_t **index)
{
	sweep_t sweep = { .builder = builder, .sets = sets, .sets_base = sets_base };
	err_t error = ERR_OK;

	sweep.frames[0] = (frame_t){ .last = UINT32_MAX, .number = IP4_INDEX_NONE, .level = -1 };
	for (size_t i = 0; i < LENGTHS && error == ERR_OK; i++)
		error = ip4_entries_sort(&builder->lists[i]);
	if (error == ERR_OK) {
		sweep.encoder = ip4_encoder_new();
		error = sweep.encoder != NULL ? sweep_prefixes(&sweep) : ERR_NOMEM;
	}
	clear(builder);
	if (error == ERR_OK)
		error = ip4_encoder_finish(sweep.encoder, index);
	ip4_encoder_free(sweep.encoder);
	free(sweep.values);
	return error;
}
