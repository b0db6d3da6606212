/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_CHECK_DATASET_H
#define SPURN_TOOL_CHECK_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/zone_spec.h"
#include "tool/check_points.h"
#include "tool/check_problems.h"
#include "tool/public_suffixes.h"

/* One data set: read as the server reads it, with a look at every line and entry. */

/* What holds for all data sets; plain data. */
typedef struct check_settings {
	zone_settings_t zone;
	size_t limit;                      /* problems shown of one kind in one file; 0: all */
	uint32_t ignored;                  /* a bit for each kind that is not wanted */
	const public_suffixes_t *suffixes; /* NULL: there are none to compare with */
} check_settings_t;

/* What came of it. */
typedef struct check_dataset {
	check_problems_t *problems; /* of each file, and behind them of the data set as a whole */
	size_t file_count;
	bool is_loaded;
	uint64_t entries;
	unsigned keys; /* of its entries, a bit for each dataset_key_t */
	bool has_soa;
	bool has_ns;
	unsigned listed[2]; /* test points: as part of a zone without IPv4 data, and of one with */
	check_place_t places[CHECK_POINTS]; /* the last entry that lists each */
} check_dataset_t;

/* Checks the data set of a specification, both of which must outlive the result. Returns ERR_OK, and
 * the caller frees `*dataset`, also of a data set that cannot be loaded; or ERR_NOMEM. */
err_t check_dataset_run(const check_settings_t *settings, const zone_spec_t *spec,
			check_dataset_t *dataset) ATTR_NONNULL_ALL ATTR_NODISCARD;
void check_dataset_clear(check_dataset_t *dataset) ATTR_NONNULL_ALL;

#endif
