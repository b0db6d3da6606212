/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_SPRAY_ADVICE_H
#define SPURN_TOOL_SPRAY_ADVICE_H

#include <stddef.h>
#include <stdio.h>

#include "base/attributes.h"
#include "spray/spray_result.h"
#include "tool/spray_spread.h"

/* What of a run deserves a look, and what to do about it: a paragraph for each, written for a terminal of
 * `width` columns, or TABLE_WIDE. Nothing where all is well. */

/* What was out of order with queries and their answers, behind an empty line. */
void spray_advice_on_run(const spray_result_t *result, size_t width, FILE *out) ATTR_NONNULL_ALL;

/* Why answers may not be spread evenly, or why that is not known, with an empty line behind it. */
void spray_advice_on_spread(const spray_result_t *result, const spray_spread_t *spread,
			    size_t width, FILE *out) ATTR_NONNULL_ALL;

#endif
