/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_LOOK_H
#define SPURN_CATALOG_LOOK_H

#include <pthread.h>
#include <stdbool.h>

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/catalog.h"
#include "catalog/stock.h"

/* Looks at the sources of `stock`, made for `plan`, that `request` is about and at those that nobody has
 * looked at yet, and reads what is new or has changed. `lock` is that of source_rules_t. Adds what came
 * of it to `*report`, and sets `*is_other` to whether the next generation differs for it. Only for the
 * thread that loads. Returns ERR_OK; or ERR_NOMEM, then nothing has been looked at. */
err_t look_at_sources(const plan_t *plan, const stock_t *stock, const catalog_request_t *request,
		      pthread_mutex_t *lock, catalog_load_report_t *report,
		      bool *is_other) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
