/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/entry_changes.h"

#include <stdlib.h>
#include <string.h>

entry_list_t entry_changes_list(const entry_side_t *side, const uint32_t *number)
{
	entry_list_t list = { number, 1 };

	if (side->words == 0 && *number != 0) /* there are no sets beside words */
		list.numbers = entry_values_list(side->values, number, &list.count);
	return list;
}

/* Compares what two numbers mean; any order will do as long as it is one. */
static int compare_numbers(const entry_side_t *a_side, uint32_t a, const entry_side_t *b_side,
			   uint32_t b)
{
	bool a_is_word = a <= a_side->words;
	bool b_is_word = b <= b_side->words;

	if (a_is_word || b_is_word)
		return a_is_word && b_is_word ? (a > b) - (a < b) : b_is_word - a_is_word;
	return entry_values_compare(a_side->values, a - a_side->words, b_side->values,
				    b - b_side->words);
}

static int compare_of_side(const void *a, const void *b, void *side)
{
	return compare_numbers(side, *(const uint32_t *)a, side, *(const uint32_t *)b);
}

/* A copy of the list in the order of what its numbers mean. NULL for want of memory. */
static uint32_t *sort_list(const entry_side_t *side, entry_list_t list)
{
	uint32_t *numbers = calloc(list.count + 1, sizeof(*numbers));

	if (numbers == NULL)
		return NULL;
	if (list.count > 0)
		memcpy(numbers, list.numbers, list.count * sizeof(*numbers));
	if (list.count > 1)
		qsort_r(numbers, list.count, sizeof(*numbers), compare_of_side,
			(void *)(uintptr_t)side);
	return numbers;
}

/* How many values two sorted lists have in common. */
static size_t count_common(const entry_changes_t *changes, const uint32_t *old, size_t old_count,
			   const uint32_t *next, size_t next_count)
{
	size_t common = 0;

	for (size_t i = 0, j = 0; i < old_count && j < next_count;) {
		int order = compare_numbers(&changes->old, old[i], &changes->next, next[j]);
		common += order == 0;
		i += order <= 0;
		j += order >= 0;
	}
	return common;
}

void entry_changes_count(entry_changes_t *changes, entry_list_t old, entry_list_t next,
			 uint64_t keys)
{
	size_t common = 0;

	if (old.count == 1 && next.count == 1) {
		common = compare_numbers(&changes->old, *old.numbers, &changes->next,
					 *next.numbers) == 0;
	} else if (old.count > 0 && next.count > 0) {
		uint32_t *old_sorted = sort_list(&changes->old, old);
		uint32_t *next_sorted = sort_list(&changes->next, next);
		if (old_sorted != NULL && next_sorted != NULL)
			common = count_common(changes, old_sorted, old.count, next_sorted,
					      next.count);
		else
			changes->err = ERR_NOMEM;
		free(old_sorted);
		free(next_sorted);
	}
	dataset_changes_add(changes->changes, keys * (old.count - common),
			    keys * (next.count - common));
}

void entry_changes_visit(void *context, const uint32_t *old, const uint32_t *next, uint64_t keys)
{
	entry_changes_t *changes = context;
	static const entry_list_t none = { NULL, 0 };

	entry_changes_count(changes, old != NULL ? entry_changes_list(&changes->old, old) : none,
			    next != NULL ? entry_changes_list(&changes->next, next) : none, keys);
}
