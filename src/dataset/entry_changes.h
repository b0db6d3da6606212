/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_ENTRY_CHANGES_H
#define SPURN_DATASET_ENTRY_CHANGES_H

#include "dataset/compare.h"
#include "dataset/entry_values.h"

/* Counts what has changed in data sets whose entries have values (all types but generic). */

/* What the numbers of one of the data sets mean. */
typedef struct entry_side {
	const entry_values_t *values;
	/* Numbers up to this one are no values, but mean the same in both data sets: 0 an exclusion,
	 * others what an ACL does. Values are numbered from there on; beside words, which only
	 * ACLs have, there are no sets of them. */
	uint32_t words;
} entry_side_t;

/* Both sides. `changes` is added to. */
typedef struct entry_changes {
	entry_side_t old;
	entry_side_t next;
	dataset_changes_t *changes;
	err_t err; /* ERR_NOMEM: something is not counted */
} entry_changes_t;

/* The values that a key has on one side, as their numbers, distinct; none: it is not there. Numbers of
 * sets are not among them. */
typedef struct entry_list {
	const uint32_t *numbers;
	size_t count;
} entry_list_t;

/* The values that `*number` stands for: itself, or those of a set. Valid as long as both are. */
entry_list_t entry_changes_list(const entry_side_t *side, const uint32_t *number) ATTR_NONNULL_ALL;

/* Counts what each of `keys` keys had and has. */
void entry_changes_count(entry_changes_t *changes, entry_list_t old, entry_list_t next,
			 uint64_t keys) ATTR_NONNULL_ALL;

/* The same for what an index holds, NULL: nothing. An ip_lines_visit_t. */
void entry_changes_visit(void *changes, const uint32_t *old, const uint32_t *next, uint64_t keys)
	ATTR_NONNULL(1);

#endif
