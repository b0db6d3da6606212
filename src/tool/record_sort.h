/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_RECORD_SORT_H
#define SPURN_TOOL_RECORD_SORT_H

#include <stddef.h>

#include "base/attributes.h"

/* Most bytes of a record. */
#define RECORD_SIZE_MAX 32

/* Sorts `count` records of `size` bytes each, one behind the other in `records`, by their first
 * `key_size` bytes, as memcmp orders them. Not stable. Needs no memory but the stack, and time in
 * proportion to the bytes that it takes to tell the records apart. */
void record_sort(void *records, size_t count, size_t size, size_t key_size) ATTR_NONNULL_ALL;

#endif
