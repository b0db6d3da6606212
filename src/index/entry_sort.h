/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_ENTRY_SORT_H
#define SPURN_INDEX_ENTRY_SORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/ip6.h"

/* Sorts entries of addresses in memory, for index/entry_list.h. Any thread. */

typedef struct entry {
	ip6_address_t address; /* an IPv4 address is its upper half, as a number */
	uint32_t size;         /* of entries with one address the largest size comes first */
	uint32_t value;
} entry_t;

/* Does `a` come before `b`, whichever was there first? */
static inline bool entry_is_before(const entry_t *a, const entry_t *b)
{
	if (a->address.high != b->address.high)
		return a->address.high < b->address.high;
	if (a->address.low != b->address.low)
		return a->address.low < b->address.low;
	return a->size > b->size;
}

/* Sorts entries; equal ones stay in their order. `scratch` is room for as many, which is overwritten. */
void entry_sort(entry_t *entries, entry_t *scratch, size_t count) ATTR_NONNULL_ALL;

/* The same for entries that differ in nothing but the upper halves of their addresses. */
void entry_sort_highs(uint64_t *highs, uint64_t *scratch, size_t count) ATTR_NONNULL_ALL;

#endif
