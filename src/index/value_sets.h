/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_VALUE_SETS_H
#define SPURN_INDEX_VALUE_SETS_H

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

#endif
