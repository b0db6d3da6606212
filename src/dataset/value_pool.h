/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_VALUE_POOL_H
#define SPURN_DATASET_VALUE_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "zonefile/template.h"
#include "zonefile/value.h"

/* The distinct values of a data set while its files are read: what value_table.h is made of. One thread. */
typedef struct value_pool value_pool_t;

/* NULL for want of memory. The caller frees it; NULL is fine to free. */
value_pool_t *value_pool_new(void);
void value_pool_free(value_pool_t *pool);

/* Values of many lines would each wait for memory. So there are rounds over all of them: their hashes, which of
 * a text only look at what counts, then twice what is likely to be known of each. What is added in between is known
 * afterwards. */
uint32_t value_pool_hash(const zone_value_t *value) ATTR_NONNULL_ALL;
void value_pool_prefetch_slot(const value_pool_t *pool, uint32_t hash) ATTR_NONNULL_ALL;
void value_pool_prefetch_value(const value_pool_t *pool, uint32_t hash) ATTR_NONNULL_ALL;
void value_pool_prefetch_text(const value_pool_t *pool, uint32_t hash) ATTR_NONNULL_ALL;

/* The number of the value with this hash, new or known. Of its text DNS_TEXT_MAX bytes count. Returns ERR_OK, ERR_NOMEM
 * or ERR_RANGE (2^31-1 values, 4 GiB of texts). */
err_t value_pool_add(value_pool_t *pool, uint32_t hash, const zone_value_t *value,
		     uint32_t *number) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* How many there are. */
uint32_t value_pool_count(const value_pool_t *pool) ATTR_NONNULL_ALL;

/* Gives back what only adding needs, when all values have been added. */
void value_pool_close(value_pool_t *pool) ATTR_NONNULL_ALL;

/* Makes one block of all (dataset/value_layout.h), `*size` bytes, which the caller frees. Afterwards only
 * value_pool_free may be called. Returns ERR_OK, ERR_NOMEM or ERR_RANGE. */
err_t value_pool_finish(value_pool_t *pool, const template_variables_t *variables, void **block,
			size_t *size) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
