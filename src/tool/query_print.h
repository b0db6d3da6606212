/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_QUERY_PRINT_H
#define SPURN_TOOL_QUERY_PRINT_H

#include <stddef.h>

#include "base/attributes.h"
#include "tool/exchange.h"

/* One subject in one list, asked; plain data. */
typedef struct query_row {
	const char *subject;
	const char *list;
	const exchange_t *a;
	const exchange_t *txt;
} query_row_t;

typedef enum query_format {
	QUERY_FORMAT_COLUMNS, /* for people: aligned with blanks */
	QUERY_FORMAT_TABS,    /* for cut and awk: a TAB between columns, nothing aligned */
	QUERY_FORMAT_JSON,    /* one object a line */
} query_format_t;

/* Writes rows[0..count) to stdout, a line each: subject, list, "LISTED", "not listed" or "ERROR";
 * then A and TXT, and a note if there is reason for one; or what went wrong. Bytes of a TXT that are
 * not printable ASCII are written as \ddd, `"` and `\` behind a backslash. */
void query_print(const query_row_t *rows, size_t count, const exchange_setup_t *setup,
		 query_format_t format) ATTR_NONNULL_ALL;

#endif
