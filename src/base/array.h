/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BASE_ARRAY_H
#define SPURN_BASE_ARRAY_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"

/* Makes room in a growing array, so that `count` elements of `element_size` bytes fit. `*data` is
 * malloc'ed memory or NULL, `*capacity` its size in elements; both are changed only on success, by
 * growing to at least one and a half times the old size. The caller frees `*data`.
 * Returns ERR_OK or ERR_NOMEM. */
err_t array_reserve(void **data, size_t *capacity, size_t count,
		    size_t element_size) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
