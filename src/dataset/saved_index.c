/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/saved_index.h"

err_t saved_index_map(dataset_mapper_t *mapper, saved_index_check_t *check, entry_values_t **values,
		      const void **index, size_t *index_size)
{
	const char *why;

	*values = NULL;
	err_t err = entry_values_map(mapper, values);
	if (err != ERR_OK)
		return err;
	*index = dataset_mapper_block(mapper, "index", index_size);
	if (*index == NULL)
		return dataset_mapper_refuse(mapper, "index", "there is none");
	if (check(*index, *index_size, entry_values_last(*values), &why) != ERR_OK)
		return dataset_mapper_refuse(mapper, "index", why);
	return ERR_OK;
}

void saved_index_finish(dataset_t *dataset, void *data, size_t size, size_t mapped,
			const entry_values_t *values)
{
	dataset->data = data;
	dataset->memory = size + mapped + entry_values_memory(values);
	dataset->mapped = mapped + entry_values_mapped(values);
}
