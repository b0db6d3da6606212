/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_GENERATION_H
#define SPURN_CATALOG_GENERATION_H

#include <stdatomic.h>
#include <time.h>

#include "catalog/catalog.h"
#include "catalog/zone.h"
#include "dns/cookie.h"
#include "dns/query.h"

/* All that is served at one moment: the zones and a table that finds them by name. Immutable once
 * built; any thread. */
struct generation {
	catalog_options_t options; /* what zones have of their own is in them */
	uint64_t number;           /* counted from 1 */
	time_t published;          /* in seconds since 1970 */
	/* Is the server about to go? Then health checkers, who ask for an apex SOA, shall see it. This
	 * alone changes while the generation is served; NULL: no. */
	const _Atomic(bool) *is_draining;
	dns_cookie_secrets_t cookies;
	const dataset_t *acl; /* for all zones, before their own; borrowed; NULL: none */
	zone_t *zones;
	size_t zone_count;
	uint32_t *slots; /* hash table of 1 + index into zones, 0: free */
	size_t slot_mask;
	unsigned label_max; /* most labels of an apex: no name is looked at any deeper */
};

/* A generation with room for `zone_count` zones, which the caller then fills in (apex, data sets,
 * is_loaded), gives cookie secrets if there shall be cookies, and finishes with generation_link.
 * NULL for want of memory. */
generation_t *generation_new(const catalog_options_t *options, size_t zone_count) ATTR_NONNULL_ALL;

/* Makes filled-in zones findable, and tells each which names below it lead only to zones inside of
 * it. Returns ERR_OK or ERR_NOMEM. */
err_t generation_index(generation_t *generation) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Frees the generation, not the data sets. NULL is fine. */
void generation_free(generation_t *generation);

/* The zone that `query` is for: the one with the longest apex at the end of the name, by whole
 * labels. NULL when there is none. */
const zone_t *generation_find_zone(const generation_t *generation,
				   const dns_query_t *query) ATTR_NONNULL_ALL;

#endif
