/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_IP4_BUILDER_H
#define SPURN_INDEX_IP4_BUILDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "index/ip4_index.h"
#include "index/ip_lines.h"
#include "index/value_sets.h"

/* Collects prefixes with values, in any order, and turns them into an ip4_index. */
typedef struct ip4_builder ip4_builder_t;

/* Which of the prefixes that cover an address decides about it. */
typedef enum ip4_rule {
	/* The longest prefix. Of equal prefixes the first one added. */
	IP4_RULE_LONGEST_PREFIX,
	/* Prefixes count by whole bytes: 25..32 as one level, then 17..24, 9..16, 0..8. All prefixes
	 * of the most specific level that has any decide together: excluded if one of them is an
	 * exclusion, else the set of all their distinct values. */
	IP4_RULE_BYTE_LEVELS,
} ip4_rule_t;

/* The value of an exclusion: the prefix is cut out of coarser ones. */
#define IP4_BUILDER_EXCLUDED 0u

/* A new, empty builder, or NULL for want of memory. The caller frees it. One thread at a time. */
ip4_builder_t *ip4_builder_new(ip4_rule_t rule);
/* NULL is fine. */
void ip4_builder_free(ip4_builder_t *builder);

/* Entries may come in any order. Those each of which is behind all before it, as in a sorted list, take
 * less time and memory.
 *
 * Adds the prefix `address`/`length` (0..32, host bits of `address` zero) with `value`, which is
 * 1..IP4_INDEX_MAX or IP4_BUILDER_EXCLUDED. Returns ERR_OK, or ERR_NOMEM or ERR_RANGE (as of finish; then
 * only ip4_builder_free is allowed). */
err_t ip4_builder_add(ip4_builder_t *builder, uint32_t address, unsigned length,
		      uint32_t value) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Adds each of `count` single addresses, in any order, with `value`: the same as ip4_builder_add with a
 * length of 32 for one after the other, and much faster. `count` may be 0. Errors as
 * there. */
err_t ip4_builder_add_addresses(ip4_builder_t *builder, const uint32_t *addresses, size_t count,
				uint32_t value) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Adds `first`..`last` (inclusive, first <= last) as the fewest prefixes that cover exactly it.
 * Each counts as a line of its own with
 * IP4_RULE_LONGEST_PREFIX. With IP4_RULE_BYTE_LEVELS the range is one line, and it is split at byte levels: the parts of it that fill a /8 count
 * as /8s, of the rest those that fill a /16 as /16s, and so on. */
err_t ip4_builder_add_range(ip4_builder_t *builder, uint32_t first, uint32_t last,
			    uint32_t value) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Builds the index. Where an address has one value the index holds that value; where it has several
 * it holds `sets_base` + the id of their set in `sets`, into which the set is interned. Values
 * given to ip4_builder_add must be <= `sets_base`. Uses up the builder's entries: it is empty
 * afterwards, also after a failure. The caller frees `*index`.
 * Returns ERR_OK, ERR_NOMEM, or ERR_RANGE when the numbers or the block grow over their limit. */
err_t ip4_builder_finish(ip4_builder_t *builder, value_sets_t *sets, uint32_t sets_base,
			 ip4_index_t **index) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* What the lines were that the last index was made of, with its first value
 * (IP4_RULE_LONGEST_PREFIX) or the set of its own (IP4_RULE_BYTE_LEVELS). The caller
 * empties `*lines`; the builder has none then. */
void ip4_builder_take_lines(ip4_builder_t *builder, ip_lines_t *lines) ATTR_NONNULL_ALL;

#endif
