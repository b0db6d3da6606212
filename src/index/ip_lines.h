/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_IP_LINES_H
#define SPURN_INDEX_IP_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/ip6.h"
#include "index/ip4_index.h"
#include "index/ip6_index.h"

/* What the lines of a list of addresses were, prefixes and ranges with values, as far as its index
 * does not say so: to compare two lists line by line, without keeping them.
 *
 * An index knows runs: the longest ranges of addresses that have one number. In nearly all lists a run
 * that is listed is one line, or one line for each of its addresses. What is otherwise, prefixes that
 * others hide or that have been merged with their neighbours, and exclusions, is noted: a few bytes for
 * each, so that ten million addresses need some hundred bytes more, and a list of nested prefixes 3 or
 * 4 for each. IPv4 addresses are numbers below 2^32 here. */

/* The notes beside one index. All zero: there is nothing to note. */
typedef struct ip_lines {
	uint8_t *notes;
	size_t size;
	/* Of notes from anywhere: lines to be read at most, so that it does not take hours until all have
	 * been that they say there are. 0: no limit that a list could come to. */
	uint64_t most;
} ip_lines_t;

/* Empties it. */
void ip_lines_clear(ip_lines_t *lines) ATTR_NONNULL_ALL;

/* Is told of the lines of each key once: `old` is its number in the one list, `next` in the other, 0
 * for an exclusion; NULL where it has no such key. That is so for `count` keys, at least one. */
typedef void (*ip_lines_visit_t)(void *context, const uint32_t *old, const uint32_t *next,
				 uint64_t count);

/* Visits all lines of two lists. The indexes and notes must belong together, and to builders or have
 * passed their checks. */
void ip4_lines_compare(const ip4_index_t *old, const ip_lines_t *old_lines, const ip4_index_t *next,
		       const ip_lines_t *next_lines, ip_lines_visit_t visit, void *context)
	ATTR_NONNULL(1, 2, 3, 4, 5);
void ip6_lines_compare(const ip6_index_t *old, const ip_lines_t *old_lines, const ip6_index_t *next,
		       const ip_lines_t *next_lines, ip_lines_visit_t visit, void *context)
	ATTR_NONNULL(1, 2, 3, 4, 5);

/* Are notes[0..size) from anywhere such that ip_lines_t may have them? Believes nothing. Comparisons
 * then read nothing outside, come to an end, and tell of no number above `max_number` but those of the
 * index; whether what the notes say is true of the index they do not need to know. Returns ERR_OK, or
 * ERR_INVAL with the reason in `*why`, a static text. */
err_t ip_lines_check(const void *notes, size_t size, uint32_t max_number, const char **why)
	ATTR_NONNULL(4) ATTR_NODISCARD;

/* A line: IPv4 or IPv6 addresses first..last, and its own number, whatever others make of them. */
typedef struct ip_line {
	ip6_address_t first;
	ip6_address_t last;
	uint32_t number;
} ip_line_t;

/* What to do with the lines of a list. All return ERR_OK, or what ends the walk. */
typedef err_t (*ip_line_visit_t)(void *context, const ip_line_t *line);
typedef struct ip4_lines_visitor {
	void *context;
	ip_line_visit_t visit_line;
	/* Single addresses of one value, lows[0..count) of those from `first` on, that come many at once. */
	err_t (*visit_addresses)(void *context, uint32_t first, const uint16_t *lows, size_t count,
				 uint32_t number);
} ip4_lines_visitor_t;

/* Visits all lines of one list: by their first address, of those with the same one the longest first. Each is
 * what some line of the list's files said, and no two are equal; exclusions have the number 0. Index and notes
 * must belong together, and to a builder, or have passed their checks. Returns ERR_OK, or what ended the
 * walk. */
err_t ip4_lines_walk(const ip4_index_t *index, const ip_lines_t *lines,
		     const ip4_lines_visitor_t *visitor) ATTR_NONNULL_ALL ATTR_NODISCARD;
err_t ip6_lines_walk(const ip6_index_t *index, const ip_lines_t *lines, ip_line_visit_t visit,
		     void *context) ATTR_NONNULL(1, 2, 3) ATTR_NODISCARD;

/* ---- For builders: private to the files of this directory. ---- */

/* A line and those of the same size and number that follow it without gaps, in a row. */
typedef struct ip_row {
	ip_line_t line; /* the first one */
	uint64_t count; /* of lines; 0: no row */
} ip_row_t;

/* Makes notes. All zero is a new one. */
typedef struct ip_lines_writer {
	uint8_t *notes;
	size_t size;
	size_t capacity;
	ip_line_t *waiting; /* lines that begin at `next`, so that their run is not known */
	size_t waiting_count;
	size_t waiting_capacity;

	ip6_address_t next; /* the first address not told of */
	bool has_run;
	ip6_address_t run_first; /* of the run that may still grow */
	uint32_t run_number;
	uint8_t expected;      /* kind of a run of several addresses */
	uint64_t skipped;      /* runs that are as expected */
	bool is_fewest;        /* its lines so far are the fewest prefixes that cover as much */
	ip_line_t last_line;   /* of it */
	bool is_listing;       /* rows of the run have been written, */
	size_t list_at;        /* from here on */
	uint64_t list_skipped; /* `skipped` before that */
	ip_row_t row;          /* not written yet */
	ip6_address_t at;      /* behind the last row written, and its first address */
	ip6_address_t row_first;
} ip_lines_writer_t;

/* Adds a line. Lines come by their first address, of those with the same one the longest first, and
 * no two of them are equal. All addresses before the line, and none of it, have been told of. */
err_t ip_lines_add(ip_lines_writer_t *writer,
		   const ip_line_t *line) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* All addresses up to `last` that have not been told of yet have `number` in the index. */
err_t ip_lines_tell(ip_lines_writer_t *writer, ip6_address_t last,
		    uint32_t number) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The same for IPv4 addresses, each of which is a line with `number`, not IP4_INDEX_NONE, and has that
 * in the index: lows[0..count), ascending and distinct, of the 65,536 addresses from `first` on. Those
 * before the last one that have not been told of have IP4_INDEX_NONE and no line. */
err_t ip_lines_add_addresses(ip_lines_writer_t *writer, uint32_t first, const uint16_t *lows,
			     size_t count, uint32_t number) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The same for a line that is all its addresses have in the index: line->number, which may be
 * IP4_INDEX_NONE. */
err_t ip_lines_add_whole(ip_lines_writer_t *writer,
			 const ip_line_t *line) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Ends the notes, all addresses having been told of. The writer is new again, as after abandon. */
err_t ip_lines_finish(ip_lines_writer_t *writer, ip_lines_t *lines) ATTR_NONNULL_ALL ATTR_NODISCARD;
void ip_lines_abandon(ip_lines_writer_t *writer) ATTR_NONNULL_ALL;

#endif
