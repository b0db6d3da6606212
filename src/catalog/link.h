/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_LINK_H
#define SPURN_CATALOG_LINK_H

#include "catalog/generation.h"

/* Finishes a generation whose zones have been filled in: makes them findable, and encodes their SOA,
 * NS and glue. Returns ERR_OK or ERR_NOMEM; the generation is then only good for generation_free. */
err_t generation_link(generation_t *generation) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
