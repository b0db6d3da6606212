/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_IP4_PACKED_H
#define SPURN_INDEX_IP4_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/byte_queue.h"
#include "base/error.h"

/* Single IPv4 addresses with values in ascending order, packed: written at the end and taken from the
 * front, a block at a time. What has been taken gives its memory back to the system at once. One thread
 * at a time. It is to ip4_singles what packed_run is to entry_list. */

/* Addresses of a block. What is written once for each block takes an eighth of a bit for each address
 * then, and the blocks of 32 runs that are read side by side lie in the first-level cache. */
#define IP4_PACKED_ROWS 128u

typedef struct ip4_packed_block {
	uint32_t count;
	bool has_values; /* else all have `value`, and no two addresses are equal */
	uint32_t value;
	uint32_t addresses[IP4_PACKED_ROWS]; /* ascending */
	uint32_t values[IP4_PACKED_ROWS];    /* with has_values */
} ip4_packed_block_t;

/* A run of blocks. All zero is an empty one. Not to be looked into. */
typedef struct ip4_packed {
	byte_queue_t bytes;
	uint32_t written; /* behind the last address */
	uint32_t written_value;
	uint32_t taken;
	uint32_t taken_value;
} ip4_packed_t;

/* Writes a block of at least one address, which is above those before, or with has_values not below
 * them. Returns ERR_OK, or ERR_NOMEM (nothing written). */
err_t ip4_packed_put(ip4_packed_t *packed,
		     const ip4_packed_block_t *block) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Takes the first block out. Returns false when there is none. */
bool ip4_packed_take(ip4_packed_t *packed,
		     ip4_packed_block_t *block) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Removes all. */
void ip4_packed_clear(ip4_packed_t *packed) ATTR_NONNULL_ALL;

#endif
