/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_NAME_DIRECTORY_H
#define SPURN_INDEX_NAME_DIRECTORY_H

#include "index/name_layout.h"

/* The directory of a name_index while it is made. Private to the name_*.c files of this directory.
 */

/* A block of memory that grows. All zero is an empty one. */
typedef struct name_buffer {
	uint8_t *data;
	size_t size;
	size_t capacity;
} name_buffer_t;

/* Makes room for `size` bytes behind what there is, zeroed, and `*at` their offset. Returns ERR_OK
 * or ERR_NOMEM. */
err_t name_buffer_extend(name_buffer_t *buffer, size_t size,
			 size_t *at) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* A separator: where its bucket is, in NAME_UNIT, and its bits: whole bytes, of which the last is
 * not zero, in the pool. */
typedef struct name_separator {
	uint32_t ref;
	uint32_t bits;
} name_separator_t;

/* The separators of all buckets, ascending. All zero is an empty list. */
typedef struct name_separators {
	name_separator_t *list;
	size_t count;
	size_t capacity;
	name_buffer_t pool; /* of each: size (2 bytes), bytes */
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
