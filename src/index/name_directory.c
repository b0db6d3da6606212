/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_directory.h"

#include <stdlib.h>

#include "base/array.h"

/* Bytes of a head. */
#define SLICE 8u

/* Separators first..end - 1, which are equal in the slices before `slice`. */
typedef struct group {
	size_t first;
	size_t end;
	uint32_t slice;
} group_t;

/* Keeps what is behind the head of the next separator. */
static err_t add_long(name_separators_t *separators, const uint8_t *bytes, uint32_t size,
		      uint8_t last)
{
	void *longs = separators->longs;
	size_t at;
	err_t error = array_reserve(&longs, &separators->long_capacity, separators->long_count + 1,
				    sizeof(*separators->longs));

	separators->longs = longs;
	if (error == ERR_OK)
		error = name_buffer_extend(&separators->pool, sizeof(uint16_t) + size, &at);
	if (error != ERR_OK)
		return error;
	if (at > UINT32_MAX || separators->count > UINT32_MAX)
		return ERR_RANGE;
	separators->longs[separators->long_count++] =
		(name_long_separator_t){ (uint32_t)separators->count, (uint32_t)at };
	uint8_t *to = separators->pool.data + at;
	bits_store_16(to, (uint16_t)size);
	memcpy(to + sizeof(uint16_t), bytes, size);
	to[sizeof(uint16_t) + size - 1] = last;
	return ERR_OK;
}

err_t name_separators_add(name_separators_t *separators, uint32_t ref, const name_key_t *key,
			  uint32_t bit_count)
{
	uint64_t mask = bit_count == 0 ? 0 : ~(uint64_t)0 << (bit_count < 64 ? 64 - bit_count : 0);
	uint32_t size = (bit_count + 7) / 8;
	void *heads = separators->heads;
	void *refs = separators->refs;
	err_t error = array_reserve(&heads, &separators->head_capacity, separators->count + 1,
				    sizeof(*separators->heads));

	separators->heads = heads;
	if (error == ERR_OK)
		error = array_reserve(&refs, &separators->ref_capacity, separators->count + 1,
				      sizeof(*separators->refs));
	separators->refs = refs;
	if (error == ERR_OK && UNLIKELY(size > SLICE))
		error = add_long(separators, key->bits + SLICE, size - SLICE,
				 key->bits[size - 1] & (uint8_t)(0xff << (8 * size - bit_count)));
	if (error != ERR_OK)
		return error;
	separators->heads[separators->count] = bits_load_big_64(key->bits) & mask;
	separators->refs[separators->count++] = ref;
	return ERR_OK;
}

void name_separators_free(name_separators_t *separators)
{
	free(separators->heads);
	free(separators->refs);
	free(separators->longs);
	free(separators->pool.data);
}

/* The layers on their way to the block. */
typedef struct layer_writer {
	const name_separators_t *separators;
	name_buffer_t *block;
	size_t near; /* the long separator that was looked for last, or one next to it */
} layer_writer_t;

/* The first long separator from number `separator` on. */
static size_t find_long(const name_separators_t *separators, size_t separator)
{
	size_t low = 0;
	size_t high = separators->long_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (separators->longs[middle].number < separator)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Eight bytes of a separator, those of `slice`, which is not 0; zeros where it has none. */
static uint64_t long_slice_of(layer_writer_t *writer, size_t separator, uint32_t slice)
{
	const name_separators_t *separators = writer->separators;
	const name_long_separator_t *longs = separators->longs;
	size_t count = separators->long_count;
	uint64_t head = 0;

	/* Nearly always they are asked for one by one. */
	if (writer->near < count && (size_t)longs[writer->near].number + 1 == separator)
		writer->near++;
	if (writer->near >= count || longs[writer->near].number != separator)
		writer->near = find_long(separators, separator);
	if (writer->near == count || longs[writer->near].number != separator)
		return 0;
	const uint8_t *at = separators->pool.data + longs[writer->near].bytes;
	uint32_t size = bits_load_16(at);
	for (uint32_t i = (slice - 1) * SLICE; i < slice * SLICE; i++)
		head = head << 8 | (i < size ? at[sizeof(uint16_t) + i] : 0);
	return head;
}

static inline uint64_t slice_of(layer_writer_t *writer, size_t separator, uint32_t slice)
{
	return LIKELY(slice == 0) ? writer->separators->heads[separator]
				  : long_slice_of(writer, separator, slice);
}

/* The end of those separators from `first` on that share its slice. */
static inline size_t group_end(layer_writer_t *writer, const group_t *group, size_t first)
{
	uint64_t head = slice_of(writer, first, group->slice);
	size_t end = first + 1;

	while (end < group->end && slice_of(writer, end, group->slice) == head)
		end++;
	return end;
}

static uint32_t *refs_at(const name_buffer_t *block, size_t layer, const name_levels_t *levels)
{
	return (uint32_t *)(void *)(block->data + layer + sizeof(name_layer_t) +
				    levels->starts[levels->count] * sizeof(uint64_t));
}

/* Fills in the heads above those of the lowest level. */
static void fill_levels(uint64_t *heads, const name_levels_t *levels)
{
	for (unsigned level = 1; level < levels->count; level++)
		for (uint32_t i = 0; i < levels->counts[level]; i++)
			heads[levels->starts[level] + i] =
				heads[levels->starts[level - 1] + (size_t)i * NAME_FANOUT];
}

static err_t write_layer(layer_writer_t *writer, group_t group)
{
	name_buffer_t *block = writer->block;
	uint32_t count = 0;
	size_t layer;
	uint32_t *ref;

	for (size_t i = group.first; i < group.end; i = group_end(writer, &group, i))
		count++;
	name_levels_t levels = name_levels_of(count);
	size_t size = sizeof(name_layer_t) + levels.starts[levels.count] * sizeof(uint64_t) +
		      (count + 1) / 2 * 2 * sizeof(*ref);
	err_t error = name_buffer_extend(block, size, &layer);
	if (error != ERR_OK)
		return error;
	name_layer_t *at = (name_layer_t *)(void *)(block->data + layer);
	at->count = count;
	for (size_t i = group.first, n = 0; i < group.end; i = group_end(writer, &group, i))
		at->heads[n++] = slice_of(writer, i, group.slice);
	fill_levels(at->heads, &levels);
	for (size_t i = group.first, end, n = 0; i < group.end; i = end, n++) {
		end = group_end(writer, &group, i);
		if (end == i + 1) {
			refs_at(block, layer, &levels)[n] = writer->separators->refs[i];
			continue;
		}
		if (block->size / NAME_LAYER_UNIT >= NAME_REF_LAYER)
			return ERR_RANGE;
		refs_at(block, layer, &levels)[n] =
			(uint32_t)(block->size / NAME_LAYER_UNIT) | NAME_REF_LAYER;
		error = write_layer(writer, (group_t){ i, end, group.slice + 1 });
		if (error != ERR_OK)
			return error;
	}
	return ERR_OK;
}

err_t name_separators_write(const name_separators_t *separators, name_buffer_t *block)
{
	layer_writer_t writer = { .separators = separators, .block = block };

	return write_layer(&writer, (group_t){ 0, separators->count, 0 });
}
