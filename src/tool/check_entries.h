/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_CHECK_ENTRIES_H
#define SPURN_TOOL_CHECK_ENTRIES_H

#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "dataset/observer.h"
#include "tool/check_problems.h"

/* The entries of one data set, kept small (13 bytes for an IPv4 address, 25 for an IPv6 one, some 30
 * for a name), to find those that have no effect. */
typedef struct check_entries check_entries_t;

/* Most lines of a data set: a number has 31 bits for them. */
#define CHECK_LINES_MAX (UINT32_MAX / 2 - 1)

/* Takes a verdict on the entry of line `line`, because of that of line `other`, 0: of several or of
 * none. Lines are numbered as check_entries_add was told. */
typedef void (*check_entries_verdict_t)(void *context, check_kind_t kind, uint32_t line,
					uint32_t other);

/* For a data set of `type`; NULL for want of memory. The caller frees it; NULL is fine. */
check_entries_t *check_entries_new(const dataset_type_t *type) ATTR_NONNULL_ALL;
void check_entries_free(check_entries_t *entries);

/* Adds what stands in line `line` (1..CHECK_LINES_MAX, never falling). Returns ERR_OK, or ERR_NOMEM:
 * then the comparison can no more be made. */
err_t check_entries_add(check_entries_t *entries, const dataset_entry_t *entry,
			uint32_t line) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Compares all entries, and tells of every line that has no effect, in no order. Uses the entries up:
 * then they can only be freed. */
err_t check_entries_compare(check_entries_t *entries, check_entries_verdict_t verdict,
			    void *context) ATTR_NONNULL(1, 2) ATTR_NODISCARD;

#endif
