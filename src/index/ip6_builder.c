/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip6_builder.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "index/ip6_encoder.h"

/* From prefixes to ranges, as the IPv4 builder does it: entries are sorted by address, shorter
 * prefixes first, and swept in that order. Prefixes are laminar: of two, one contains the other or
 * they have nothing in common. So those that contain the current address are nested, a stack of at
 * most 130 frames; see index/ip4_builder.c for a picture.
 *
 * Unlike there entries are one array, sorted by merging, with as much again for scratch space while
 * they are not in order already: IPv6 lists hold prefixes, of which there are few, where IPv4 ones
 * hold ten million addresses. */

#define LENGTHS 129 /* /0../128 */

typedef struct entry {
	ip6_address_t address;
	uint32_t value;
	uint8_t length;
} entry_t;

_Static_assert(sizeof(entry_t) == 24, "entries of a big list are the peak of memory");

struct ip6_builder {
	entry_t *entries;
	size_t count;
	size_t capacity;
};

/* A prefix that contains the current address, of the stack. */
typedef struct frame {
	ip6_address_t last;
	uint32_t number;
} frame_t;

typedef struct sweep {
	ip6_encoder_t *encoder;
	frame_t frames[LENGTHS + 1]; /* one below all prefixes: nothing */
	size_t depth;
} sweep_t;

ip6_builder_t *ip6_builder_new(void)
{
	return calloc(1, sizeof(ip6_builder_t));
}

static void clear(ip6_builder_t *builder)
{
	free(builder->entries);
	*builder = (ip6_builder_t){ .entries = NULL };
}

void ip6_builder_free(ip6_builder_t *builder)
{
	if (builder == NULL)
		return;
	clear(builder);
	free(builder);
}

err_t ip6_builder_add(ip6_builder_t *builder, ip6_address_t address, unsigned length,
		      uint32_t value)
{
	void *entries = builder->entries;
	err_t error;

	assert(length < LENGTHS && value <= IP6_INDEX_MAX);
	assert(ip6_is_equal(address, ip6_first(address, length)));
	error = array_reserve(&entries, &builder->capacity, builder->count + 1, sizeof(entry_t));
	builder->entries = entries;
	if (error != ERR_OK)
		return error;
	builder->entries[builder->count++] =
		(entry_t){ .address = address, .value = value, .length = (uint8_t)length };
	return ERR_OK;
}

/* Does `a` come before `b`? */
static inline bool is_before(const entry_t *a, const entry_t *b)
{
	if (ip6_is_equal(a->address, b->address))
		return a->length < b->length;
	return ip6_is_less(a->address, b->address);
}

/* How many entries from the first of `count` on are in order. */
static size_t count_sorted(const entry_t *entries, size_t count)
{
	size_t sorted = count < 1 ? count : 1;

	while (sorted < count && !is_before(&entries[sorted], &entries[sorted - 1]))
		sorted++;
	return sorted;
}

/* Merges from[0..middle) and from[middle..count), of equal ones those of the first part first. */
static void merge(const entry_t *from, size_t middle, size_t count, entry_t *to)
{
	size_t left = 0;
	size_t right = middle;

	for (size_t i = 0; i < count; i++) {
		bool takes_right =
			left == middle || (right < count && is_before(&from[right], &from[left]));

		to[i] = from[takes_right ? right++ : left++];
	}
}

/* One pass: merges each two sorted stretches that follow each other. Returns how many there were.
 */
static size_t merge_pass(const entry_t *from, size_t count, entry_t *to)
{
	size_t stretches = 0;

	for (size_t i = 0; i < count;) {
		size_t middle = count_sorted(from + i, count - i);
		size_t rest = count_sorted(from + i + middle, count - i - middle);

		merge(from + i, middle, middle + rest, to + i);
		i += middle + rest;
		stretches += rest > 0 ? 2 : 1;
	}
	return stretches;
}

/* Sorts the entries; equal ones stay in the order in which they were added. A natural merge sort: a
 * file that is in order costs nothing, one of several sorted parts little. */
static err_t sort(ip6_builder_t *builder)
{
	entry_t *scratch;
	size_t stretches;

	if (count_sorted(builder->entries, builder->count) == builder->count)
		return ERR_OK;
	scratch = malloc(builder->count * sizeof(*scratch));
	if (scratch == NULL)
		return ERR_NOMEM;
	builder->capacity = builder->count;
	do {
		entry_t *sorted = scratch;

		stretches = merge_pass(builder->entries, builder->count, sorted);
		scratch = builder->entries;
		builder->entries = sorted;
	} while (stretches > 2);
	free(scratch);
	return ERR_OK;
}

/* Ends the frames that end before `address`, which is the first of a prefix. */
static err_t end_frames(sweep_t *sweep, ip6_address_t address)
{
	const frame_t *frame = &sweep->frames[sweep->depth];

	for (; ip6_is_less(frame->last, address); frame--) {
		err_t error = ip6_encoder_put(sweep->encoder, frame->last, frame->number);

		if (error != ERR_OK)
			return error;
		sweep->depth--;
	}
	if (ip6_is_zero(address))
		return ERR_OK;
	return ip6_encoder_put(sweep->encoder, ip6_subtract(address, (ip6_address_t){ .low = 1 }),
			       frame->number);
}

static err_t sweep_entries(sweep_t *sweep, const ip6_builder_t *builder)
{
	err_t error = ERR_OK;

	for (size_t i = 0; i < builder->count && error == ERR_OK; i++) {
		const entry_t *entry = &builder->entries[i];

		if (i > 0 && !is_before(entry - 1, entry))
			continue; /* the first of equal ones counts */
		error = end_frames(sweep, entry->address);
		sweep->frames[++sweep->depth] = (frame_t){
			.last = ip6_last(entry->address, entry->length),
			.number = entry->value,
		};
	}
	for (size_t i = sweep->depth + 1; i-- > 0 && error == ERR_OK;)
		error = ip6_encoder_put(sweep->encoder, sweep->frames[i].last,
					sweep->frames[i].number);
	return error;
}

err_t ip6_builder_finish(ip6_builder_t *builder, ip6_index_t **index)
{
	sweep_t sweep = { .encoder = NULL };
	err_t error = sort(builder);

	sweep.frames[0] = (frame_t){ { UINT64_MAX, UINT64_MAX }, IP6_INDEX_NONE };
	if (error == ERR_OK) {
		sweep.encoder = ip6_encoder_new();
		error = sweep.encoder != NULL ? sweep_entries(&sweep, builder) : ERR_NOMEM;
	}
	clear(builder);
	if (error == ERR_OK)
		error = ip6_encoder_finish(sweep.encoder, index);
	ip6_encoder_free(sweep.encoder);
	return error;
}
