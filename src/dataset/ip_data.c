/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/ip_data.h"

#include <stdlib.h>

void ip_data_free(ip_data_t *data)
{
	if (!data->is_mapped)
		ip_lines_clear(&data->lines);
	entry_values_free(data->values);
	free(data);
}

err_t ip_data_save(const ip_data_t *data, size_t index_size, const dataset_saver_t *saver)
{
	err_t err = dataset_saver_add(saver, "index", data->index, index_size);
	if (err == ERR_OK)
		err = dataset_saver_add(saver, "lines", data->lines.notes, data->lines.size);
	return err == ERR_OK ? entry_values_save(data->values, saver) : err;
}

/* Checks the index and the notes beside it, and uses them. */
static err_t map_index(dataset_mapper_t *mapper, saved_index_check_t *check, ip_data_t *data,
		       size_t *size)
{
	ip_lines_t *lines = &data->lines;
	const void *index;
	const char *why;

	err_t err = saved_index_map(mapper, check, &data->values, &index, size);
	if (err != ERR_OK)
		return err;
	const uint8_t *notes = dataset_mapper_block(mapper, "lines", &lines->size);
	if (ip_lines_check(notes, lines->size, entry_values_last(data->values), &why) != ERR_OK)
		return dataset_mapper_refuse(mapper, "lines", why);
	data->index = (void *)(uintptr_t)index;
	lines->notes = (uint8_t *)(uintptr_t)notes;
	*size += lines->size;
	return ERR_OK;
}

err_t ip_data_map(dataset_mapper_t *mapper, saved_index_check_t *check, dataset_t *dataset)
{
	ip_data_t *data = calloc(1, sizeof(*data));
	size_t size = 0;

	if (data == NULL)
		return ERR_NOMEM;
	data->is_mapped = true;
	err_t err = map_index(mapper, check, data, &size);
	if (err != ERR_OK) {
		ip_data_free(data);
		return err;
	}
	data->lines.most = dataset->entries + 1; /* each is a line */
	saved_index_finish(dataset, data, sizeof(*data), size, data->values);
	return ERR_OK;
}
