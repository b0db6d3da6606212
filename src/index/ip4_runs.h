/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_IP4_RUNS_H
#define SPURN_INDEX_IP4_RUNS_H

#include "index/ip4_layout.h"

/* Goes through an ip4_index as ip4_index_walk does, one range for each call. Private to the files of
 * this directory. Plain data; start with ip4_runs_begin. */
typedef struct ip4_runs {
	const ip4_index_t *index;
	uint32_t page; /* the next one */

	/* The page that is open, if one is. */
	bool has_container;
	ip4_container_t container;
	ip4_positions_t positions;
	uint32_t page_first;
	uint32_t rank; /* positions read */
	uint32_t next; /* low behind the last point, or of the next bit */
	uint32_t low;  /* of a position that has been read and not used */
	bool has_low;

	/* The range that may still grow. */
	uint32_t first;
	uint32_t number;
	bool is_ended; /* that was the last one */
} ip4_runs_t;

void ip4_runs_begin(ip4_runs_t *runs, const ip4_index_t *index) ATTR_NONNULL_ALL;

/* The next range of addresses with one number, the longest that there is; false behind the last. */
bool ip4_runs_next(ip4_runs_t *runs, uint32_t *first, uint32_t *last,
		   uint32_t *number) ATTR_NONNULL_ALL;

#endif
