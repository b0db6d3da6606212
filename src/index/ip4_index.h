/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_IP4_INDEX_H
#define SPURN_INDEX_IP4_INDEX_H

#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

#include "base/attributes.h"
#include "base/error.h"

/* An immutable map from every IPv4 address to a small number, in one position-independent block.
 * Addresses are in host byte order everywhere. Any thread may look up in a finished index. */
typedef struct ip4_index ip4_index_t;

/* What an address maps to when no entry covers it, or when it is excluded. */
#define IP4_INDEX_NONE 0u
/* Largest number that an index can hold. */
#define IP4_INDEX_MAX 0x7fffffffu

/* The number for one address. */
uint32_t ip4_index_lookup(const ip4_index_t *index, uint32_t address) ATTR_NONNULL_ALL;

/* The numbers for `count` addresses into `numbers`, in their order; overlaps the cache misses of
 * different addresses, so it is several times faster than single calls in a large index. */
void ip4_index_lookup_batch(const ip4_index_t *index, const uint32_t *addresses, size_t count,
			    uint32_t *numbers) ATTR_NONNULL_ALL;

/* Is any address of `first`..`last` (inclusive) mapped to something? `first`..`last` must be a prefix
 * of 0, 4, 8... 32 bits: the ranges that a name stands for which has some octets of an address, or
 * some nibbles of it in IPv6 form. */
bool ip4_index_has_any(const ip4_index_t *index, uint32_t first, uint32_t last) ATTR_NONNULL_ALL;

/* Size of the block in bytes. */
size_t ip4_index_size(const ip4_index_t *index) ATTR_NONNULL_ALL;

/* Calls `visit` for each maximal range of addresses with one number, in ascending order, the ranges
 * of IP4_INDEX_NONE included; together they cover 0.0.0.0..255.255.255.255. */
typedef void (*ip4_index_visit_t)(void *context, uint32_t first, uint32_t last, uint32_t number);
void ip4_index_walk(const ip4_index_t *index, ip4_index_visit_t visit, void *context)
	ATTR_NONNULL(1, 2);

/* Is `block`[0..size), aligned to 8 bytes, a whole and sound index? Believes nothing and reads
 * nothing outside, so the bytes may come from a file; what passes can be cast to an ip4_index_t and
 * used, and has no number above `max_number` (at most IP4_INDEX_MAX). Reads all of it, in two
 * threads where that pays. Returns ERR_OK, ERR_INVAL, or ERR_CHANGED when pages of a mapped file have gone
 * meanwhile (base/fault_guard.h), with the reason in `*why`, a static text. */
err_t ip4_index_check(const void *block, size_t size, uint32_t max_number,
		      const char **why) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Frees an index that ip4_builder_finish made. NULL is fine. */
void ip4_index_free(ip4_index_t *index);

#endif
