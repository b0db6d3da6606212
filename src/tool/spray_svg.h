/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_SPRAY_SVG_H
#define SPURN_TOOL_SPRAY_SVG_H

#include <stdio.h>

#include "base/attributes.h"
#include "base/error.h"
#include "spray/spray_result.h"

/* Writes a picture of the spread over servers as a file of SVG 1.1 that stands alone: a bar for each server,
 * the mean as a line, the counts below; with a title and a description that has all numbers for who does
 * not see it. It is a card with colours of its own, for light and dark pages. Whatever bytes came from the
 * network, it is well-formed. Returns ERR_OK or ERR_NOMEM; whether `out` took it all is the caller's
 * to see. */
err_t spray_svg_write(const spray_result_t *result, FILE *out) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The same as a file, which is there when it is complete (base/new_file.h). Returns ERR_OK, or an error after
 * logging it. */
err_t spray_svg_write_file(const spray_result_t *result,
			   const char *path) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
