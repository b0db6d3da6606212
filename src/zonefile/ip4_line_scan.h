/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_ZONEFILE_IP4_LINE_SCAN_H
#define SPURN_ZONEFILE_IP4_LINE_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "zonefile/line_rest.h"
#include "zonefile/text.h"

/* Reads lines of IPv4 entries that are hardly less plain than those of ip4_scan.h: an address, or a prefix
 * without host bits, of one to four numbers of at most three digits, with a length from 1 to 32 or without
 * one; and behind it nothing, a comment, or any text, which has no NUL. All types of IPv4 entries that have values
 * take such a line for that prefix with what the text says. */

/* Bytes behind the text that ip4_line_scan may read, whatever they are; it never uses them. */
#define IP4_LINE_SCAN_MARGIN 64
/* Bytes of a line that may be read so, without its LF. */
#define IP4_LINE_SIZE_MAX LINE_REST_LINE_MAX

typedef struct ip4_line {
	uint32_t address; /* host byte order */
	uint32_t at;      /* where the line starts: bytes from what was `at` of the scan */
	uint16_t
		size; /* bytes of the line, as line readers give it out: without blanks at its end */
	uint8_t rest; /* where in it what follows the prefix and blanks begins; the size: nothing */
	uint8_t length; /* of the prefix */
} ip4_line_t;
_Static_assert(sizeof(ip4_line_t) == 12, "many lie one behind the other");

/* Stops at the first line that is otherwise or has no LF before `end`, after `max` lines, and behind many in
 * a row that ip4_scan would take. `at` is the start of a line, less than 4 GiB before `end`. Writes the lines to
 * `lines`; `*stop` is the start of the line that was not read, or `end`. Returns how many were read. Any
 * thread. */
size_t ip4_line_scan(const char *at, const char *end, ip4_line_t *lines, size_t max,
		     const char **stop) ATTR_NONNULL_ALL;

/* What follows the prefix, be it a comment; empty where nothing does; `text` is what was `at` of the scan. */
static inline text_t ip4_line_rest(const ip4_line_t *line, const char *text)
{
	return (text_t){ text + line->at + line->rest, text + line->at + line->size };
}

#endif
