/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_IP4_SINGLES_H
#define SPURN_INDEX_IP4_SINGLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "index/ip4_gather.h"
#include "index/ip4_packed.h"

/* A list of single IPv4 addresses with values, which is what most entries of most blocklists are. It is
 * appended to in any order and then taken from in order, page by page. In between it is kept sorted and
 * packed, about as large as the index that is made of it, and shrinking while that grows.
 *
 * 10 million random addresses of one value: at most 15.5 MB, and 2 MB while more are sorted; sorted ones
 * 13 MB and 1 MB. Appending n addresses takes O(n log n) time, where they come sorted O(n). One thread
 * at a time. */

/* Runs of one level that are merged into one of the next. */
#define IP4_SINGLES_MERGED 16u
/* Most runs: of each level fewer than are merged, and more levels than there are addresses. */
#define IP4_SINGLES_RUNS (6u * IP4_SINGLES_MERGED)

/* A list. All zero is an empty one. Not to be looked into, but for first_only: set before the first
 * address comes it means that of several values of an address only the first one counts. */
typedef struct ip4_singles {
	bool first_only;
	uint32_t *pending; /* addresses that are not packed yet */
	size_t pending_count;
	size_t pending_capacity;
	uint32_t value;  /* of all of them, */
	bool has_values; /* or a value for each: */
	uint32_t *values;
	size_t values_capacity;
	uint32_t *scratch; /* to sort them; is kept, as new memory would cost as much as sorting */
	size_t scratch_capacity;
	uint32_t last; /* address of the last run */
	size_t run_count;
	ip4_packed_t runs[IP4_SINGLES_RUNS]; /* each came before the next */
	uint8_t levels[IP4_SINGLES_RUNS];
	ip4_gather_t *gather; /* while taking */
} ip4_singles_t;

/* Appends addresses, all with `value`. Returns ERR_OK, or ERR_NOMEM (then only ip4_singles_clear is
 * allowed). */
err_t ip4_singles_append(ip4_singles_t *list, const uint32_t *addresses, size_t count,
			 uint32_t value) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Ends appending; afterwards only ip4_singles_take and ip4_singles_clear may be called. Returns ERR_OK
 * or ERR_NOMEM (then only ip4_singles_clear). */
err_t ip4_singles_sort(ip4_singles_t *list) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Takes the first page out, see ip4_gather_next; several values of an address come in the order in
 * which they were appended. */
err_t ip4_singles_take(ip4_singles_t *list, ip4_gathered_t *page,
		       bool *has_page) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Removes all addresses. */
void ip4_singles_clear(ip4_singles_t *list) ATTR_NONNULL_ALL;

#endif
