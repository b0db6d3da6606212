/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_COMBINED_DATA_H
#define SPURN_DATASET_COMBINED_DATA_H

#include "dataset/dataset.h"

/* What a combined data set holds. Private to the combined*.c files. */

/* A subzone and its data sets: members[first_member..first_member + member_count). */
typedef struct subzone {
	uint32_t key;
	uint32_t first_member;
	uint32_t member_count;
	uint8_t key_size;
	uint8_t label_count;
	bool has_ip4_data;
} subzone_t;

typedef struct combined_data {
	dataset_t **sets;
	size_t set_count;
	dataset_t **members; /* by subzone, in the order of the file */
	subzone_t *subzones; /* by key, each once */
	size_t subzone_count;
	uint8_t *pool;
	size_t pool_size;
	unsigned most_labels; /* of any subzone */
} combined_data_t;

/* dataset_type_t's compare. */
err_t combined_compare(const dataset_t *old, const dataset_t *next,
		       dataset_changes_t *changes) ATTR_NONNULL_ALL;

#endif
