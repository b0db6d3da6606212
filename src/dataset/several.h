/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_SEVERAL_H
#define SPURN_DATASET_SEVERAL_H

#include "dataset/dataset.h"

/* Data sets that come of one specification, of files that hold several. To a zone they are as if each
 * was named by itself: whoever serves one asks for its parts, and never for itself. */

/* Most parts, and most data sets of one zone. An answer keeps a match for each in a fixed place. */
#define SEVERAL_MAX 256

typedef struct several several_t;

/* Without any. NULL for want of memory; the caller frees it, or has a data set become it. */
several_t *several_new(void);
/* With its parts; NULL is fine. */
void several_free(several_t *several);

/* Adds a part, which is freed if that fails: ERR_RANGE (too many) or ERR_NOMEM. */
err_t several_add(several_t *several, dataset_t *part) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Makes `dataset`, of which only type, files and stamps are there, what `several`, which is not empty,
 * holds: its only part, or all of them. Takes it over. */
void several_become(several_t *several, dataset_t *dataset) ATTR_NONNULL_ALL;

/* Lets the parts, if it has some, have the guard of `dataset`, too: they are asked by themselves. */
void several_lend_guard(const dataset_t *dataset) ATTR_NONNULL_ALL;

/* What a zone with `*dataset` has: that itself, or its parts. They live as long as it does. */
const dataset_t *const *several_parts(const dataset_t *const *dataset,
				      size_t *count) ATTR_NONNULL_ALL;

#endif
