/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_IP4_PAGE_H
#define SPURN_INDEX_IP4_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "index/ip4_layout.h"

/* From what a page maps to, to the bytes of its container: the smallest form, and how it is written.
 * Private to the encoder; index/ip4_layout.h tells the forms. */

/* The distinct numbers of a page in the order in which they first come, as long as they are not too
 * many. Their codes are found by hashing. */
typedef struct ip4_dictionary {
	uint32_t count; /* above IP4_DICTIONARY_MAX: too many */
	uint32_t numbers[IP4_DICTIONARY_MAX];
	uint16_t codes[2 * IP4_DICTIONARY_MAX]; /* and 1; 0: free */
} ip4_dictionary_t;

/* The runs of a page: run i is starts[i]..starts[i + 1] - 1, the last one's end is the page's; the
 * numbers of neighbours differ. */
typedef struct ip4_page {
	uint32_t run_count;
	uint32_t starts[IP4_PAGE_SIZE + 1];
	uint32_t numbers[IP4_PAGE_SIZE];
	ip4_dictionary_t dictionary; /* of the last plan */
} ip4_page_t;

/* How to write a page. */
typedef struct ip4_plan {
	size_t size; /* of the container */
	bool has_header;
	unsigned kind;
	unsigned width;      /* bits of a number */
	uint32_t count;      /* of positions */
	uint32_t background; /* of points */
	uint32_t pair[2];    /* without IP4_KIND_EACH; of IP4_KIND_UNIFORM the first */
	uint32_t dictionary; /* numbers in it, with IP4_KIND_DICTIONARY */
} ip4_plan_t;

/* The smallest form for the page, whose runs are complete, the end of the last one included. `plain`
 * is the plain number of the index; IP4_INDEX_NONE: it may be any. */
ip4_plan_t ip4_page_plan(ip4_page_t *page, uint32_t plain) ATTR_NONNULL_ALL;

/* Writes it to `at`, where `plan.size` + IP4_PADDING bytes are and the first of them are zero. Directly behind the
 * plan of this page. */
void ip4_page_write(ip4_page_t *page, const ip4_plan_t *plan, uint8_t *at) ATTR_NONNULL_ALL;

/* The same for a page of which lows[0..count), ascending and distinct, have `number` and the others
 * nothing. Returns false when single points may not be the smallest form; then it has to be made an
 * ip4_page_t. */
bool ip4_points_plan(const uint16_t *lows, size_t count, uint32_t number, uint32_t plain,
		     ip4_plan_t *plan) ATTR_NONNULL_ALL;
void ip4_points_write(const uint16_t *lows, const ip4_plan_t *plan, uint8_t *at) ATTR_NONNULL_ALL;

#endif
