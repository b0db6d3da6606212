/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_SPRAY_OUTPUT_H
#define SPURN_TOOL_SPRAY_OUTPUT_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/error.h"
#include "spray/spray_result.h"

/* Could the picture `svg` be written? To be known before the run. NULL is fine. Returns ERR_OK, or an error
 * after logging it. */
err_t spray_output_check(const char *svg) ATTR_NODISCARD;

/* Shows what a run came to on stdout, for people or as JSON, and, if `svg` is not NULL, as a picture in a
 * file of this name. Returns ERR_OK, or an error after it has been logged. */
err_t spray_output(const spray_result_t *result, bool is_json, const char *svg)
	ATTR_NONNULL(1) ATTR_NODISCARD;

#endif
