/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_VALUE_SETS_H
#define SPURN_INDEX_VALUE_SETS_H

#include <stdbool.h>

#include "base/intern.h"

/* Sets of values as they stand where several entries count together for an address or a name: an
 * interning pool whose strings are arrays of uint32_t, ascending and distinct, two or more of them.
 */
typedef intern_t value_sets_t;

/* Sorts values[0..count) in place and drops all but one of equal ones; returns how many are left. */
size_t value_sets_sort(uint32_t *values, size_t count);

/* The number in an index for sorted values: 0 for none, the value itself for one, and for more
 * `base` + the id of their set, which is interned. Returns ERR_OK; ERR_NOMEM; or ERR_RANGE when the
 * number would be above `max`. */
err_t value_sets_number(value_sets_t *sets, const uint32_t *values, size_t count, uint32_t base,
			uint32_t max, uint32_t *number) ATTR_NONNULL(1, 6) ATTR_NODISCARD;

/* ---- Sets that are complete, in one position-independent block. ---- */

/* All sets of a pool: the number of sets, where each begins behind these, where the last one ends, and the
 * values, one set behind the other; all uint32_t. */
typedef struct value_sets_block {
	uint32_t count;
	uint32_t starts[]; /* count + 1 of them */
} value_sets_block_t;

/* Makes a block of a pool, of `*size` bytes; NULL and 0 where that has no sets. Returns ERR_OK, and the
 * caller frees `*block`; ERR_RANGE over 2^32-1 values in all; or ERR_NOMEM. */
err_t value_sets_pack(const value_sets_t *sets, value_sets_block_t **block,
		      size_t *size) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Is block[0..size), aligned to 4 bytes, or NULL for 0, whole and sound, and has it none but values from
 * 1 to `largest`? Believes nothing. Returns ERR_OK, or ERR_INVAL with the reason in `*why`, a static text. */
err_t value_sets_check(const value_sets_block_t *block, size_t size, uint32_t largest,
		       const char **why) ATTR_NONNULL(4) ATTR_NODISCARD;

/* How many sets there are; NULL is fine. */
static inline uint32_t value_sets_count(const value_sets_block_t *block)
{
	return block != NULL ? block->count : 0;
}

/* The values of set `id`, from 1 to value_sets_count. */
static inline ATTR_NONNULL_ALL const uint32_t *value_sets_get(const value_sets_block_t *block,
							      uint32_t id, size_t *count)
{
	*count = block->starts[id] - block->starts[id - 1];
	return block->starts + block->count + 1 + block->starts[id - 1];
}

#endif
