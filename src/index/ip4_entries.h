/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_IP4_ENTRIES_H
#define SPURN_INDEX_IP4_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"

/* Lists of (address, value) pairs that are appended to, sorted by address, and taken from the
 * front. They never need twice their memory, not for growing and not for sorting, and give it back
 * while they are taken from: the lists of a big blocklist are the peak of spurn's memory. */

typedef struct ip4_entry {
	uint32_t address;
	uint32_t value;
} ip4_entry_t;

typedef struct ip4_chunk ip4_chunk_t;

/* A list. All zero is an empty one. */
typedef struct ip4_entries {
	ip4_chunk_t *first;
	ip4_chunk_t *last;
	bool is_unsorted;
} ip4_entries_t;

/* Appends. Returns ERR_OK, or ERR_NOMEM (nothing appended). */
err_t ip4_entries_append(ip4_entries_t *entries, ip4_entry_t entry) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Sorts by address; equal addresses stay in the order in which they were appended. Costs nothing
 * where they came sorted. Returns ERR_OK, or ERR_NOMEM (some entries may be lost). */
err_t ip4_entries_sort(ip4_entries_t *entries) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The first entry, until it is dropped; NULL of an empty list. */
const ip4_entry_t *ip4_entries_first(const ip4_entries_t *entries) ATTR_NONNULL_ALL;

/* Removes the first entry of a list that has one. */
void ip4_entries_drop(ip4_entries_t *entries) ATTR_NONNULL_ALL;

/* Removes all entries. */
void ip4_entries_clear(ip4_entries_t *entries) ATTR_NONNULL_ALL;

#endif
