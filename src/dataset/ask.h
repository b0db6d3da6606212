/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_ASK_H
#define SPURN_DATASET_ASK_H

#include "dataset/dataset.h"

/* Data sets are asked through these two, which call the type's find and write: a client's ACL may
 * have something else in store than what the data set holds; see dataset_asker_t's `override`. By
 * workers.
 *
 * Of a data set that is mapped they bear it that its file is changed in place: then nothing that
 * was found or written counts. dataset_find sees what has happened before it, and finds DATASET_BROKEN for all
 * questions; who has made use of either asks dataset_is_sound when all is written. */
void dataset_find(const dataset_t *dataset, const dataset_question_t *const *questions,
		  size_t count, dataset_match_t *matches) ATTR_NONNULL_ALL;
void dataset_write(const dataset_t *dataset, uint32_t entry, const dataset_question_t *question,
		   dns_type_t type, unsigned rotation, dns_reply_t *reply) ATTR_NONNULL_ALL;

/* Has it been seen that the data set's file was changed in place? Any thread. */
static inline bool dataset_is_broken(const dataset_t *dataset)
{
	return dataset->guard != NULL && dataset_guard_is_broken(dataset->guard);
}

/* Is what the data set was asked so far worth anything? True of those that are not mapped. */
static inline bool dataset_is_sound(const dataset_t *dataset)
{
	return LIKELY(dataset->guard == NULL) || dataset_guard_check(dataset->guard);
}

#endif
