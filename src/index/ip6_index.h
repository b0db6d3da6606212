/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_IP6_INDEX_H
#define SPURN_INDEX_IP6_INDEX_H

#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/ip6.h"

/* An immutable map from every IPv6 address to a small number, in one position-independent block.
 * Any thread may look up in a finished index. */
typedef struct ip6_index ip6_index_t;

/* What an address maps to when no entry covers it, or when it is excluded. */
#define IP6_INDEX_NONE 0u
/* Largest number that an index can hold. */
#define IP6_INDEX_MAX 0x7fffffffu

/* The number for one address. */
uint32_t ip6_index_lookup(const ip6_index_t *index, ip6_address_t address) ATTR_NONNULL_ALL;

/* The numbers for `count` addresses into `numbers`, in their order; overlaps the cache misses of
 * different addresses, so it is several times faster than single calls in a large index. */
void ip6_index_lookup_batch(const ip6_index_t *index, const ip6_address_t *addresses, size_t count,
			    uint32_t *numbers) ATTR_NONNULL_ALL;

/* Is any address of `first`..`last` (inclusive, first <= last) mapped to something? As fast as a
 * lookup, whatever the range. */
bool ip6_index_has_any(const ip6_index_t *index, ip6_address_t first,
		       ip6_address_t last) ATTR_NONNULL_ALL;

/* Size of the block in bytes. */
size_t ip6_index_size(const ip6_index_t *index) ATTR_NONNULL_ALL;

/* Calls `visit` for each maximal range of addresses with one number, in ascending order, the ranges
 * of IP6_INDEX_NONE included; together they cover all addresses. */
typedef void (*ip6_index_visit_t)(void *context, ip6_address_t first, ip6_address_t last,
				  uint32_t number);
void ip6_index_walk(const ip6_index_t *index, ip6_index_visit_t visit, void *context)
	ATTR_NONNULL(1, 2);

/* Is `block`[0..size), aligned to 8 bytes, a whole and sound index? Believes nothing and reads
 * nothing outside, so the bytes may come from a file; what passes can be cast to an ip6_index_t and
 * used, and has no number above `max_number` (at most IP6_INDEX_MAX). Reads all of it. Returns ERR_OK,
 * or ERR_INVAL with the reason in `*why`, a static text. */
err_t ip6_index_check(const void *block, size_t size, uint32_t max_number,
		      const char **why) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Frees an index that ip6_builder_finish made. NULL is fine. */
void ip6_index_free(ip6_index_t *index);

#endif
