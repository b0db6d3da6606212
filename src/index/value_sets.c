/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/value_sets.h"

#include <stdlib.h>
#include <string.h>

static int compare_values(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a;
	uint32_t right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

size_t value_sets_sort(uint32_t *values, size_t count)
{
	size_t distinct = 0;

	if (count < 2)
		return count;
	qsort(values, count, sizeof(*values), compare_values);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || values[i] != values[i - 1])
			values[distinct++] = values[i];
	return distinct;
}

err_t value_sets_number(value_sets_t *sets, const uint32_t *values, size_t count, uint32_t base,
			uint32_t max, uint32_t *number)
{
	uint32_t id;

	if (count < 2) {
		*number = count == 1 ? values[0] : 0;
		return ERR_OK;
	}
	err_t error = intern_add(sets, values, count * sizeof(*values), &id);
	if (error != ERR_OK)
		return error;
	if (base > max || id > max - base)
		return ERR_RANGE;
	*number = base + id;
	return ERR_OK;
}

/* Bytes of a block before the values. */
static size_t head_size(uint64_t count)
{
	return (size_t)(2 + count) * sizeof(uint32_t);
}

err_t value_sets_pack(const value_sets_t *sets, value_sets_block_t **packed, size_t *packed_size)
{
	uint32_t count = intern_count(sets);
	uint64_t total = 0;
	size_t size;

	*packed = NULL;
	*packed_size = 0;
	if (count == 0)
		return ERR_OK;
	for (uint32_t id = 1; id <= count; id++) {
		(void)intern_get(sets, id, &size);
		total += size / sizeof(uint32_t);
	}
	if (total > UINT32_MAX)
		return ERR_RANGE;
	size = head_size(count) + (size_t)total * sizeof(uint32_t);
	value_sets_block_t *block = malloc(size);
	if (block == NULL)
		return ERR_NOMEM;
	*packed = block;
	*packed_size = size;
	block->count = count;
	block->starts[0] = 0;
	for (uint32_t id = 1; id <= count; id++) {
		const void *values = intern_get(sets, id, &size);
		uint32_t start = block->starts[id - 1];
		memcpy(block->starts + count + 1 + start, values, size);
		block->starts[id] = start + (uint32_t)(size / sizeof(uint32_t));
	}
	return ERR_OK;
}

/* Are values[0..count) two or more, ascending, from 1 to `largest`? */
static bool is_set(const uint32_t *values, size_t count, uint32_t largest)
{
	if (count < 2 || values[0] == 0 || values[count - 1] > largest)
		return false;
	for (size_t i = 1; i < count; i++)
		if (values[i] <= values[i - 1])
			return false;
	return true;
}

err_t value_sets_check(const value_sets_block_t *block, size_t size, uint32_t largest,
		       const char **why)
{
	if (size == 0)
		return ERR_OK;
	*why = "the sets of values are cut off";
	if (size < head_size(0) || size % sizeof(uint32_t) != 0 || size < head_size(block->count))
		return ERR_INVAL;
	size_t total = (size - head_size(block->count)) / sizeof(uint32_t);
	*why = "the sets of values do not follow each other";
	if (block->starts[0] != 0 || block->starts[block->count] != total)
		return ERR_INVAL;
	for (uint32_t id = 1; id <= block->count; id++)
		if (block->starts[id] < block->starts[id - 1] || block->starts[id] > total)
			return ERR_INVAL;
	*why = "a set of values is none";
	for (uint32_t id = 1; id <= block->count; id++) {
		size_t count;
		const uint32_t *values = value_sets_get(block, id, &count);
		if (!is_set(values, count, largest))
			return ERR_INVAL;
	}
	return ERR_OK;
}
