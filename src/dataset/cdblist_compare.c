/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* What a reload has changed, by keys and values as they are written, in no memory to speak of.
 *
 * Each record of one file is looked for in the other. Mostly it need not be: a list that is made anew is in the order in
 * which it was, so that what is next here is next there. A key is counted when the first of its records in the new file
 * that the old one does not have comes, or, if there is none, when the first comes in the old file that the new one
 * does not have. */

#include <string.h>

#include "dataset/cdblist.h"
#include "dataset/compare.h"

/* Bytes of a record before its key: its two lengths. */
#define HEAD_SIZE 8

typedef struct record {
	const char *key;
	size_t key_size;
	const char *value;
	size_t value_size;
} record_t;

typedef struct comparison {
	const cdblist_t *here; /* of which the records are */
	const cdblist_t *there;
	bool is_next;         /* `here` is the new one */
	const char *expected; /* where in `there` the next one should be */
	const char *end;      /* of `there` */
	dataset_changes_t *changes;
} comparison_t;

static bool is_same(const record_t *record, const void *value, size_t size)
{
	return size == record->value_size && memcmp(value, record->value, size) == 0;
}

/* Is the same record where it is expected? */
static bool is_as_expected(const comparison_t *comparison, const record_t *record)
{
	size_t size = HEAD_SIZE + record->key_size + record->value_size;

	return comparison->expected != NULL &&
	       (size_t)(comparison->end - comparison->expected) >= size &&
	       memcmp(comparison->expected, record->key - HEAD_SIZE, size) == 0;
}

/* Is there one in `list`? Then sets `*behind` to what comes behind it. */
static bool has_record(const cdblist_t *list, const record_t *record, const char **behind)
{
	cdb_search_t search;
	const void *value;
	size_t size;

	cdb_search_begin(&search, list->file, record->key, record->key_size);
	for (unsigned i = 0; i < CDBLIST_VALUES_MAX && cdb_search_next(&search, &value, &size);
	     i++) {
		if (!is_same(record, value, size))
			continue;
		*behind = (const char *)value + size;
		return true;
	}
	return false;
}

/* Counts the different values that the key has in `list` and not in `other`; `*is_first`: is `record` the first record
 * with such a value, of `list`? */
static uint64_t count_alone(const cdblist_t *list, const cdblist_t *other, const record_t *record,
			    bool *is_first)
{
	cdb_search_t search;
	const void *value;
	size_t size;
	uint64_t count = 0;

	*is_first = false;
	cdb_search_begin(&search, list->file, record->key, record->key_size);
	for (unsigned i = 0; i < CDBLIST_VALUES_MAX && cdb_search_next(&search, &value, &size);
	     i++) {
		const record_t alone = { record->key, record->key_size, value, size };
		const char *behind;
		if (has_record(other, &alone, &behind))
			continue;
		if (count == 0)
			*is_first = value == record->value;
		/* Once, if it is there several times. */
		(void)has_record(list, &alone, &behind);
		count += behind == (const char *)value + size;
	}
	return count;
}

static err_t visit_record(void *context, const void *key, size_t key_size, const void *value,
			  size_t value_size)
{
	comparison_t *comparison = context;
	const record_t record = { key, key_size, value, value_size };
	bool is_first;
	bool is_other_first;

	if (is_as_expected(comparison, &record)) {
		comparison->expected += HEAD_SIZE + key_size + value_size;
		return ERR_OK;
	}
	if (!cdblist_is_entry(comparison->here, (text_t){ key, (const char *)key + key_size }) ||
	    has_record(comparison->there, &record, &comparison->expected))
		return ERR_OK;
	uint64_t here = count_alone(comparison->here, comparison->there, &record, &is_first);
	if (!is_first)
		return ERR_OK;
	uint64_t there = count_alone(comparison->there, comparison->here, &record, &is_other_first);
	if (comparison->is_next)
		dataset_changes_add(comparison->changes, there, here);
	else if (there == 0)
		dataset_changes_add(comparison->changes, here, 0);
	return ERR_OK;
}

/* Goes through the records of one. */
static err_t compare_to(const cdblist_t *here, const cdblist_t *there, bool is_next,
			dataset_changes_t *changes)
{
	size_t size;
	const char *memory = cdb_file_memory(there->file, &size);
	comparison_t comparison = {
		.here = here,
		.there = there,
		.is_next = is_next,
		.expected = memory + CDB_SEARCH_FIRST,
		.end = memory + size,
		.changes = changes,
	};

	return cdb_file_walk(here->file, visit_record, &comparison);
}

err_t cdblist_compare(const dataset_t *old, const dataset_t *next, dataset_changes_t *changes)
{
	err_t err = compare_to(next->data, old->data, true, changes);

	if (err == ERR_OK)
		err = compare_to(old->data, next->data, false, changes);
	cdblist_let_go(old->data);
	cdblist_let_go(next->data);
	return err;
}
