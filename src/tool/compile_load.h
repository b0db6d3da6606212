/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_COMPILE_LOAD_H
#define SPURN_TOOL_COMPILE_LOAD_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "dataset/dataset.h"

/* Loads data sets in threads, several at a time, and hands them out in their order. No more of them are in memory than
 * there are threads, and one: a farm's lists are many, and some are long. */
typedef struct compile_load compile_load_t;

/* Begins to load requests[0..count), which must outlive it, in `jobs` threads, at least 1. The caller ends it. Returns
 * ERR_OK, ERR_NOMEM or, if not a single thread could be started, errno's error. */
err_t compile_load_begin(const dataset_request_t *requests, size_t count, unsigned jobs,
			 compile_load_t **load) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Waits for the next data set, which the caller frees before it asks for another one. Returns ERR_OK; ERR_LOAD, the
 * reason having been logged; or ERR_NOMEM. May be called `count` times. */
err_t compile_load_next(compile_load_t *load, dataset_t **dataset) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Waits for the threads, and frees all but what was handed out. NULL is fine. */
void compile_load_end(compile_load_t *load);

#endif
