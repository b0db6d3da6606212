/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_ASSEMBLY_H
#define SPURN_CATALOG_ASSEMBLY_H

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/generation.h"
#include "catalog/roster.h"

/* Makes a generation of the zones of `plan`, each served from the newest data of the sources that
 * `roster`, which was made of `stock` for this plan, has for it. All that is left to do is to publish
 * it. Only for the thread that loads. Returns ERR_OK, and the caller frees it; or ERR_NOMEM. */
err_t assembly_make(const plan_t *plan, const stock_t *stock, const roster_t *roster,
		    const dns_cookie_secrets_t *cookies,
		    generation_t **generation) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
