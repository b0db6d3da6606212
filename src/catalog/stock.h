/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_STOCK_H
#define SPURN_CATALOG_STOCK_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/plan.h"
#include "catalog/source.h"

/* The sources that there are: one for each data set of a plan and, left over from plans before it,
 * those that zones cannot do without yet.
 *
 * When a plan takes another's place, the stock for it is made beside the old one. Both share what both
 * plans have, and the data in it, which need not be read again. Once the next one is in use, what only
 * the old one has is freed. All functions are for the thread that loads. */
typedef struct stock {
	source_t **sources;
	size_t count;
	size_t planned; /* sources[0..planned) are those of the plan, in its order */
} stock_t;

/* Makes a stock for `plan` out of `old`, which stays as it is, but for max_shrink_percent, which alone
 * makes no other data set. What `old` has left over, or has and `plan` has not, is left over in it.
 * Returns ERR_OK, and the caller frees it with stock_drop; or ERR_NOMEM. */
err_t stock_make(stock_t *stock, const plan_t *plan,
		 const stock_t *old) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Lets the data sets of the plan that the stock is of shrink as much as that says: another plan that
 * came to nothing may have said something else. */
void stock_allow(const stock_t *stock, const plan_t *plan) ATTR_NONNULL_ALL;

/* How many of the sources that are of the plan in one are so in the other, too. */
size_t stock_count_shared(const stock_t *stock, const stock_t *other) ATTR_NONNULL_ALL;

/* Unsets is_used of all sources. */
void stock_mark_unused(const stock_t *stock) ATTR_NONNULL_ALL;

/* Cuts off what `stock` has left over and is not used (is_used), and returns how much that is:
 * sources[count..count + returned) are then the caller's to free. */
size_t stock_cut(stock_t *stock) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Frees the sources that `stock` has and `kept` has not; then empties `stock`. */
void stock_drop(stock_t *stock, const stock_t *kept) ATTR_NONNULL_ALL;

#endif
