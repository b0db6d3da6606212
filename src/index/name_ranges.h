/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_NAME_RANGES_H
#define SPURN_INDEX_NAME_RANGES_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

/* Ranges of memory for what is needed only while an index is made. Of a range only those pages of the
 * system's take memory that have been written to; and what is dropped is the system's again at once, so
 * that the index can grow while what it is made of shrinks. Private to the name_*.c files of this
 * directory. */

/* Bytes of a range, and so of a bin that is full. A multiple of any system's pages. Smaller ones make more
 * bins: a bin is sorted a little faster, and less of each key is kept, but to add to many takes longer, and
 * more of their last pages stay empty. Five million names took as much memory with 64 KB as with this, and
 * 12 MB more with 32. */
#define NAME_RANGE_SIZE ((size_t)256 * 1024)

/* Ranges that can be had in a row. */
#define NAME_RANGES_ROW 16u

/* All zero has none. */
typedef struct name_ranges {
	uint8_t **slabs; /* of NAME_RANGES_SLAB bytes, mapped */
	size_t slab_count;
	size_t slab_capacity;
	size_t used;    /* bytes of the last slab */
	uint8_t **free; /* to be used again, and empty */
	size_t free_count;
	size_t free_capacity;
} name_ranges_t;

/* What is asked of the system at a time. */
#define NAME_RANGES_SLAB (32 * NAME_RANGE_SIZE)

/* `count` ranges behind each other, up to NAME_RANGES_ROW; NULL for want of memory. */
uint8_t *name_ranges_take(name_ranges_t *ranges, size_t count) ATTR_NONNULL_ALL;

/* Takes one back for later use, and gives its memory to the system. */
void name_ranges_return(name_ranges_t *ranges, uint8_t *range) ATTR_NONNULL_ALL;

/* Gives the memory of whole ranges, one behind the other, to the system. Any thread may do so, as long as
 * nobody reads there. */
void name_ranges_drop(uint8_t *from, size_t size) ATTR_NONNULL_ALL;

/* Gives all memory back, ranges that are in use included. */
void name_ranges_clear(name_ranges_t *ranges) ATTR_NONNULL_ALL;

#endif
