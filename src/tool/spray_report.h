/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_SPRAY_REPORT_H
#define SPURN_TOOL_SPRAY_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/attributes.h"
#include "base/error.h"
#include "spray/spray_result.h"

/* Writes what a run came to, for people: what was sent and answered, how long that took, the source ports, how
 * the answers are spread over the servers, with a bar for each, and last what to think of that and what to do
 * about it. What came from the network is shown as printable ASCII. `width` in columns, or TABLE_WIDE
 * (tool/table.h); with `has_blocks` the bars are Unicode's. Returns ERR_OK or ERR_NOMEM. */
err_t spray_report_write(const spray_result_t *result, size_t width, bool has_blocks,
			 FILE *out) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
