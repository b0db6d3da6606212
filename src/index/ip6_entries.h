/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_IP6_ENTRIES_H
#define SPURN_INDEX_IP6_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/ip6.h"

/* A list of prefixes with values that is appended to in any order and then taken from in order. In
 * between it is kept sorted and packed, part by part, as the lists of a big blocklist are the peak
 * of spurn's memory. */

typedef struct ip6_entry {
	ip6_address_t address;
	uint32_t value;
	uint8_t length; /* 0..128 */
} ip6_entry_t;

/* A sorted part; private to ip6_entries.c. */
typedef struct ip6_part ip6_part_t;

/* A list. All zero is an empty one. */
typedef struct ip6_entries {
	ip6_entry_t *pending; /* not packed yet */
	size_t pending_count;
	size_t pending_capacity;
	ip6_part_t *parts; /* while taking: a heap, the part with the next entry first */
	size_t part_count;
	size_t part_capacity;
} ip6_entries_t;

/* Appends. The bits of the address behind its length must be zero. Returns ERR_OK, or ERR_NOMEM
 * (nothing appended). */
err_t ip6_entries_append(ip6_entries_t *entries, ip6_entry_t entry) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Ends appending; afterwards only ip6_entries_take and ip6_entries_clear may be called. Returns
 * ERR_OK or ERR_NOMEM. */
err_t ip6_entries_sort(ip6_entries_t *entries) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Takes the first entry out: the one with the lowest address, of these the shortest, and of equal
 * ones that which was appended first. Returns false when there is none. */
bool ip6_entries_take(ip6_entries_t *entries, ip6_entry_t *entry) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Is it the same prefix? */
static inline bool ip6_entry_is_equal(const ip6_entry_t *a, const ip6_entry_t *b)
{
	return ip6_is_equal(a->address, b->address) && a->length == b->length;
}

/* Removes all entries. */
void ip6_entries_clear(ip6_entries_t *entries) ATTR_NONNULL_ALL;

#endif
