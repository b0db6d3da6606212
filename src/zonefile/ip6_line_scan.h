/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_ZONEFILE_IP6_LINE_SCAN_H
#define SPURN_ZONEFILE_IP6_LINE_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/ip6.h"
#include "zonefile/line_rest.h"
#include "zonefile/text.h"

/* Reads plain lines of IPv6 entries, many at once: words of one to four digits, the first with a colon behind
 * it, all eight or less of them; a `::` anywhere but in front; a length or none, without host bits; and
 * behind it nothing, a comment, or any text, which has no NUL and is glued only to a length. All types of IPv6
 * entries with values take such a line for that prefix with what the text says. What begins with `::` or is
 * written in ways that nobody uses for long lists is left to who reads any line. */

/* What a list is made of. */
typedef enum ip6_line_form {
	IP6_LINE_PREFIXES, /* all of that */
	IP6_LINE_WORDS,    /* only /64s, as their four words */
} ip6_line_form_t;

/* Bytes behind the text that ip6_line_scan may read, whatever they are; it never uses them. */
#define IP6_LINE_SCAN_MARGIN 64
/* Bytes of a line that may be read so, without its LF. */
#define IP6_LINE_SIZE_MAX LINE_REST_LINE_MAX

typedef struct ip6_line {
	ip6_address_t address;
	uint32_t at; /* where the line starts: bytes from what was `at` of the scan */
	uint16_t
		size; /* bytes of the line, as line readers give it out: without blanks at its end */
	uint8_t rest; /* where in it what follows the prefix and blanks begins; the size: nothing */
	uint8_t length; /* of the prefix */
} ip6_line_t;
_Static_assert(sizeof(ip6_line_t) == 24, "many lie one behind the other");

/* Stops at the first line that is otherwise or has no LF before `end`, after `max` lines, and behind many /64s in a
 * row with nothing behind them, which ip6_line_scan_64 may take. `at` is the start of a line, less than 4 GiB before `end`. Writes the lines to `lines`; `*stop` is the start of the line that
 * was not read, or `end`. Returns how many were read. Any thread. */
size_t ip6_line_scan(ip6_line_form_t form, const char *at, const char *end, ip6_line_t *lines,
		     size_t max, const char **stop) ATTR_NONNULL_ALL;

/* The same for lines of /64s as four words, with or without `::/64`, and nothing behind them, not even a blank: of
 * these only the upper half of the address is written, to `highs`: a third of the memory, and faster. */
size_t ip6_line_scan_64(ip6_line_form_t form, const char *at, const char *end, uint64_t *highs,
			size_t max, const char **stop) ATTR_NONNULL_ALL;

/* What follows the prefix, be it a comment; empty where nothing does; `text` is what was `at` of the scan. */
static inline text_t ip6_line_rest(const ip6_line_t *line, const char *text)
{
	return (text_t){ text + line->at + line->rest, text + line->at + line->size };
}

#endif
