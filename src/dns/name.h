/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DNS_NAME_H
#define SPURN_DNS_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/cursor.h"
#include "base/error.h"
#include "dns/dns.h"

/* Domain names on the wire, uncompressed: length-prefixed labels up to and with the root's zero
 * byte (RFC 1035 section 3.1). Pure functions; any thread. */

/* Bytes that dns_name_to_text may need, with the final NUL: every byte as \ddd. */
#define DNS_NAME_TEXT_MAX (4 * DNS_NAME_MAX + 1)

/* An ASCII letter in lower case, all else unchanged (RFC 4343). */
static inline uint8_t dns_lower(uint8_t byte)
{
	return (uint8_t)(byte - 'A') < 26 ? byte | 0x20 : byte;
}

/* Reads a name in master file syntax (RFC 1035 section 5.1: \ddd and \c escapes), as leniently as
 * rbldnsd: it is absolute with or without a final dot; empty labels are dropped; \d and \dd are
 * numbers, too; a backslash at the end is dropped. Case is kept.
 * Writes at most DNS_NAME_MAX bytes to `name` and their number to `*name_size`. Returns ERR_OK;
 * ERR_SYNTAX for empty text or an escape over \255; ERR_RANGE for a label over 63 or a name over 255
 * bytes. */
err_t dns_name_from_text(const char *text, size_t size, uint8_t name[DNS_NAME_MAX],
			 size_t *name_size) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The name as text for messages and logs, without a final dot (the root is "."), NUL-terminated:
 * what means something in a master file (. \ " $ ; @) behind a backslash, what cannot be seen as
 * \ddd, as rbldnsd writes names. */
void dns_name_to_text(const uint8_t *name, char text[DNS_NAME_TEXT_MAX]) ATTR_NONNULL_ALL;

/* Bytes of a well-formed name, root label included. */
size_t dns_name_size(const uint8_t *name) ATTR_NONNULL_ALL;

/* Fills `labels` with the offset of each label's length byte in a well-formed name, the root's not
 * included, and returns how many there are. */
unsigned dns_name_labels(const uint8_t *name, uint8_t labels[DNS_LABELS_MAX]) ATTR_NONNULL_ALL;

/* Skips a name of a packet, which need not be well-formed and may be compressed: it ends with the
 * root or with a pointer, which is not followed (RFC 1035 section 4.1.4). */
void dns_name_skip(reader_t *reader) ATTR_NONNULL_ALL;

/* Lower-cases a well-formed name of `size` bytes in place, or into `lower`. Length bytes are below
 * 'A', so they are not touched. */
void dns_name_lower(uint8_t *name, size_t size) ATTR_NONNULL_ALL;
void dns_name_copy_lower(uint8_t *lower, const uint8_t *name, size_t size) ATTR_NONNULL_ALL;

/* Are two well-formed names the same, without regard to ASCII case? */
bool dns_name_equal(const uint8_t *a, const uint8_t *b) ATTR_NONNULL_ALL;

/* Writes the labels name[labels[0]] .. name[labels[count - 1]] from the top down, each behind its
 * length byte, and returns the size in bytes. In this form the names below a name have its key as a
 * prefix, and sort behind it. */
size_t dns_name_key(const uint8_t *name, const uint8_t *labels, unsigned count,
		    uint8_t key[DNS_NAME_MAX]) ATTR_NONNULL_ALL;

/* How many labels a key has. */
unsigned dns_name_key_labels(const uint8_t *key, size_t key_size) ATTR_NONNULL_ALL;

/* Orders keys, or any bytes: a prefix comes first. Less than, equal to or greater than 0, as
 * memcmp. */
int dns_name_key_compare(const uint8_t *a, size_t a_size, const uint8_t *b,
			 size_t b_size) ATTR_NONNULL_ALL;

#endif
