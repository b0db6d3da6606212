/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_NAME_SORTER_H
#define SPURN_INDEX_NAME_SORTER_H

#include "index/name_bins.h"

/* Sorts the records of a bin. Private to the name_*.c files of this directory. */

/* A record's place in the order. */
typedef struct name_place {
	uint64_t head;  /* the first 64 bits of its rest */
	uint32_t value; /* of the record */
	uint32_t about; /* kinds, NAME_PLACE_LONG, and where the record is in the bin */
} name_place_t;

#define NAME_PLACE_KINDS 3u
#define NAME_PLACE_LONG  4u /* the rest goes on behind the head */
#define NAME_PLACE_SHIFT 3u
/* What is left for where it is, in bytes from the bin's first record on: more than a bin has, unless its
 * records are of one name, and so short. */

/* The records of a bin in order. All zero is an empty one; its memory is kept from one bin to the next. */
typedef struct name_batch {
	name_place_t *places;
	size_t count;
	size_t capacity;
	const uint8_t *records; /* of the bin */
	uint32_t byte;          /* where in the keys the rests begin */
} name_batch_t;

/* Memory for sorting. All zero has none yet. */
typedef struct name_sorter {
	name_place_t *places;
	size_t capacity;
} name_sorter_t;

/* Sorts a bin's records; those of one name may come in any order. Nothing is taken out of the bin, and the
 * batch looks at it: it is good until the bin's memory is given back. Returns ERR_OK, ERR_NOMEM, or
 * ERR_RANGE where one name has more different values than a place can tell. */
err_t name_sort_bin(name_sorter_t *sorter, const name_bin_t *bin,
		    name_batch_t *batch) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The whole key of a record, without bit_count; `prefix` is the bytes in front of its rest. */
void name_batch_key(const name_batch_t *batch, const uint8_t *prefix, const name_place_t *place,
		    name_key_t *key) ATTR_NONNULL_ALL;

/* The record of a place whose rest goes on behind the head: what is there, of `*size` bytes. */
const uint8_t *name_batch_rest(const name_batch_t *batch, const name_place_t *place,
			       uint32_t *size) ATTR_NONNULL_ALL;

/* Asks for the memory of a place's record ahead. */
static inline void name_batch_prefetch(const name_batch_t *batch, const name_place_t *place)
{
	__builtin_prefetch(batch->records + (place->about >> NAME_PLACE_SHIFT));
}

/* Are two records of one name? */
bool name_batch_is_same(const name_batch_t *batch, const name_place_t *a,
			const name_place_t *b) ATTR_NONNULL_ALL;

void name_sorter_clear(name_sorter_t *sorter) ATTR_NONNULL_ALL;
void name_batch_clear(name_batch_t *batch) ATTR_NONNULL_ALL;

#endif
