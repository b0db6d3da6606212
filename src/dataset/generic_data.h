/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_GENERIC_DATA_H
#define SPURN_DATASET_GENERIC_DATA_H

#include "dataset/dataset.h"

/* What a generic data set holds. Private to the generic*.c files. */

/* A record, in memory as in a compiled file; its key and RDATA are in the pool, one behind the other. */
typedef struct record {
	uint32_t key;   /* offset in the pool */
	uint32_t ttl_s; /* 0: the server's default, in a compiled file */
	uint16_t type;
	uint16_t rdata_size;
	uint8_t key_size;
	uint8_t is_capped; /* or the default, if that is less */
	uint8_t padding[2];
} record_t;

_Static_assert(sizeof(record_t) == 16, "the same in all files");

/* Serves as the state of the loader and, once sorted, as the finished data. */
typedef struct generic_data {
	record_t *records; /* by key; of one name as they were read, then MX by preference */
	size_t record_count;
	size_t record_capacity;
	uint8_t *pool;
	size_t pool_size;
	size_t pool_capacity;
	const zone_settings_t *settings; /* what a TTL means */
	bool is_mapped;                  /* records and pool: from a file, whose they are */
} generic_data_t;

static inline const uint8_t *record_key(const generic_data_t *data, const record_t *record)
{
	return data->pool + record->key;
}

static inline const uint8_t *record_rdata(const generic_data_t *data, const record_t *record)
{
	return data->pool + record->key + record->key_size;
}

static inline uint32_t record_ttl(const generic_data_t *data, const record_t *record)
{
	uint32_t ttl_s = specials_ttl(data->settings, record->ttl_s);
	uint32_t most = record->is_capped != 0 ? data->settings->ttl_default_s : UINT32_MAX;

	return ttl_s < most ? ttl_s : most;
}

/* dataset_type_t's functions of the same names. */
err_t generic_save(const dataset_t *dataset, dataset_saver_t *saver) ATTR_NONNULL_ALL;
err_t generic_map(dataset_mapper_t *mapper, dataset_t *dataset) ATTR_NONNULL_ALL;

#endif
