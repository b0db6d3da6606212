/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_DNSET_DATA_H
#define SPURN_DATASET_DNSET_DATA_H

#include "dataset/dataset.h"
#include "dataset/entry_values.h"
#include "index/name_index.h"
#include "index/name_lines.h"

/* What a dnset holds. Private to the dnset*.c files. */
typedef struct dnset_data {
	name_index_t *index;
	name_lines_t lines;
	entry_values_t *values;
	bool is_mapped; /* all of these: from a file, whose they are */
} dnset_data_t;

/* dataset_type_t's functions of the same names. */
err_t dnset_compare(const dataset_t *old, const dataset_t *next,
		    dataset_changes_t *changes) ATTR_NONNULL_ALL;
err_t dnset_print(const dataset_t *dataset, dataset_printer_t *printer) ATTR_NONNULL_ALL;

#endif
