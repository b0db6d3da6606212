/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_SPRAY_ENTRIES_H
#define SPURN_TOOL_SPRAY_ENTRIES_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/plan.h"

/* Names for entries of data sets, of which a few are chosen, each equally likely, however many there are
 * (reservoir sampling). Of a range, a prefix or a wildcard the name is of any one address or name in it.
 * It may be one that another entry excludes. */

/* Plain data; all zero but `max` is empty. */
typedef struct spray_entries {
	uint8_t **names; /* on the wire; owned */
	size_t count;
	size_t capacity;
	size_t max;    /* names that are kept */
	uint64_t seen; /* entries */
} spray_entries_t;

/* Reads a data set of the zone `apex`, and chooses from its entries. Returns ERR_OK; ERR_LOAD when it cannot
 * be read, which has been logged; or ERR_NOMEM. */
err_t spray_entries_read(spray_entries_t *entries, const uint8_t *apex,
			 const plan_dataset_t *dataset) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Frees what they own, and empties them. */
void spray_entries_clear(spray_entries_t *entries) ATTR_NONNULL_ALL;

#endif
