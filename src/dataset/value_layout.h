/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_VALUE_LAYOUT_H
#define SPURN_DATASET_VALUE_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "zonefile/conditions.h"

/* The block of a sealed table of values (dataset/value_table.h):
 *
 *     head | texts, zeros up to 8 bytes | values | their conditions, if any has some
 *
 * The texts are the compiled templates of all values that have a TXT, in the order of these and without gaps. They come
 * first, as they are by far the most, so that they need not be moved when all are there. */

typedef struct value_head {
	uint32_t count;
	uint32_t has_conditions; /* 0 or 1 */
	uint64_t texts_size;
} value_head_t;

typedef struct value_record {
	uint8_t a[4];
	uint32_t txt; /* 1 + where its template begins in the texts; 0: none */
} value_record_t;

/* Where what is aligned begins behind texts of so many bytes. */
static inline uint64_t value_records_at(uint64_t texts_size)
{
	return sizeof(value_head_t) + ((texts_size + 7) & ~(uint64_t)7);
}

_Static_assert(sizeof(value_head_t) % 8 == 0 && sizeof(value_record_t) == 8,
	       "all is aligned to 8 bytes");
_Static_assert(sizeof(zone_conditions_t) == 16 && offsetof(zone_conditions_t, needs_key) == 8 &&
		       offsetof(zone_conditions_t, key_skips_delay) == 9,
	       "conditions are the same in all files");

#endif
