/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_COMPARE_H
#define SPURN_DATASET_COMPARE_H

#include "dataset/dataset.h"

/* What a reload has changed, in entries. Exact: nothing is estimated.
 *
 * An entry is what a line says, a key and a value:
 *   - ip4set: the addresses as they are written, a prefix or a range, with each of their values;
 *   - ip4trie, ip4tset, ip6trie, ip6tset, acl: a prefix, with the value of its first line;
 *   - dnset: a name for itself (a.example), for what is below it (*.a.example) or both (.a.example),
 *     with each of its values;
 *   - generic: the owner and type of a record, with RDATA and TTL;
 *   - aclkey: a key, with the value and quota of its last line;
 *   - combined: those of all data sets inside. Of these, one of the same type for the same subzones is
 *     the same; those that come or go do so with all their entries.
 * An exclusion is an entry like others, and takes the place of values that are given for the very same
 * key. Values are what a client would see: two ways to write them are no change, and another default
 * line is a change of all entries that had it. TTLs of set types, SOA and NS are none of entries.
 *
 * So lines that say again what another one has said are not counted, but in dataset_t's `entries` they
 * are: without such, old entries + added - removed = new ones. Only a name of dnset that has several
 * values, one of them by two lines, for itself and for what is below it, has those counted as one.
 * Prefixes that overlap, neighbours that an index has merged, and entries that others hide count as
 * the lines they are. */
struct dataset_changes {
	uint64_t added;   /* keys that are new, and values more for one that is not */
	uint64_t removed; /* likewise */
	uint64_t changed; /* the key was there with another value */
};

/* Compares two data sets of one specification. Of different types all entries are others. Takes about
 * as long as half of loading them. Any thread. Returns ERR_OK; ERR_NOMEM (hardly any is needed); or
 * ERR_CHANGED when one of them is mapped and its file is not as it was. */
err_t dataset_compare(const dataset_t *old, const dataset_t *next,
		      dataset_changes_t *changes) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* For types: adds that of the values of one key `gone` are no more and `come` are new. */
static inline void dataset_changes_add(dataset_changes_t *changes, uint64_t gone, uint64_t come)
{
	uint64_t others = gone < come ? gone : come;

	changes->removed += gone - others;
	changes->added += come - others;
	changes->changed += others;
}

#endif
