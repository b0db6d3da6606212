/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_IP6_RUNS_H
#define SPURN_INDEX_IP6_RUNS_H

#include "index/ip6_layout.h"

/* Goes through an ip6_index as ip6_index_walk does, one range for each call. Private to the files of
 * this directory. Plain data; start with ip6_runs_begin. */
typedef struct ip6_runs {
	const ip6_index_t *index;
	uint32_t leaf_count; /* opened so far */
	ip6_leaf_t leaf;
	unsigned item_count; /* of the leaf, taken so far */

	ip6_address_t next; /* first address not shown */
	bool is_ended;      /* all have been shown */
	bool has_item;      /* the one that begins at `next` or before */
	ip6_item_t item;
	bool has_following; /* the item behind it */
	ip6_item_t following;
} ip6_runs_t;

void ip6_runs_begin(ip6_runs_t *runs, const ip6_index_t *index) ATTR_NONNULL_ALL;

/* The next range of addresses with one number, the longest that there is; false behind the last. */
bool ip6_runs_next(ip6_runs_t *runs, ip6_address_t *first, ip6_address_t *last,
		   uint32_t *number) ATTR_NONNULL_ALL;

#endif
