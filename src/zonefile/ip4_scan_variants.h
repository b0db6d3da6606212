/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_ZONEFILE_IP4_SCAN_VARIANTS_H
#define SPURN_ZONEFILE_IP4_SCAN_VARIANTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/cpu.h"

/* What ip4_scan.c has several of; of use to nobody else. */

/* Bytes of text that are searched for line ends at once. Larger ones measured no faster; of each, what is
 * behind the last whole group is searched again. */
#define IP4_SCAN_CHUNK 1024u
/* Lines that are read at once. */
#define IP4_SCAN_GROUP 8u
/* Most line ends that 64 bytes of plain lines can have: the shortest, 0.0.0.0, is 8 bytes with its LF. */
#define IP4_SCAN_ENDS_MAX 8u
/* Most starts of lines in a chunk, that behind its last LF included, and what is written behind them. */
#define IP4_SCAN_STARTS_MAX (1 + (IP4_SCAN_CHUNK / 64 + 1) * IP4_SCAN_ENDS_MAX)

typedef struct ip4_scan_variant {
	/* Where the lines of IP4_SCAN_CHUNK bytes of text start: starts[0] is 0, starts[i + 1] is behind
	 * the i-th LF. Returns how many LFs there are before one that is too close to others for the
	 * lines to be plain. */
	size_t (*find_lines)(const char *text, uint16_t starts[IP4_SCAN_STARTS_MAX]);
	/* Reads lines 0..count, `count` being a multiple of IP4_SCAN_GROUP, up to the first group with a
	 * line that is anything else than four numbers up to 255, dots and LF; returns how many. Reads up
	 * to 16 bytes behind the start of each line, and may write to all of the addresses. */
	size_t (*read_lines)(const char *text, const uint16_t *starts, size_t count,
			     uint32_t *addresses);
} ip4_scan_variant_t;

#if CPU_HAS_VARIANTS
extern const ip4_scan_variant_t ip4_scan_sse41;
extern const ip4_scan_variant_t ip4_scan_avx2;
#endif

#endif
