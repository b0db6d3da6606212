/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_ENTRY_VALUES_H
#define SPURN_DATASET_ENTRY_VALUES_H

#include "dataset/dataset.h"
#include "dataset/value_table.h"
#include "index/value_sets.h"

/* What the entries of a set answer, for all types whose lines end in a value (all but generic).
 * An index maps a key to a number: 1..count is a value, count + n the n-th set of values. One thread
 * until entry_values_seal, any number afterwards. */
typedef struct entry_values entry_values_t;

/* NULL for want of memory. The caller frees it; NULL is fine to free. */
entry_values_t *entry_values_new(void);
void entry_values_free(entry_values_t *values);

/* The number of the value that `rest`, what follows an entry's key, gives it: its own, or that of
 * the default line. Errors as for dataset_type_t's add. */
err_t entry_values_add(entry_values_t *values, dataset_loader_t *loader, text_t rest,
		       uint32_t *number) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The same for `count` lines that were read at once (zonefile/plain_lines.h), without blanks in front of what follows
 * their keys: `*known` is how many of the first ones have their numbers in `numbers`. The next one has to be
 * added by itself, as there may be something to report. Returns ERR_OK, ERR_NOMEM or ERR_RANGE. */
err_t entry_values_add_lines(entry_values_t *values, dataset_loader_t *loader, const text_t *rests,
			     size_t count, uint32_t *numbers,
			     size_t *known) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* How many values there are: sets are numbered from there on (the builders' `sets_base`). */
uint32_t entry_values_count(const entry_values_t *values) ATTR_NONNULL_ALL;

/* Where an index builder interns sets of values. */
value_sets_t *entry_values_sets(entry_values_t *values) ATTR_NONNULL_ALL;

/* Gives back what only adding needs, when all lines have been read: before the index is built, which needs memory of its
 * own. */
void entry_values_close(entry_values_t *values) ATTR_NONNULL_ALL;

/* Compiles all texts and packs all sets, when all lines have been read and the index has been built; none of
 * the above may be called then. Returns ERR_OK, ERR_NOMEM or ERR_RANGE. */
err_t entry_values_seal(entry_values_t *values,
			const dataset_loader_t *loader) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Writes them, sealed, to a compiled file. Errors as for dataset_saver_add. */
err_t entry_values_save(const entry_values_t *values,
			const dataset_saver_t *saver) ATTR_NONNULL_ALL ATTR_NODISCARD;
/* The reverse. The caller frees `*values`. Errors as for dataset_type_t's map. */
err_t entry_values_map(dataset_mapper_t *mapper,
		       entry_values_t **values) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The greatest number that there is, when sealed: those of sets come last. */
uint32_t entry_values_last(const entry_values_t *values) ATTR_NONNULL_ALL;

/* The values themselves, when sealed. */
const value_table_t *entry_values_table(const entry_values_t *values) ATTR_NONNULL_ALL;

/* Bytes of memory held, and how many of them are mapped from a file. */
size_t entry_values_memory(const entry_values_t *values) ATTR_NONNULL_ALL;
size_t entry_values_mapped(const entry_values_t *values) ATTR_NONNULL_ALL;

/* Takes back the matches of entries that the question's asker does not see (zonefile/conditions.h):
 * each of those of `count` questions becomes `instead`. */
void entry_values_hide(const entry_values_t *values, const dataset_question_t *const *questions,
		       size_t count, dataset_match_t *matches,
		       dataset_found_t instead) ATTR_NONNULL_ALL;

/* Adds the records of `type` (A or TXT; nothing for others) that `number` stands for and `asker` sees
 * to the reply's RRset. `subject` is what `$` means in a text; it is only read for TXT. */
void entry_values_write(const entry_values_t *values, uint32_t number, const dataset_asker_t *asker,
			text_t subject, dns_type_t type, uint32_t ttl_s,
			dns_reply_t *reply) ATTR_NONNULL_ALL;

/* The values that `*number` stands for, and how many: itself, or the numbers of a set. */
const uint32_t *entry_values_list(const entry_values_t *values, const uint32_t *number,
				  size_t *count) ATTR_NONNULL_ALL;

/* Compares two values (no sets) of two data sets, or of one: value_table_compare. */
int entry_values_compare(const entry_values_t *a, uint32_t a_number, const entry_values_t *b,
			 uint32_t b_number) ATTR_NONNULL_ALL;

/* Does a text of `number` depend on the subject? */
bool entry_values_has_subject(const entry_values_t *values, uint32_t number) ATTR_NONNULL_ALL;

#endif
