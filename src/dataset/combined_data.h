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

/* That a data set is in a subzone. */
typedef struct link {
	uint32_t
		key; /* offset in the pool of the subzone's labels, from the top down (dns_name_key) */
	uint32_t section; /* of the file: the data set, by its place in `sets` */
	uint8_t key_size;
	uint8_t label_count;
} link_t;

typedef struct combined_data {
	dataset_t **sets;
	size_t set_count;
	uint32_t *members; /* places in `sets`: by subzone, in the order of the file */
	size_t member_count;
	subzone_t *subzones; /* by key, each once */
	size_t subzone_count;
	uint8_t *pool;
	size_t pool_size;
	size_t pool_capacity;
	unsigned most_labels; /* of any subzone */
} combined_data_t;

/* Member number `number`, from 0, of `subzone`. */
static inline const dataset_t *combined_member(const combined_data_t *data,
					       const subzone_t *subzone, uint32_t number)
{
	return data->sets[data->members[subzone->first_member + number]];
}

/* Adds the name of a subzone, in lower case, to the pool, and sets all of `*link` but the section. Returns
 * ERR_OK or ERR_NOMEM. */
err_t combined_add_name(combined_data_t *data, const uint8_t *name,
			link_t *link) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Makes members and subzones of links[0..link_count), which it sorts, when all sets are there. Returns ERR_OK or
 * ERR_NOMEM. */
err_t combined_make_subzones(combined_data_t *data, link_t *links, size_t link_count)
	ATTR_NONNULL(1) ATTR_NODISCARD;

/* The subzones that a data set is for: it is set number i, and has subzones[first[i]..first[i + 1]), places in
 * combined_data_t's `subzones`, by key. */
typedef struct combined_places {
	uint32_t *first; /* one more than there are sets; owned */
	uint32_t *subzones;
} combined_places_t;

/* Lists them for all data sets. Returns ERR_OK or ERR_NOMEM; whatever it returns, the caller clears `*places`. */
err_t combined_list_places(const combined_data_t *data,
			   combined_places_t *places) ATTR_NONNULL_ALL ATTR_NODISCARD;
void combined_clear_places(combined_places_t *places) ATTR_NONNULL_ALL;

/* Bytes held, but for the data sets' data. */
size_t combined_memory(const combined_data_t *data) ATTR_NONNULL_ALL;

void combined_free(combined_data_t *data) ATTR_NONNULL_ALL;

/* dataset_type_t's functions of the same names. */
err_t combined_save(const dataset_t *dataset, dataset_saver_t *saver) ATTR_NONNULL_ALL;
err_t combined_map(dataset_mapper_t *mapper, dataset_t *dataset) ATTR_NONNULL_ALL;

err_t combined_compare(const dataset_t *old, const dataset_t *next,
		       dataset_changes_t *changes) ATTR_NONNULL_ALL;

err_t combined_print(const dataset_t *dataset, dataset_printer_t *printer) ATTR_NONNULL_ALL;

#endif
