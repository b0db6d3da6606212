/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_CHECK_POINTS_H
#define SPURN_TOOL_CHECK_POINTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "dataset/observer.h"
#include "tool/check_problems.h"

/* The test points of RFC 5782 section 5: by what is listed there, clients tell a list that works
 * from one that is empty or lists everything. */

/* 127.0.0.2 and 127.0.0.1, ::FFFF:7F00:2 and ::FFFF:7F00:1, TEST and INVALID: of each two the first
 * one has to be listed, the other one must not be. Sets of points have a bit for each. */
#define CHECK_POINTS 6

/* Where a point is listed. */
typedef struct check_place {
	const char *file; /* NULL: nowhere */
	unsigned line;
} check_place_t;

/* Which points does the data set list? `below` (on the wire, in lower case): the subzone in which
 * they are asked for; the root: the zone itself. `has_ip4_data`: are there IPv4 addresses in it? */
unsigned check_points_ask(const dataset_t *dataset, const uint8_t *below,
			  bool has_ip4_data) ATTR_NONNULL_ALL;

/* Which points does the entry list? */
unsigned check_points_of_entry(const dataset_entry_t *entry) ATTR_NONNULL_ALL;

/* Reports what is wrong with a zone or subzone `name` that lists the points `listed`, and whose
 * entries have `keys` (a bit for each dataset_key_t). `places`: where each is listed. */
void check_points_report(check_problems_t *problems, const char *name, unsigned keys,
			 unsigned listed,
			 const check_place_t places[CHECK_POINTS]) ATTR_NONNULL_ALL;

#endif
