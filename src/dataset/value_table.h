/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_VALUE_TABLE_H
#define SPURN_DATASET_VALUE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "dataset/value_pool.h"
#include "zonefile/template.h"
#include "zonefile/value.h"

/* The distinct values (A and TXT template) of a data set, numbered from 1. Values are added while
 * the files are read; sealing compiles the templates, when all variables are known, and makes one
 * position-independent block of all. One thread before sealing, any number afterwards. */
typedef struct value_table value_table_t;

/* NULL for want of memory. The caller frees it; NULL is fine to free. */
value_table_t *value_table_new(void);
void value_table_free(value_table_t *table);

/* The number of a value, new or known. Returns ERR_OK, ERR_NOMEM or ERR_RANGE (2^31-1 values). */
err_t value_table_add(value_table_t *table, const zone_value_t *value,
		      uint32_t *id) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Where many values are added at once; it is the table's, and gone when that is sealed. */
value_pool_t *value_table_pool(value_table_t *table) ATTR_NONNULL_ALL;

/* Compiles all templates; afterwards only the functions below may be called. */
err_t value_table_seal(value_table_t *table,
		       const template_variables_t *variables) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* What sealing has made, and its size in bytes. */
const void *value_table_block(const value_table_t *table, size_t *size) ATTR_NONNULL_ALL;

/* Makes a sealed table of such a block, block[0..size), aligned to 8 bytes, which must outlive it. Believes
 * nothing of it. Returns ERR_OK, and the caller frees `*table`; ERR_INVAL with the reason in `*why`, a
 * static text; or ERR_NOMEM. */
err_t value_table_map(const void *block, size_t size, value_table_t **table, const char **why)
	ATTR_NONNULL(3, 4) ATTR_NODISCARD;

uint32_t value_table_count(const value_table_t *table) ATTR_NONNULL_ALL;

/* The A value of `id` (1..count): four bytes in network byte order. */
const uint8_t *value_table_a(const value_table_t *table, uint32_t id) ATTR_NONNULL_ALL;

/* The compiled TXT template of `id` (see zonefile/template.h), NULL when it has no TXT. */
const uint8_t *value_table_txt(const value_table_t *table, uint32_t id) ATTR_NONNULL_ALL;

/* Under which conditions `id` is seen; NULL when none of the table's values has any. */
const zone_conditions_t *value_table_conditions(const value_table_t *table,
						uint32_t id) ATTR_NONNULL_ALL;

/* Compares value `a_id` of `a` with `b_id` of `b` by what a client sees of them: 0 when that is the
 * same, else less or greater, in an order that means nothing. */
int value_table_compare(const value_table_t *a, uint32_t a_id, const value_table_t *b,
			uint32_t b_id) ATTR_NONNULL_ALL;

/* Bytes of memory held after sealing, the block included, mapped or not. */
size_t value_table_memory(const value_table_t *table) ATTR_NONNULL_ALL;

#endif
