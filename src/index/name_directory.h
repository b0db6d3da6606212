/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_NAME_DIRECTORY_H
#define SPURN_INDEX_NAME_DIRECTORY_H

#include "index/name_buffer.h"
#include "index/name_layout.h"

/* The directory of a name_index while it is made. Private to the name_*.c files of this directory.
 */

/* A separator that goes on behind its head. */
typedef struct name_long_separator {
	size_t number; /* of the separator */
	size_t bytes; /* in the pool: their number (2 bytes), and those behind the head; the last is not zero */
} name_long_separator_t;

/* The separators of all buckets, ascending. All zero is an empty list. */
typedef struct name_separators {
	uint64_t *heads; /* the first 64 bits of each */
	size_t head_capacity;
	uint32_t *refs; /* where their buckets are, in NAME_UNIT */
	size_t ref_capacity;
	size_t count;
	name_long_separator_t *longs; /* hardly any has more */
	size_t long_count;
	size_t long_capacity;
	name_buffer_t pool;
} name_separators_t;

/* Appends a separator of the first `bit_count` bits of a key, the last of which is a one; none for
 * the first bucket. Returns ERR_OK or ERR_NOMEM. */
err_t name_separators_add(name_separators_t *separators, uint32_t ref, const name_key_t *key,
			  uint32_t bit_count) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Writes the layers behind what there is in `block`, whose size is a multiple of 8. Returns ERR_OK,
 * ERR_NOMEM or ERR_RANGE. */
err_t name_separators_write(const name_separators_t *separators,
			    name_buffer_t *block) ATTR_NONNULL_ALL ATTR_NODISCARD;

void name_separators_free(name_separators_t *separators) ATTR_NONNULL_ALL;

#endif
