/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_IP4_ORDERED_H
#define SPURN_INDEX_IP4_ORDERED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "index/ip4_encoder.h"
#include "index/ip4_prefixes.h"
#include "index/ip_lines.h"

/* Entries that come in order, each behind all those before it, as they do in a list that is sorted and has
 * nothing inside of something else. Nobody has to sort them or to decide which one counts: they go into the
 * index as they come. Private to ip4_builder.c. One thread at a time. */

/* Entries that are kept until it is worth having an encoder, which is 1 MB of memory, if most of it
 * untouched: a combined data set may have thousands of lists that are read at a time. */
#define IP4_ORDERED_KEPT 1024u

typedef struct ip4_ordered_page ip4_ordered_page_t;

/* A list. All zero is an empty one. Not to be looked into, but for first_only: set before the first entry
 * comes it means that of several values of a prefix only the first one counts. */
typedef struct ip4_ordered {
	bool first_only;
	uint64_t next;    /* behind the last entry, 2^32 at the end */
	ip4_entry_t last; /* it, if next > 0 */
	ip4_entry_t *kept;
	size_t kept_count;
	size_t kept_capacity;
	/* Once there are too many of them: */
	ip4_encoder_t *encoder;
	ip_lines_writer_t lines;
	ip4_ordered_page_t *page;
} ip4_ordered_t;

/* Adds an entry, if it is behind those before it, or says nothing new behind the last one; else
 * `*is_taken` is false, and nothing has happened. Returns ERR_OK; or ERR_NOMEM or ERR_RANGE, after which
 * only ip4_ordered_clear is allowed, and so for the functions below. */
err_t ip4_ordered_add(ip4_ordered_t *list, const ip4_entry_t *entry,
		      bool *is_taken) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The same for single addresses of one value; `*taken` is how many there are before the first one that is
 * out of order, all of which have been added. */
err_t ip4_ordered_add_addresses(ip4_ordered_t *list, const uint32_t *addresses, size_t count,
				uint32_t value, size_t *taken) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Makes the index of all that has been added, and the notes of its lines. The caller frees both. The list
 * is empty then. */
err_t ip4_ordered_finish(ip4_ordered_t *list, ip4_index_t **index,
			 ip_lines_t *lines) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Gives all that has been added back, in its order, to `visitor`. The list is empty then. Returns ERR_OK,
 * an error as above, or what the visitor ended it with. */
err_t ip4_ordered_leave(ip4_ordered_t *list,
			const ip4_lines_visitor_t *visitor) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Removes all. */
void ip4_ordered_clear(ip4_ordered_t *list) ATTR_NONNULL_ALL;

#endif
