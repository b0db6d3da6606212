/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_IP_LINES_LAYOUT_H
#define SPURN_INDEX_IP_LINES_LAYOUT_H

#include "index/ip_lines.h"

/* How notes are written. Private to the ip_lines*.c files.
 *
 *   notes:  record ...          of each run that is not as expected
 *   record: runs that are, before it (number) | kind | rows, for IP_LINES_LIST
 *   row:    size | count - 1, flags (number) | offset | own number
 *
 * Numbers have seven bits in a byte, the lowest first, and the highest bit set where more follow. A
 * row's offset from the first address of the row before, or of the run, is there when it does not
 * begin where that ended: how many zero bits it ends with (one byte), and the others (number). A line
 * belongs to the run that its first address is in, however far it reaches.
 *
 * Expected is: no line for a run that is not listed, one for a single address, and for more addresses
 * in a row what the last such run had, one for all, one for each or one for each prefix. So lists that
 * are one or the other need no notes at all, and those that are both, one where they change. */

/* Kinds of runs. */
enum {
	IP_LINES_EMPTY,  /* no line begins in it */
	IP_LINES_WHOLE,  /* one line is just the run, with its number */
	IP_LINES_EACH,   /* each address is a line, with the run's number */
	IP_LINES_FEWEST, /* the fewest prefixes that make up the run are lines, with its number */
	IP_LINES_LIST,   /* see the rows */
};

/* Sizes of lines: 0..127 for 2^0..2^127 addresses; a number follows, the size less 1; behind the last
 * row. */
#define IP_LINES_ANY_SIZE 254u
#define IP_LINES_END      255u

/* Flags of a row, below its count. */
#define IP_LINES_OFFSET 1u
#define IP_LINES_OWN    2u /* the lines have a number that is not the run's */

/* The size of a line of `less` + 1 addresses. All there are, ::/0, are too many for an exponent. */
static inline unsigned ip_lines_size(ip6_address_t less)
{
	unsigned bits = ip6_bit_length(less);

	if (bits == 128 ||
	    !ip6_is_zero(ip6_subtract(less, ip6_last((ip6_address_t){ .high = 0 }, 128 - bits))))
		return IP_LINES_ANY_SIZE;
	return bits;
}

/* What is expected of a run; `several` is what is expected of several addresses. */
static inline unsigned ip_lines_expected(uint32_t number, bool is_single, unsigned several)
{
	if (number == IP4_INDEX_NONE)
		return IP_LINES_EMPTY;
	return is_single ? IP_LINES_WHOLE : several != 0 ? several : IP_LINES_WHOLE;
}

/* What is expected of several addresses behind a run of this kind. */
static inline unsigned ip_lines_next_expected(unsigned kind, bool is_single, unsigned several)
{
	return !is_single && kind != IP_LINES_EMPTY && kind != IP_LINES_LIST ? kind : several;
}

#endif
