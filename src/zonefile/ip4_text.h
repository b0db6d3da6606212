/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_ZONEFILE_IP4_TEXT_H
#define SPURN_ZONEFILE_IP4_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "zonefile/text.h"

/* IPv4 addresses, prefixes and ranges as rbldnsd's zone files write them. Numbers are decimal, also
 * with leading zeros. Addresses come out in host byte order. An address ends at a blank, at the end
 * of the text, or where a value (:) or comment (# ;) is glued to it.
 *
 * The functions move `text` behind what they read. On failure they return ERR_SYNTAX and a reason
 * in `*why` (static text); `text` and the results are then undefined. */

/* What the three functions below read. */
typedef struct ip4_range {
	uint32_t first;
	uint32_t last;
} ip4_range_t;

/* One complete address: 192.0.2.1 */
err_t ip4_text_address(text_t *text, uint32_t *address,
		       const char **why) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* A prefix: 192.0.2.1 (/32), 192.0.2 (/24), 192.0 (/16), 192/8, 192.0.2.0/24, 192.0/20. Host bits
 * must be zero, unless `allow_host_bits`: then they are cleared. */
err_t ip4_text_prefix(text_t *text, bool allow_host_bits, uint32_t *address, unsigned *length,
		      const char **why) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* A prefix but /0, or a range: 192.0.2.1-192.0.2.9, 192.0.2.1-9, 192.0-192.3, 192.0-3, 192-193. The
 * missing octets of the first address are 0, those of the last one 255. */
err_t ip4_text_range(text_t *text, bool allow_host_bits, ip4_range_t *range,
		     const char **why) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The shorthand of A values: 1 to 4 numbers, the last one being the last octet and missing ones in
 * between zero, as in inet_aton: 5 is 0.0.0.5, 1.2 is 1.0.0.2, 1.2.3 is 1.2.0.3. Network byte
 * order; how many numbers there were in `*count`. Returns false when there are none, more than
 * four, or one over 255. */
bool ip4_text_shorthand(text_t *text, uint8_t octets[4],
			unsigned *count) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Where an address may be of either family: is it of this one? Not if it is a number with a colon
 * behind it, as in 10:1, which is no prefix of IPv4. */
bool ip4_text_is_next(text_t text);

/* Size of a buffer for any address, with a NUL. */
#define IP4_TEXT_SIZE sizeof("255.255.255.255")

/* Writes an address (host byte order) as a dotted quad, a NUL behind it, and returns its length. */
size_t ip4_text_write(uint32_t address, char text[static IP4_TEXT_SIZE]) ATTR_NONNULL_ALL;

/* Size of a buffer for any prefix or range, with a NUL. */
#define IP4_RANGE_TEXT_SIZE (2 * IP4_TEXT_SIZE)

/* Writes a range as ip4_text_range reads it, as a prefix where it is one; a NUL behind it. Returns its length. */
size_t ip4_text_write_range(ip4_range_t range,
			    char text[static IP4_RANGE_TEXT_SIZE]) ATTR_NONNULL_ALL;

/* The same of a prefix for ip4_text_prefix, which has /0, too. */
size_t ip4_text_write_prefix(uint32_t address, unsigned length,
			     char text[static IP4_RANGE_TEXT_SIZE]) ATTR_NONNULL_ALL;

#endif
