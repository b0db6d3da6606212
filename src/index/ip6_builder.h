/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_IP6_BUILDER_H
#define SPURN_INDEX_IP6_BUILDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/ip6.h"
#include "index/ip6_index.h"
#include "index/ip_lines.h"

/* Collects IPv6 prefixes with values, in any order, and turns them into an ip6_index. The longest
 * prefix that covers an address decides about it, of equal prefixes the first one added. */
typedef struct ip6_builder ip6_builder_t;

/* The value of an exclusion: the prefix is cut out of shorter ones. */
#define IP6_BUILDER_EXCLUDED 0u

/* A new, empty builder, or NULL for want of memory. The caller frees it. One thread at a time. */
ip6_builder_t *ip6_builder_new(void);
/* NULL is fine. */
void ip6_builder_free(ip6_builder_t *builder);

/* Adds the prefix `address`/`length` (0..128, host bits of `address` zero) with `value`, which is
 * 1..IP6_INDEX_MAX or IP6_BUILDER_EXCLUDED. Returns ERR_OK or ERR_NOMEM (nothing added). */
err_t ip6_builder_add(ip6_builder_t *builder, ip6_address_t address, unsigned length,
		      uint32_t value) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The same for `count` /64s, of which `highs` are the upper halves, and much faster. Returns ERR_OK, or ERR_NOMEM
 * (then only ip6_builder_free is allowed). */
err_t ip6_builder_add_64s(ip6_builder_t *builder, const uint64_t *highs, size_t count,
			  uint32_t value) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Builds the index. Uses up the builder's entries: it is empty afterwards, also after a failure.
 * The caller frees `*index`. Returns ERR_OK, ERR_NOMEM, or ERR_RANGE when the block grows over
 * 4 GiB. */
err_t ip6_builder_finish(ip6_builder_t *builder,
			 ip6_index_t **index) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* What the lines were that the last index was made of: each prefix that was added, with its first
 * value. The caller empties `*lines`; the builder has none then. */
void ip6_builder_take_lines(ip6_builder_t *builder, ip_lines_t *lines) ATTR_NONNULL_ALL;

#endif
