/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_NAME_BINS_H
#define SPURN_INDEX_NAME_BINS_H

#include "index/name_bin.h"

/* Records of names, collected in any order, packed, in bins: each bin has those of one range of keys, and
 * so few of them that they can be sorted in the processor's cache. name_bins.c tells how. Private to the
 * name_*.c files of this directory. */

/* Where keys part: at nibble `depth`. Those that come here share the nibbles before it, which are checked
 * as those bits of 64, from byte `byte` on, that `mask` has. */
typedef struct name_node {
	uint64_t mask;
	uint64_t bits;
	uint32_t byte;
	uint32_t depth;
	uint32_t shift; /* of the nibble at `depth` in the 64 bits */
	/* NAME_PART_BIN and the number of a bin, or that of a node; 0: nothing. */
	uint32_t parts[16];
} name_node_t;
#define NAME_PART_BIN 0x80000000u

/* Hints: where to begin to look for the bin of a key, by its top label and the NAME_HINT_BITS bits behind
 * that. */
#define NAME_HINT_BITS 10u
#define NAME_HINT_TOPS 256u

/* A top label that has hints: the bits of its key, the first one the highest. */
typedef struct name_hint_top {
	uint64_t bits;
	uint32_t count; /* 0: none */
} name_hint_top_t;

/* Large, of which no more is touched than is used: about as many words as there are bins. */
typedef struct name_hints {
	name_hint_top_t tops[NAME_HINT_TOPS]; /* by a hash */
	/* By number of the top label << NAME_HINT_BITS | bits: NAME_PART_BIN and the bin that all keys go
	 * to with that top label and those bits behind it, which may have burst since; or the place that
	 * they come by, the deepest that is known. */
	uint32_t places[NAME_HINT_TOPS << NAME_HINT_BITS];
} name_hints_t;

/* All zero is empty. */
typedef struct name_bins {
	name_ranges_t ranges;
	name_hints_t *hints; /* NULL: there are none */
	name_bin_t *bins;
	size_t bin_count;
	size_t bin_capacity;
	name_node_t *nodes; /* the first one has nothing but part 0, which is the root */
	size_t node_count;
	size_t node_capacity;
	uint32_t growth; /* times as many records as there are that bins are made for */
} name_bins_t;

/* A record to be added. */
typedef struct name_bins_entry {
	/* Its bytes up to the last that is not zero; NAME_BINS_MARGIN bytes can be read behind them. */
	const uint8_t *key;
	uint32_t size;  /* of the key */
	uint32_t top;   /* bits of its top label, for a hint; 0: not known */
	uint64_t state; /* value << 2 | kinds */
	/* For name_bins_add: where it belongs. */
	uint32_t number; /* as parts have it */
	uint32_t place;
	uint32_t hint; /* its number; NAME_NO_HINT */
} name_bins_entry_t;
#define NAME_NO_HINT     UINT32_MAX
#define NAME_BINS_MARGIN 16u

/* At most so many records are added at a time. */
#define NAME_BINS_GROUP 32u

/* Has entries begin where hints say, from now on. Returns ERR_OK or ERR_NOMEM. */
err_t name_bins_use_hints(name_bins_t *bins) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Adds up to NAME_BINS_GROUP records. Some of them at a time are faster than one by one, as memory is asked
 * for ahead. Returns ERR_OK or ERR_NOMEM (some have been added). */
err_t name_bins_add(name_bins_t *bins, name_bins_entry_t *entries,
		    size_t count) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Has bins that would be full if there came `growth` times as many records as there are, and like them,
 * burst now, when there is little to move. Only a guess: what comes out is the same. Returns ERR_OK or
 * ERR_NOMEM. */
err_t name_bins_expect(name_bins_t *bins, uint32_t growth) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Calls `visit` for each bin in the order of their keys; `prefix` is the bytes of these before the bin's
 * first one. Ends with the first error, and returns it. */
typedef err_t (*name_bins_visit_t)(void *context, name_bin_t *bin, const uint8_t *prefix);
err_t name_bins_walk(const name_bins_t *bins, name_bins_visit_t visit, void *context)
	ATTR_NONNULL(1, 2) ATTR_NODISCARD;

void name_bins_clear(name_bins_t *bins) ATTR_NONNULL_ALL;

#endif
