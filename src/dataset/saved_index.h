/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_SAVED_INDEX_H
#define SPURN_DATASET_SAVED_INDEX_H

#include "dataset/entry_values.h"
#include "dataset/saved.h"

/* Data sets of a compiled file (dataset/saved.h) that are an index, from keys to the numbers of values, and the
 * values: what all such types do alike to map one. Notes of lines are beside the index, and the type's own. */

/* ip4_index_check, ip6_index_check or name_index_check. */
typedef err_t saved_index_check_t(const void *block, size_t size, uint32_t max_number,
				  const char **why);

/* Maps the values and the index, which `check` checks. The caller frees `*values`, also after a failure, where
 * it may be NULL; `*index` is the file's. Errors as for dataset_type_t's map. */
err_t saved_index_map(dataset_mapper_t *mapper, saved_index_check_t *check, entry_values_t **values,
		      const void **index, size_t *index_size) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* All has been mapped: makes `data`, which takes `size` bytes of memory, that of `dataset`. `mapped` is how many
 * bytes of the file it has without those of the values. */
void saved_index_finish(dataset_t *dataset, void *data, size_t size, size_t mapped,
			const entry_values_t *values) ATTR_NONNULL_ALL;

#endif
