/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BENCH_FLOORS_H
#define SPURN_BENCH_FLOORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/ip6.h"

/* The least that an index could be, computed for the data at hand: what the benchmarks print beside
 * what it is. */

/* A prefix with a value. */
typedef struct floor_prefix {
	ip6_address_t address;
	uint32_t value;
	uint8_t length; /* 0..128 */
} floor_prefix_t;

/* Entropy of a list of prefixes, in bytes (IPv4 ones are in the highest 32 bits): of the shape of their binary trie,
 * whose nodes have a prefix or not, and something to the left, to the right, on both sides or on none,
 * and of the values. Shapes are taken as independent but for their depth; a value is that of the
 * prefix before, or drawn from all. For random addresses that is log2 of the number of such lists
 * but for a thousandth part; of real lists one that knows more about them could be smaller. Sorts
 * `prefixes`; of equal ones the first counts. */
double floor_prefixes_bytes(floor_prefix_t *prefixes, size_t count) ATTR_NONNULL_ALL;

/* Entropy of a list of names, as text of `size` bytes in which each ends with LF, in bytes: each
 * character drawn as it occurs behind the two before it, less what the order of the names would
 * tell, as a set has none. */
double floor_names_bytes(const char *text, size_t size) ATTR_NONNULL_ALL;

/* Nanoseconds of one load from a random place in `size` bytes, which is what a lookup takes at least:
 * each waiting for the one before (`is_dependent`), or as many under way as the processor can have. */
double floor_load_ns(size_t size, bool is_dependent);

#endif
