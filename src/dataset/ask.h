/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_ASK_H
#define SPURN_DATASET_ASK_H

#include "dataset/dataset.h"

/* Data sets are asked through these two, which call the type's find and write: a client's ACL may
 * have something else in store than what the data set holds; see dataset_asker_t's `override`. By
 * workers. */
void dataset_find(const dataset_t *dataset, const dataset_question_t *const *questions,
		  size_t count, dataset_match_t *matches) ATTR_NONNULL_ALL;
void dataset_write(const dataset_t *dataset, uint32_t entry, const dataset_question_t *question,
		   dns_type_t type, unsigned rotation, dns_reply_t *reply) ATTR_NONNULL_ALL;

#endif
