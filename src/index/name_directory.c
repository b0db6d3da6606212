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

err_t name_buffer_extend(name_buffer_t *buffer, size_t size, size_t *at)
{
	void *data = buffer->data;
	err_t error = array_reserve(&data, &buffer->capacity, buffer->size + size, 1);

	buffer->data = data;
	if (error != ERR_OK)
		return error;
	memset(buffer->data + buffer->size, 0, size);
	*at = buffer->size;
	buffer->size += size;
	return ERR_OK;
}

err_t name_separators_add(name_separators_t *separators, uint32_t ref, const name_key_t *key,
			  uint32_t bit_count)
{
	uint32_t size = (bit_count + 7) / 8;
	void *list = separators->list;
	size_t at = 0;
	err_t error = array_reserve(&list, &separators->capacity, separators->count + 1,
				    sizeof(*separators->list));

	separators->list = list;
	if (error == ERR_OK)
		error = name_buffer_extend(&separators->pool, sizeof(uint16_t) + size, &at);
	if (error != ERR_OK)
		return error;
	if (at > UINT32_MAX)
		return ERR_RANGE;
	separators->list[separators->count++] = (name_separator_t){ ref, (uint32_t)at };
	bits_store_16(separators->pool.data + at, (uint16_t)size);
	if (size == 0)
		return ERR_OK;
	uint8_t *bits = separators->pool.data + at + sizeof(uint16_t);
	memcpy(bits, key->bits, size);
	bits[size - 1] &= (uint8_t)(0xff << (8 * size - bit_count));
	return ERR_OK;
}

void name_separators_free(name_separators_t *separators)
{
	free(separators->list);
	free(separators->pool.data);
}

static uint64_t slice_of(const name_separators_t *separators, size_t separator, uint32_t slice)
{
	const uint8_t *at = separators->pool.data + separators->list[separator].bits;
	uint32_t size = bits_load_16(at);
	uint64_t head = 0;

	for (uint32_t i = slice * SLICE; i < (slice + 1) * SLICE; i++)
		head = head << 8 | (i < size ? at[sizeof(uint16_t) + i] : 0);
	return head;
}

/* The end of those separators from `first` on that share its slice. */
static size_t group_end(const name_separators_t *separators, const group_t *group, size_t first)
{
	uint64_t head = slice_of(separators, first, group->slice);
	size_t end = first + 1;

	while (end < group->end && slice_of(separators, end, group->slice) == head)
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

static err_t write_layer(const name_separators_t *separators, group_t group, name_buffer_t *block)
{
	uint32_t count = 0;
	size_t layer;
	uint32_t *ref;

	for (size_t i = group.first; i < group.end; i = group_end(separators, &group, i))
		count++;
	name_levels_t levels = name_levels_of(count);
	size_t size = sizeof(name_layer_t) + levels.starts[levels.count] * sizeof(uint64_t) +
		      (count + 1) / 2 * 2 * sizeof(*ref);
	err_t error = name_buffer_extend(block, size, &layer);
	if (error != ERR_OK)
		return error;
	name_layer_t *at = (name_layer_t *)(void *)(block->data + layer);
	at->count = count;
	for (size_t i = group.first, n = 0; i < group.end; i = group_end(separators, &group, i))
		at->heads[n++] = slice_of(separators, i, group.slice);
	fill_levels(at->heads, &levels);
	for (size_t i = group.first, end, n = 0; i < group.end; i = end, n++) {
		end = group_end(separators, &group, i);
		if (end == i + 1) {
			refs_at(block, layer, &levels)[n] = separators->list[i].ref;
			continue;
		}
		if (block->size / NAME_LAYER_UNIT >= NAME_REF_LAYER)
			return ERR_RANGE;
		refs_at(block, layer, &levels)[n] =
			(uint32_t)(block->size / NAME_LAYER_UNIT) | NAME_REF_LAYER;
		error = write_layer(separators, (group_t){ i, end, group.slice + 1 }, block);
		if (error != ERR_OK)
			return error;
	}
	return ERR_OK;
}

err_t name_separators_write(const name_separators_t *separators, name_buffer_t *block)
{
	return write_layer(separators, (group_t){ 0, separators->count, 0 }, block);
}
