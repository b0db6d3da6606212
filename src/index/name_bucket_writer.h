/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_NAME_BUCKET_WRITER_H
#define SPURN_INDEX_NAME_BUCKET_WRITER_H

#include "index/name_layout.h"

/* A bucket on its way into an index. Private to the name_*.c files of this directory. */

/* Nibbles of a suffix that are kept in one word. */
#define NAME_SUFFIX_SHORT 16u

/* The names that a bucket is to have, up to NAME_BUCKET. */
typedef struct name_open_bucket {
	uint32_t count;                /* of names */
	uint32_t least_shared;         /* of all but the first */
	uint64_t all_cells;            /* ones of any cell */
	uint64_t other_cells;          /* bits in which one is not as the first */
	uint16_t shared[NAME_BUCKET];  /* nibbles; not of the first */
	uint16_t lengths[NAME_BUCKET]; /* nibbles of the suffix */
	/* The bits of the suffix, the first one the highest, zeros behind; where it is longer, which byte of
	 * `long_suffixes` it begins in. */
	uint64_t suffixes[NAME_BUCKET];
	uint64_t cells[NAME_BUCKET];

	uint32_t context_count;
	uint8_t context[NAME_LABELS_MAX * NAME_CONTEXT_SIZE];
	uint32_t long_suffixes_size;
	/* As they will be written; behind each one there may be anything, and there is room to load it. */
	uint8_t long_suffixes[NAME_BUCKET * (NAME_NIBBLES_MAX / 2 + 16)];
} name_open_bucket_t;

/* Bytes that name_bucket_write writes to, at most: what a half of a mark does not say takes up to four
 * nibbles, and suffixes are written eight bytes at a time. */
#define NAME_BUCKET_MAX                                                                            \
	(NAME_BUCKET_HEADER + 1 + NAME_LABELS_MAX * NAME_CONTEXT_SIZE +                            \
	 NAME_BUCKET * (sizeof(uint64_t) + 1 + (NAME_NIBBLES_MAX + 2 * 4) / 2) + sizeof(uint64_t))

/* Takes all names out. The context stays. */
static inline void name_open_bucket_clear(name_open_bucket_t *bucket)
{
	bucket->count = 0;
	bucket->least_shared = UINT32_MAX;
	bucket->all_cells = 0;
	bucket->other_cells = 0;
	bucket->long_suffixes_size = 0;
}

/* Adds a name: how many nibbles it shares with the one before, how many follow, and these, or where they
 * are. */
static inline void name_open_bucket_add(name_open_bucket_t *bucket, uint64_t cell, uint32_t shared,
					uint32_t length, uint64_t suffix)
{
	uint32_t name = bucket->count++;

	bucket->cells[name] = cell;
	bucket->all_cells |= cell;
	bucket->other_cells |= cell ^ bucket->cells[0];
	bucket->shared[name] = (uint16_t)shared;
	bucket->lengths[name] = (uint16_t)length;
	bucket->suffixes[name] = suffix;
	if (name > 0 && shared < bucket->least_shared)
		bucket->least_shared = shared;
}

/* Writes a bucket of at least one name, and returns where it ends: at a multiple of NAME_UNIT bytes behind
 * where it begins. */
uint8_t *name_bucket_write(const name_open_bucket_t *bucket,
			   uint8_t *to) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
