/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_PACKED_RUN_H
#define SPURN_INDEX_PACKED_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/byte_queue.h"
#include "base/error.h"

/* Rows of numbers in ascending order, packed: written at the end and taken from the front, a block of
 * rows at a time. What has been taken gives its memory back to the system at once. One thread at a
 * time. */

/* What a row consists of. Rows are ascending by PACKED_HIGH and PACKED_LOW, taken as one number of
 * 128 bits; the others are anything. */
typedef enum packed_column {
	PACKED_HIGH,
	PACKED_LOW,
	PACKED_SIZE,
	PACKED_VALUE,
	PACKED_COLUMNS
} packed_column_t;

/* Rows of a block. What is written once for each block takes a quarter of a bit for each row then,
 * and eight blocks, unpacked to be merged, lie in the first-level cache. */
#define PACKED_BLOCK_ROWS 128u

typedef struct packed_block {
	uint32_t count; /* of rows; only the last block of a run has fewer than PACKED_BLOCK_ROWS */
	uint64_t columns[PACKED_COLUMNS][PACKED_BLOCK_ROWS];
} packed_block_t;

/* A run. All zero is an empty one. Not to be looked into. */
typedef struct packed_run {
	byte_queue_t bytes;
	uint64_t written[2]; /* the last row's address */
	uint64_t taken[2];
} packed_run_t;

/* Writes a block of at least one row, which is not below the rows before. Returns ERR_OK, or
 * ERR_NOMEM (nothing written). */
err_t packed_run_put(packed_run_t *run,
		     const packed_block_t *block) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Gives back memory that is there for more rows, when no more are written for a while. */
void packed_run_trim(const packed_run_t *run) ATTR_NONNULL_ALL;

/* Takes the first block out. Returns false when there is none. */
bool packed_run_take(packed_run_t *run, packed_block_t *block) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Removes all rows. */
void packed_run_clear(packed_run_t *run) ATTR_NONNULL_ALL;

#endif
