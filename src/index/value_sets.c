/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/value_sets.h"

#include <stdlib.h>

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
