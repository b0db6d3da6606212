/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/compare.h"

err_t dataset_compare(const dataset_t *old, const dataset_t *next, dataset_changes_t *changes)
{
	*changes = (dataset_changes_t){ .added = 0 };
	if (old->type == next->type)
		return old->type->compare(old, next, changes);
	changes->removed = old->entries;
	changes->added = next->entries;
	return ERR_OK;
}
