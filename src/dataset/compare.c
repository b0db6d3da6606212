/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/compare.h"

#include "base/fault_guard.h"
#include "dataset/ask.h"

typedef struct comparison {
	const dataset_t *old;
	const dataset_t *next;
	dataset_changes_t *changes;
	err_t err;
} comparison_t;

static void compare_guarded(void *context)
{
	comparison_t *comparison = context;

	comparison->err = comparison->old->type->compare(comparison->old, comparison->next,
							 comparison->changes);
}

/* Compares data sets of which at least one is mapped. */
static err_t compare_mapped(const dataset_t *old, const dataset_t *next, dataset_changes_t *changes)
{
	comparison_t comparison = { old, next, changes, ERR_CHANGED };

	if (!dataset_is_sound(old) || !dataset_is_sound(next) ||
	    !fault_guard_run(compare_guarded, &comparison))
		return ERR_CHANGED;
	return dataset_is_sound(old) && dataset_is_sound(next) ? comparison.err : ERR_CHANGED;
}

err_t dataset_compare(const dataset_t *old, const dataset_t *next, dataset_changes_t *changes)
{
	*changes = (dataset_changes_t){ .added = 0 };
	if (old->type == next->type)
		return old->guard == NULL && next->guard == NULL
			       ? old->type->compare(old, next, changes)
			       : compare_mapped(old, next, changes);
	changes->removed = old->entries;
	changes->added = next->entries;
	return ERR_OK;
}
