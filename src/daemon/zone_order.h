/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_ZONE_ORDER_H
#define SPURN_DAEMON_ZONE_ORDER_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/plan.h"

/* Puts the zones of `plan` into the order in which rbldnsd tells of them: that of the plan, but a zone
 * stands before the first of those before it that it is inside of. order[0..plan->zone_count) gets
 * their places in the plan. Returns ERR_OK or ERR_NOMEM. */
err_t zone_order_find(const plan_t *plan, size_t *order) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
