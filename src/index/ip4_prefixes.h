/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_IP4_PREFIXES_H
#define SPURN_INDEX_IP4_PREFIXES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "index/entry_list.h"

/* From the ranges of a list to the prefixes that they consist of, in the order in which these are swept:
 * by their first addresses, of those with the same one the shortest first. One thread at a time. */

#define IP4_LENGTHS 33u /* of prefixes: /0../32 */

/* A line of the list, or the rest of one. */
typedef struct ip4_entry {
	uint32_t first; /* address */
	uint32_t last;
	uint32_t value;
} ip4_entry_t;

/* What an entry begins with. */
typedef struct ip4_prefix {
	uint32_t first; /* address */
	uint32_t last;
	unsigned length;
	ip4_entry_t entry;
	bool is_line; /* of a whole entry, which is a line of the list (index/ip_lines.h) */
} ip4_prefix_t;

/* The prefixes that are to come. Only what is said so may be looked at. */
typedef struct ip4_prefixes {
	bool has_prefix;     /* to be read: is there another one? */
	ip4_prefix_t prefix; /* to be read: it */

	/* Behind it: the next entry of the list, and a heap of the rests of entries that have been begun. */
	entry_list_t *list;
	bool has_entry;
	ip4_entry_t entry;
	ip4_entry_t *rests;
	size_t rest_count;
	size_t rest_capacity;
} ip4_prefixes_t;

/* The last address of the prefix `address`/`length`. */
uint32_t ip4_prefix_last(uint32_t address, unsigned length);

/* The largest prefix that an entry begins with. */
ip4_prefix_t ip4_prefix_of(const ip4_entry_t *entry) ATTR_NONNULL_ALL;

/* Begins with the first prefix. The list is sorted already (entry_list_sort), has to live as long, and is
 * emptied. Returns ERR_OK or ERR_NOMEM. The caller ends it, also after a failure. */
err_t ip4_prefixes_begin(ip4_prefixes_t *prefixes,
			 entry_list_t *list) ATTR_NONNULL_ALL ATTR_NODISCARD;
void ip4_prefixes_end(ip4_prefixes_t *prefixes) ATTR_NONNULL_ALL;

/* Goes on to the next prefix, there being one now. Returns ERR_OK or ERR_NOMEM. */
err_t ip4_prefixes_next(ip4_prefixes_t *prefixes) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
