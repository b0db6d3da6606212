/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* A generic data set in a compiled file: its records and its pool, as they are. */

#include <stdlib.h>

#include "dataset/generic_data.h"
#include "dataset/generic_record.h"
#include "dataset/saved.h"
#include "dns/name.h"

err_t generic_save(const dataset_t *dataset, dataset_saver_t *saver)
{
	const generic_data_t *data = dataset->data;

	err_t err = dataset_saver_add(saver, "records", data->records,
				      data->record_count * sizeof(*data->records));
	return err == ERR_OK ? dataset_saver_add(saver, "pool", data->pool, data->pool_size) : err;
}

/* Are key[0..size) labels that can be a name below a zone? */
static bool is_key(const uint8_t *key, size_t size)
{
	size_t at = 0;

	if (size >= DNS_NAME_MAX)
		return false;
	while (at < size && key[at] > 0 && key[at] <= DNS_LABEL_MAX)
		at += 1u + key[at];
	return at == size;
}

/* Is it a name with all that belongs to it? */
static bool is_name(const uint8_t *name, size_t size)
{
	return size > 0 && name[size - 1] == 0 && is_key(name, size - 1);
}

/* Are they the strings of a TXT, as dns_txt_frame makes them: all full but the last one? */
static bool is_txt(const uint8_t *rdata, size_t size)
{
	size_t at = 0;

	if (size == 0 || size > GENERIC_RDATA_MAX)
		return false;
	while (at < size && rdata[at] == DNS_STRING_MAX)
		at += 1u + DNS_STRING_MAX;
	return at == size || at + 1 + rdata[at] == size;
}

static bool is_rdata(unsigned type, const uint8_t *rdata, size_t size)
{
	switch (type) {
	case DNS_TYPE_A:
		return size == 4;
	case DNS_TYPE_TXT:
		return is_txt(rdata, size);
	case DNS_TYPE_MX:
		return size > 2 && is_name(rdata + 2, size - 2);
	default:
		return false;
	}
}

/* Why the data cannot be used; NULL: they can. */
static const char *check(const generic_data_t *data)
{
	for (size_t i = 0; i < data->record_count; i++) {
		const record_t *record = &data->records[i];
		size_t size = (size_t)record->key_size + record->rdata_size;
		if (size > data->pool_size || record->key > data->pool_size - size)
			return "a record is not in the pool";
		const uint8_t *key = record_key(data, record);
		if (!is_key(key, record->key_size))
			return "a record's owner is no name";
		if (!is_rdata(record->type, record_rdata(data, record), record->rdata_size))
			return "a record has data that are none of its type";
		if (i == 0)
			continue;
		const record_t *last = record - 1;
		if (dns_name_key_compare(record_key(data, last), last->key_size, key,
					 record->key_size) > 0)
			return "records are not in order";
	}
	return NULL;
}

err_t generic_map(dataset_mapper_t *mapper, dataset_t *dataset)
{
	generic_data_t *data = calloc(1, sizeof(*data));
	size_t size;

	if (data == NULL)
		return ERR_NOMEM;
	dataset->data = data;
	data->is_mapped = true;
	data->settings = mapper->settings;
	data->records = (void *)(uintptr_t)dataset_mapper_block(mapper, "records", &size);
	data->record_count = size / sizeof(*data->records);
	data->pool = (void *)(uintptr_t)dataset_mapper_block(mapper, "pool", &data->pool_size);
	const char *why = size % sizeof(*data->records) == 0 ? check(data) : "the last one is cut";
	if (why != NULL)
		return dataset_mapper_refuse(mapper, "records", why);
	dataset->mapped = size + data->pool_size;
	dataset->memory = sizeof(*data) + dataset->mapped;
	return ERR_OK;
}
