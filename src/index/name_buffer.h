/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_NAME_BUFFER_H
#define SPURN_INDEX_NAME_BUFFER_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"

/* A block of memory that grows. Private to the name_*.c files of this directory. */

/* All zero is an empty one. The owner frees `data`. */
typedef struct name_buffer {
	uint8_t *data;
	size_t size;
	size_t capacity;
	size_t ready; /* of the capacity, what has been asked of the system as far as that helps */
} name_buffer_t;

/* Makes room for `size` bytes behind what there is, zeroed, and `*at` their offset. Returns ERR_OK
 * or ERR_NOMEM. */
err_t name_buffer_extend(name_buffer_t *buffer, size_t size,
			 size_t *at) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* For name_buffer_reserve. */
err_t name_buffer_make_ready(name_buffer_t *buffer, size_t size) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Makes room for `size` bytes behind what there is, of any content: the caller adds what it writes to the
 * buffer's size. Returns ERR_OK or ERR_NOMEM. */
static inline err_t name_buffer_reserve(name_buffer_t *buffer, size_t size)
{
	if (LIKELY(buffer->size + size <= buffer->ready))
		return ERR_OK;
	return name_buffer_make_ready(buffer, size);
}

#endif
