/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_TABLE_H
#define SPURN_TOOL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/attributes.h"
#include "base/error.h"

/* A table for people, that fits where it is written to. Columns are as wide as they need to be; where
 * that is too wide, texts are cut in the middle ("ip4set:sp...nual"); and where that would leave too
 * little of them, each row becomes lines of its own, a cell on each. Bars behind rows get what the columns
 * leave, and are left out where that is too little. */

/* Most columns. */
#define TABLE_COLUMNS_MAX 12
/* The width where there is no terminal: nothing is cut. */
#define TABLE_WIDE SIZE_MAX

typedef struct table_column {
	const char *title;
	bool is_number; /* to the right, and never cut */
} table_column_t;

typedef struct table table_t;

/* A new table without rows; columns[0..count) must outlive it. The caller frees it. NULL for want of
 * memory. */
table_t *table_new(const table_column_t *columns, size_t count) ATTR_NONNULL_ALL;
void table_free(table_t *table);

/* Adds the next cell, from the left to the right, row by row. `format` as for printf. What could
 * upset a terminal is replaced. For want of memory the table is incomplete, and table_write fails. */
void table_add(table_t *table, const char *format, ...) ATTR_NONNULL(1, 2) ATTR_PRINTF(2, 3);

/* Adds a bar behind the row whose last cell has just been added; each row has to have one then. It is
 * `length` (0 to 1) of the longest one that there is room for. What bars are compared with, at `mark` (0 to
 * 1; less: none), is shown in those that do not reach it. */
void table_add_bar(table_t *table, double length, double mark) ATTR_NONNULL_ALL;

/* Writes it for a terminal that is `width` columns wide. Returns ERR_OK or ERR_NOMEM. */
err_t table_write(const table_t *table, size_t width, FILE *out) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Draws bars with the block characters of Unicode rather than with ASCII (see bar_has_utf8). */
void table_use_blocks(table_t *table, bool is_wanted) ATTR_NONNULL_ALL;

/* How wide the terminal is that `out` is, or TABLE_WIDE. */
size_t table_width_of(FILE *out) ATTR_NONNULL_ALL;

/* Replaces what could upset a terminal: control characters, also those of UTF-8. */
void table_clean(char *text) ATTR_NONNULL_ALL;

#endif
