/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_IP4_RUNS_H
#define SPURN_INDEX_IP4_RUNS_H

#include "index/ip4_layout.h"

/* Goes through an ip4_index as ip4_index_walk does, one range for each call. Private to the files of
 * this directory. Plain data; start with ip4_runs_begin. */
typedef struct ip4_runs {
	const ip4_index_t *index;
	uint32_t page;   /* the next one, */
	bool is_uniform; /* and the one before it has one number */

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

/* Most points that a page can have to be taken as a whole: of more, nearly all pages have another form. */
#define IP4_RUNS_POINTS_MAX 4096u

/* A page of single addresses with one number over nothing. */
typedef struct ip4_points {
	uint32_t page;
	uint32_t number; /* not IP4_INDEX_NONE */
	uint32_t count;
	uint32_t rows; /* of neighbours, with something between them; one has one address or more */
	uint16_t lows[IP4_RUNS_POINTS_MAX]; /* ascending */
} ip4_points_t;

/* Looks ahead: is the next range nothing, up to a page that has up to `max` points, and not its last
 * address? ip4_runs_take_points then takes that range and all those in the page from the runs, two for each
 * row; or the caller goes on with ip4_runs_next, as if nobody had asked. False may be said of such a page,
 * too. */
bool ip4_runs_find_points(const ip4_runs_t *runs, uint64_t max,
			  ip4_points_t *points) ATTR_NONNULL_ALL ATTR_NODISCARD;
void ip4_runs_take_points(ip4_runs_t *runs, const ip4_points_t *points) ATTR_NONNULL_ALL;

/* The next range of addresses with one number, the longest that there is; false behind the last. */
bool ip4_runs_next(ip4_runs_t *runs, uint32_t *first, uint32_t *last,
		   uint32_t *number) ATTR_NONNULL_ALL;

#endif
