/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_CDBLIST_KEY_H
#define SPURN_DATASET_CDBLIST_KEY_H

#include "base/ip6.h"
#include "dataset/dataset.h"
#include "zonefile/name_text.h"

/* Keys of a cdb that is a list, as text. A key is looked up by its bytes, so of all ways to write an address or a
 * name there is one that is found:
 *
 *     192.0.2.1          or 192.0.2.1/32: no zeros in front of numbers
 *     192.0.2.0/24       all four numbers; those behind the prefix are 0
 *     2001:db8::1        or 2001:db8::1/128: as ip6_text_write has it (RFC 5952)
 *     2001:db8::/32      all bits behind the prefix are 0
 *     example.com        in lower case and without a final dot; other than printable ASCII as \ddd, and with a backslash
 *     .example.com       in front of @ $ ; " \ and of a dot inside of a label, as name_text_write has it
 *     *.example.com
 *     !...               any of them: an exclusion */

typedef enum cdblist_kind {
	CDBLIST_IP4,
	CDBLIST_IP6,
	CDBLIST_NAME,
} cdblist_kind_t;

/* What a key means; plain data. */
typedef struct cdblist_key {
	cdblist_kind_t kind;
	bool is_exclusion;
	bool is_bare;      /* an address that is written without a length */
	unsigned length;   /* of a prefix, in bits */
	uint32_t ip4;      /* host byte order */
	ip6_address_t ip6; /* likewise */
	name_text_t name;
} cdblist_key_t;

/* Bytes of the longest key. */
#define CDBLIST_KEY_MAX (sizeof("!*.") - 1 + NAME_TEXT_SIZE)

/* Reads a key, however it is written. Returns ERR_OK, or ERR_SYNTAX with a reason (static text) in `*why`. Any thread. */
err_t cdblist_key_parse(text_t text, cdblist_key_t *key,
			const char **why) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Is it an IPv4 address as it is found? Most keys of long lists are; this is the quick way to see it. */
bool cdblist_key_is_address(text_t text, uint32_t *address) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Writes the key as it is found. Returns its size in bytes; not NUL-terminated. Any thread. */
size_t cdblist_key_write(const cdblist_key_t *key, char text[CDBLIST_KEY_MAX]) ATTR_NONNULL_ALL;

/* Likewise a prefix alone; room for 19 and 43 bytes. */
size_t cdblist_key_write_ip4(uint32_t address, unsigned length, bool is_bare,
			     char *text) ATTR_NONNULL_ALL;
size_t cdblist_key_write_ip6(ip6_address_t address, unsigned length, bool is_bare,
			     char *text) ATTR_NONNULL_ALL;

/* Bytes of a key of djb's rbldns: an IPv4 address in network byte order, and the bits of the prefix. */
#define CDBLIST_DJB_SIZE 5
/* Shorter prefixes rbldns does not look for. */
#define CDBLIST_DJB_LENGTH_MIN 8

void cdblist_key_write_djb(uint32_t address, unsigned length,
			   uint8_t key[CDBLIST_DJB_SIZE]) ATTR_NONNULL_ALL;

/* May key[0..size) be one of rbldns? No key in text ends in a control character. */
static inline bool cdblist_key_is_djb(const uint8_t *key, size_t size)
{
	return size == CDBLIST_DJB_SIZE && key[CDBLIST_DJB_SIZE - 1] <= 32;
}

#endif
