/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_IP_DATA_H
#define SPURN_DATASET_IP_DATA_H

#include "dataset/entry_values.h"
#include "dataset/saved_index.h"
#include "index/ip_lines.h"

/* What data sets of addresses hold, IPv4 or IPv6, and what is done alike with it. Private to ip4_data.c and
 * ip6_data.c. */
typedef struct ip_data {
	void *index; /* an ip4_index_t or an ip6_index_t */
	ip_lines_t lines;
	entry_values_t *values;
	bool is_mapped; /* all of these: from a file, whose they are */
} ip_data_t;

/* Frees all but an index that is not mapped, whose type frees that before. */
void ip_data_free(ip_data_t *data) ATTR_NONNULL_ALL;

/* dataset_type_t's save. `index_size` is in bytes. */
err_t ip_data_save(const ip_data_t *data, size_t index_size,
		   const dataset_saver_t *saver) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* dataset_type_t's map: dataset->data is an ip_data_t. */
err_t ip_data_map(dataset_mapper_t *mapper, saved_index_check_t *check,
		  dataset_t *dataset) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
