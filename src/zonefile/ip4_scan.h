/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_ZONEFILE_IP4_SCAN_H
#define SPURN_ZONEFILE_IP4_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

/* Bytes behind the text that ip4_scan may read, whatever they are; it never uses them. */
#define IP4_SCAN_MARGIN 64

/* Reads plain lines of IPv4 addresses, many at once: a dotted quad and LF or CRLF, and nothing else, no
 * number with more than three digits. Every data set of IPv4 entries takes such a line for one /32
 * with the default value in force, as ip4_text.h and line_reader.h have it; most lines of large lists
 * are plain. All others are left to who reads any line.
 *
 * `at` is the start of a line, and IP4_SCAN_MARGIN bytes behind `end` can be read. Writes the addresses,
 * in host byte order and in the order of the lines, to `addresses`, of which it may overwrite all `max`.
 * Stops at the first line that is not plain or has no LF before `end`, and after `max` lines: `*stop` is
 * the start of the line that was not read, or `end`. Returns how many were read. Any thread. */
size_t ip4_scan(const char *at, const char *end, uint32_t *addresses, size_t max,
		const char **stop) ATTR_NONNULL_ALL;

#endif
