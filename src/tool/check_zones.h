/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_CHECK_ZONES_H
#define SPURN_TOOL_CHECK_ZONES_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "tool/check_dataset.h"
#include "tool/check_output.h"

/* Checks the data sets of all specifications, and then the zones that they make up, and writes what
 * there is to say. Returns ERR_OK, also when there are problems; or ERR_NOMEM. */
err_t check_zones_run(const check_settings_t *settings, const zone_spec_t *specs, size_t count,
		      check_output_t *output) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
