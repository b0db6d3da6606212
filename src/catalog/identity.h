/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_IDENTITY_H
#define SPURN_CATALOG_IDENTITY_H

#include <stddef.h>

#include "base/attributes.h"
#include "catalog/catalog.h"
#include "dns/query.h"

/* What the server tells of itself, beside NSID: the names in class CH (RFC 4892). Pure; any
 * thread. */

/* Most bytes of what it tells. */
#define IDENTITY_MAX 255

/* What is told to `query`, which is of class CH: `*size` bytes (at most IDENTITY_MAX), not
 * NUL-terminated; in `options`, or static. NULL when it asks for something else, or for what is not
 * to be told. */
const char *identity_text(const catalog_options_t *options, const dns_query_t *query,
			  size_t *size) ATTR_NONNULL_ALL;

#endif
