/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_CHECK_SWEEP_H
#define SPURN_TOOL_CHECK_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/ip6.h"
#include "dataset/dataset.h"
#include "tool/check_problems.h"

/* Which entries of a data set have no effect, and because of which others.
 *
 * Prefixes nest or are apart, and so do names with all that is below them: entries are a forest.
 * The sweep is given its nodes in the order of a walk from the root, an outer one before what lies
 * in it, and keeps the nodes that the present one lies in on a stack: they are all that can make it
 * superfluous. */

/* Source number of nothing. */
#define SWEEP_NONE UINT32_MAX
/* Most nodes around one: bits of an IPv6 address, and more than a name has labels. */
#define SWEEP_DEPTH_MAX 129

/* An entry. Nodes come ordered by key (as memcmp), then bits, leaves before others; of the same
 * place, by value where all answer (exclusions first), by source where the first one does. */
typedef struct sweep_node {
	const uint8_t *key; /* must stay where it is until the end of the sweep */
	unsigned bits;      /* of the key that count */
	bool is_leaf;       /* a name without what is below it */
	uint32_t value;     /* 0: an exclusion */
	uint32_t source;    /* number for verdicts */
} sweep_node_t;

/* All nodes of one place, and what is known of them. */
typedef struct sweep_place {
	sweep_node_t first;  /* decides, where the first one does */
	unsigned level;      /* places of a finer level decide before those of a coarser one */
	uint32_t excluded;   /* source of an exclusion, or SWEEP_NONE */
	uint32_t outer;      /* source of an exclusion around that one, or SWEEP_NONE */
	uint32_t listed;     /* source of a listing, or SWEEP_NONE */
	uint32_t value;      /* of the listings; 0: several */
	uint32_t last_value; /* seen last, and where that was first */
	uint32_t last_source;
	uint32_t around;   /* source of a listing around with the same value, or SWEEP_NONE; */
	bool is_coarser;   /* is that one of a coarser level? */
	bool is_useful;    /* the exclusion takes something away */
	bool is_reported;  /* there has been a verdict on it as a whole */
	bool is_covering;  /* finer places have begun to cover it, */
	ip6_address_t end; /* up to there, inclusive */
} sweep_place_t;

/* The kinds of problems that are verdicts of a sweep. */
#define SWEEP_VERDICT_FIRST CHECK_DUPLICATE
#define SWEEP_VERDICTS      (CHECK_USELESS_EXCLUSION - CHECK_DUPLICATE + 1)

/* Takes a verdict: `kind` (CHECK_DUPLICATE, CHECK_SHADOWED, CHECK_REDUNDANT or
 * CHECK_USELESS_EXCLUSION) on `source`, because of `other`, which is SWEEP_NONE for an exclusion
 * with nothing around it, and an entry that is covered by several others. */
typedef void (*sweep_verdict_t)(void *context, check_kind_t kind, uint32_t source, uint32_t other);

typedef struct sweep {
	dataset_rule_t rule;
	bool is_address; /* keys are addresses, which others may cover together */
	sweep_verdict_t verdict;
	void *context;
	bool has_place; /* `place` is in use */
	sweep_place_t place;
	unsigned depth;
	sweep_place_t stack[SWEEP_DEPTH_MAX];
} sweep_t;

void sweep_begin(sweep_t *sweep, dataset_rule_t rule, bool is_address, sweep_verdict_t verdict,
		 void *context) ATTR_NONNULL(1, 4);
void sweep_add(sweep_t *sweep, const sweep_node_t *node) ATTR_NONNULL_ALL;
void sweep_end(sweep_t *sweep) ATTR_NONNULL_ALL;

#endif
