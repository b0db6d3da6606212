/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_LOADER_REPORT_H
#define SPURN_DATASET_LOADER_REPORT_H

#include "dataset/dataset.h"

/* What is said while a data set is read: to whoever observes, or else to the log, or, of why loading ends,
 * to the loader's attempt. For dataset.c; what the types report with is in dataset.h. */

/* Tells why loading ends, because of the file at hand or, if there is none, of all of them.
 * `is_lasting`: it ends in the same way as long as the files are the same. */
void loader_report_failure(const dataset_loader_t *loader, const char *reason,
			   bool is_lasting) ATTR_NONNULL_ALL;

/* Tells that the line at hand ends loading. Returns ERR_LOAD. */
err_t loader_report_line_failure(const dataset_loader_t *loader, const char *reason,
				 bool is_lasting) ATTR_NONNULL_ALL;

/* Tells the log, at the end of loading, how many problems it was not told of. */
void loader_report_suppressed(const dataset_loader_t *loader) ATTR_NONNULL_ALL;

#endif
