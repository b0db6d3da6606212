/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_BAR_H
#define SPURN_TOOL_BAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/attributes.h"

/* Bars made of characters. */

/* Writes a bar, `length` (0 to 1) of `width` columns long, without blanks or a newline behind it: with the
 * block characters of Unicode, eight steps in a column, or with ASCII. What is more than 0 is seen. A
 * `mark` (0 to 1 of `width`; less: none) is a vertical line in bars that do not reach it. */
void bar_write(double length, double mark, size_t width, bool has_blocks,
	       FILE *out) ATTR_NONNULL_ALL;

/* Whether the user's locale (LC_ALL, LC_CTYPE, LANG) is one of UTF-8. Any thread. */
bool bar_has_utf8(void);

#endif
