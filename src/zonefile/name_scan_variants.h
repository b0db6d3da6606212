/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_ZONEFILE_NAME_SCAN_VARIANTS_H
#define SPURN_ZONEFILE_NAME_SCAN_VARIANTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/cpu.h"
#include "index/name_builder.h"
#include "index/name_coder.h"

/* What name_scan.c has several of; of use to nobody else. */

/* Reads plain lines from `*at` on as long as they are short and easy, writes their entries, or by `coder`,
 * unless it is NULL, their records, to `*out`, and moves both on. What it leaves may be plain all the same.
 * Returns how many it has read. Wants margins as name_scan; nothing is begun above `limit`, where there is
 * still room for one. */
typedef size_t name_scan_variant_t(name_coder_t *coder, const char **at, const char *end,
				   uint8_t **out, const uint8_t *limit);

#if CPU_HAS_VARIANTS
name_scan_variant_t name_scan_sse41;
name_scan_variant_t name_scan_avx2;
#endif

/* Bytes that a line of a name does not start with, unless it is for a wildcard; as bits from '!' on. */
#define NAME_SCAN_MARK(c) ((uint64_t)1 << ((c) - '!'))
#define NAME_SCAN_MARKS                                                                            \
	(NAME_SCAN_MARK('!') | NAME_SCAN_MARK('#') | NAME_SCAN_MARK('$') | NAME_SCAN_MARK('*') |   \
	 NAME_SCAN_MARK('.') | NAME_SCAN_MARK(':') | NAME_SCAN_MARK(';'))

/* Takes the mark of a wildcard off the front of a line; returns the kinds of the entry, or 0 where the
 * first byte means that the line may be no entry. */
static inline unsigned name_scan_take_kinds(const char **at)
{
	/* One branch that no letter or digit takes: which of them comes cannot be guessed. */
	unsigned byte = (unsigned char)(**at - '!');
	if (LIKELY((((NAME_SCAN_MARKS >> (byte & 63)) & (byte < 64)) == 0)))
		return NAME_FOR_PLAIN;
	if (**at == '.') {
		++*at;
		return NAME_FOR_PLAIN | NAME_FOR_WILDCARD;
	}
	if (**at != '*' || (*at)[1] != '.')
		return 0;
	*at += 2;
	return NAME_FOR_WILDCARD;
}

#endif
