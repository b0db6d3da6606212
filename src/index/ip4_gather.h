/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_IP4_GATHER_H
#define SPURN_INDEX_IP4_GATHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "index/ip4_packed.h"

/* Runs of single addresses that are read side by side, a page (a /16) at a time. One thread at a time. */
typedef struct ip4_gather ip4_gather_t;

/* The addresses of a page, at least one. They are the gatherer's, until the next call. */
typedef struct ip4_gathered {
	uint32_t number; /* of the page: its upper 16 bits */
	size_t count;
	const uint16_t *lows; /* ascending */
	/* A value for each; several of one address in the order of their runs, none twice in a row. NULL:
	 * all have `value`, and no two addresses are equal. */
	const uint32_t *values;
	uint32_t value;
} ip4_gathered_t;

/* Begins to read the runs, which are moved from runs[0..count): afterwards they are the gatherer's.
 * With `first_only` of several values of an address only that of the earliest run is kept. NULL for
 * want of memory (nothing moved). The caller frees it. */
ip4_gather_t *ip4_gather_begin(ip4_packed_t *runs, size_t count, bool first_only) ATTR_NONNULL_ALL;
/* NULL is fine. */
void ip4_gather_free(ip4_gather_t *gather);

/* Takes the next page that has addresses. `*has_page` is false when there is none. Returns ERR_OK or
 * ERR_NOMEM (then only free is allowed). */
err_t ip4_gather_next(ip4_gather_t *gather, ip4_gathered_t *page,
		      bool *has_page) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
