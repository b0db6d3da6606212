/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_ZONEFILE_IP6_TEXT_H
#define SPURN_ZONEFILE_IP6_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/ip6.h"
#include "zonefile/text.h"

/* IPv6 addresses and prefixes as rbldnsd's zone files write them: hexadecimal words in either case,
 * with any number of leading zeros, and `::` for words of zero; no dotted quad at the end. An
 * address ends at a blank, at the end of the text, or where a value (:) or comment (# ;) is glued to
 * it. What is an address and what a value is told by trying to go on: after eight words, or where no
 * word can follow, a colon begins a value (2001:db8:::5 is 2001:db8:: with :5), and one colon
 * behind an address with `::` is dropped (2001::db8: is 2001::db8, 2001::db8::5 that with :5).
 *
 * The functions move `text` behind what they read. On failure they return ERR_SYNTAX and a reason
 * in `*why` (static text); `text` and the results are then undefined. */

/* One to eight words, and how many bits they are: 128 with `::`, else 16 each. The others are zero.
 */
err_t ip6_text_words(text_t *text, ip6_address_t *address, unsigned *length,
		     const char **why) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* A prefix: 2001:db8:1 (/48), 2001:db8:: (/128), 2001:db8::/32, 2001:db8/32, 2001/16. A single word
 * needs a length. Host bits must be zero, unless `allow_host_bits`: then they are cleared. */
err_t ip6_text_prefix(text_t *text, bool allow_host_bits, ip6_address_t *address, unsigned *length,
		      const char **why) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Size of a buffer for any address, with a NUL. */
#define IP6_TEXT_SIZE sizeof("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")

/* Writes an address in lower case, the first of the longest rows of two or more words of zero as
 * `::` (RFC 5952 section 4), but never a dotted quad: ::ffff:102:304. That is how rbldnsd writes
 * `$`. Returns its length; a NUL is behind it. */
size_t ip6_text_write(ip6_address_t address, char text[static IP6_TEXT_SIZE]) ATTR_NONNULL_ALL;

/* Size of a buffer for any prefix, with a NUL. */
#define IP6_PREFIX_TEXT_SIZE (IP6_TEXT_SIZE + sizeof("/128"))

/* Writes a prefix as ip6_text_prefix reads it, likewise. Returns its length. */
size_t ip6_text_write_prefix(ip6_address_t address, unsigned length,
			     char text[static IP6_PREFIX_TEXT_SIZE]) ATTR_NONNULL_ALL;

/* Writes a /64 as its four words, as ip6_text_words reads it, likewise. */
size_t ip6_text_write_64(ip6_address_t address,
			 char text[static IP6_PREFIX_TEXT_SIZE]) ATTR_NONNULL_ALL;

#endif
