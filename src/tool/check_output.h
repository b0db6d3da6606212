/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_CHECK_OUTPUT_H
#define SPURN_TOOL_CHECK_OUTPUT_H

#include <stdbool.h>

#include "base/attributes.h"
#include "tool/check_problems.h"

/* What `spurn check` writes to stdout: lines as compilers write them, or JSON, one object a line. */

/* What has been written so far; all zero at the beginning, but for is_json. */
typedef struct check_output {
	bool is_json;
	uint64_t counts[CHECK_SEVERITIES]; /* problems, also those not shown */
} check_output_t;

/* Where problems are. */
typedef struct check_subject {
	const char *zone;    /* name of the zone */
	const char *dataset; /* "type:files", NULL: the zone as a whole */
	const char *file;    /* NULL: the data set as a whole */
} check_subject_t;

/* Writes the problems, which must be finished, and counts them. */
void check_output_problems(check_output_t *output, const check_subject_t *subject,
			   const check_problems_t *problems) ATTR_NONNULL_ALL;

/* Writes the sum of a data set: `counts` of the problems in it. */
void check_output_dataset(check_output_t *output, const check_subject_t *subject, bool is_loaded,
			  uint64_t entries,
			  const uint64_t counts[CHECK_SEVERITIES]) ATTR_NONNULL_ALL;

/* Writes the sum of all. */
void check_output_total(check_output_t *output) ATTR_NONNULL_ALL;

#endif
