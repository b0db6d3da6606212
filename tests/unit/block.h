/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TESTS_UNIT_BLOCK_H
#define SPURN_TESTS_UNIT_BLOCK_H

#include "test.h"

/* A copy of exactly this size, for the sanitizer to see the end. The caller frees it. */
static inline uint8_t *copy_block(const void *block, size_t size)
{
	uint8_t *copy = malloc(size > 0 ? size : 1);

	MUST(copy != NULL, "no memory");
	if (size > 0)
		memcpy(copy, block, size);
	return copy;
}

#endif
