/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BASE_INTERN_H
#define SPURN_BASE_INTERN_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"

/* A pool of distinct byte strings, numbered from 1 in the order in which they first came. Hashing is
 * SipHash with a key of this process, so that no list can be made to collide. One thread at a time
 * may add; any may read between additions. */
typedef struct intern intern_t;

/* A new empty pool, or NULL for want of memory. */
intern_t *intern_new(void);
/* NULL is fine. */
void intern_free(intern_t *pool);

/* The number of the byte string `data`[0..size), which is copied into the pool when it is new. NULL
 * is fine for size 0; the bytes must not lie in the pool itself. Not after intern_seal.
 * Returns ERR_OK, ERR_NOMEM, or ERR_RANGE over 2^31-1 strings, 4 GiB in one or 16 GiB in all; then
 * `*id` is unchanged. */
err_t intern_add(intern_t *pool, const void *data, size_t size, uint32_t *id)
	ATTR_NONNULL(1, 4) ATTR_NODISCARD;

/* The string `id` (1..intern_count), its length in bytes in `*size`. The pointer is valid until the
 * next intern_add or intern_seal, and aligned to 4 bytes. */
const void *intern_get(const intern_t *pool, uint32_t id, size_t *size) ATTR_NONNULL_ALL;

/* How many strings there are. */
uint32_t intern_count(const intern_t *pool) ATTR_NONNULL_ALL;

/* Gives back the memory that only intern_add needs; the pool can then only be read. */
void intern_seal(intern_t *pool) ATTR_NONNULL_ALL;

/* Bytes of memory held. */
size_t intern_memory(const intern_t *pool) ATTR_NONNULL_ALL;

#endif
