/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_ACL_VALUES_H
#define SPURN_DATASET_ACL_VALUES_H

#include "dataset/acl.h"
#include "dataset/entry_changes.h"

/* What acl and aclkey have in common: the lines that say what becomes of a query. An entry is kept
 * as a number, in which actions and values are told apart; 0 is no number. */
typedef struct acl_values {
	entry_values_t *values;
	uint32_t fallback; /* number of entries that say nothing; 0: the loader's default value */
} acl_values_t;

/* Returns ERR_OK or ERR_NOMEM. The caller frees `values->values`. */
err_t acl_values_begin(acl_values_t *values) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* A file begins: unless it says something else, clients are ignored. */
void acl_values_begin_file(acl_values_t *values) ATTR_NONNULL_ALL;

/* dataset_type_t's take: as for all types, but $SOA and $NS are not the ACL's. */
err_t acl_values_take(dataset_loader_t *loader, text_t line) ATTR_NONNULL_ALL;

/* Is `line` (not empty) one that says what entries have that say nothing? */
bool acl_values_is_default(text_t line) ATTR_NODISCARD;
/* Takes such a line. Errors as for dataset_type_t's add. */
err_t acl_values_set_default(acl_values_t *values, dataset_loader_t *loader,
			     text_t line) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The number of an entry, `rest` being what follows its key. Errors as for dataset_type_t's add. */
err_t acl_values_add(acl_values_t *values, dataset_loader_t *loader, text_t rest,
		     uint32_t *number) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The greatest number that there is. */
uint32_t acl_values_last(const acl_values_t *values) ATTR_NONNULL_ALL;

/* What numbers are beside `values`, for counting changes. */
entry_side_t acl_values_side(const entry_values_t *values);

/* What a number of `acl` means, 0 being ACL_PASS. */
acl_verdict_t acl_values_verdict(const dataset_t *acl, const entry_values_t *values,
				 uint32_t number) ATTR_NONNULL_ALL;

#endif
