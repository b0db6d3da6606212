/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_ENTRY_LIST_H
#define SPURN_INDEX_ENTRY_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "index/entry_sort.h"
#include "index/packed_run.h"

/* A list of addresses with values, IPv4 or IPv6, that is appended to in any order and then taken from
 * in order. In between it is kept sorted and packed, as the lists of a big blocklist are the peak of
 * spurn's memory: about as large as the index that is made of it, and shrinking while that grows.
 *
 * A million random IPv6 /64s: 6 MB, and 0.5 MB for those that are not packed yet, or 1.5 MB if they have different
 * values. Appending n entries takes O(n log n) time, where they
 * come sorted O(n). One thread at a time. */

/* Runs that are merged into one. */
#define ENTRY_LIST_MERGED 32u
/* Most runs: of each level fewer than are merged, and 32^4 of the smallest ones have 4 billion entries. */
#define ENTRY_LIST_RUNS (5u * ENTRY_LIST_MERGED)

typedef struct entry_merge entry_merge_t;

/* A list. All zero is an empty one. Not to be looked into. */
typedef struct entry_list {
	/* Not packed yet: while they differ in nothing but the upper halves of addresses only these, */
	uint64_t *highs;
	entry_t alike; /* of what is the same; or, if `is_mixed`, as a whole */
	entry_t *entries;
	bool is_mixed;
	bool is_unsorted;
	size_t pending_count;
	size_t capacity; /* of them as they are at the moment */
	entry_t last;    /* of the last run */
	size_t run_count;
	packed_run_t runs[ENTRY_LIST_RUNS]; /* each came before the next */
	uint8_t levels[ENTRY_LIST_RUNS];
	entry_merge_t *merge; /* while taking */
} entry_list_t;

/* Appends. Returns ERR_OK, or ERR_NOMEM (then only entry_list_clear is allowed). */
err_t entry_list_append(entry_list_t *list, const entry_t *entry) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Appends `count` entries that are as `alike` but for the upper halves of their addresses: faster than one by one.
 * Errors as there. */
err_t entry_list_append_highs(entry_list_t *list, const entry_t *alike, const uint64_t *highs,
			      size_t count) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Ends appending; afterwards only entry_list_take and entry_list_clear may be called. Returns ERR_OK
 * or ERR_NOMEM (then only entry_list_clear). */
err_t entry_list_sort(entry_list_t *list) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Takes the first entry out: the one with the lowest address, of these the largest size, and of equal
 * ones that which was appended first. Returns false when there is none. */
bool entry_list_take(entry_list_t *list, entry_t *entry) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Removes all entries. */
void entry_list_clear(entry_list_t *list) ATTR_NONNULL_ALL;

#endif
