/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_CHECK_NAMES_H
#define SPURN_TOOL_CHECK_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "tool/check_sweep.h"

/* Names with values, for check_entries.c: collected, sorted, and given to a sweep. */

/* A name; its key stands in the pool. */
typedef struct check_name {
	uint8_t part[8]; /* of the key: what is sorted by just now */
	uint64_t offset;
} check_name_t;

/* All zero is an empty collection. */
typedef struct check_names {
	check_name_t *names;
	size_t count;
	size_t capacity;
	uint8_t *pool;
	size_t pool_size;
	size_t pool_capacity;
} check_names_t;

/* Adds `name` (on the wire, in lower case), itself (`is_plain`) or all names below it. Returns ERR_OK
 * or ERR_NOMEM. */
err_t check_names_add(check_names_t *names, const uint8_t *name, bool is_plain, uint32_t value,
		      uint32_t source) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Sorts the names, gives them to a sweep that has begun, and ends it. */
void check_names_sweep(check_names_t *names, sweep_t *sweep) ATTR_NONNULL_ALL;

void check_names_clear(check_names_t *names) ATTR_NONNULL_ALL;

#endif
