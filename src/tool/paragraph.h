/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_PARAGRAPH_H
#define SPURN_TOOL_PARAGRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/attributes.h"

/* Text for people, whose lines end where the terminal does: between words, and further lines begin below the
 * first word of the first, or nearly at the left where that would leave too little. A word that is wider
 * than a line gets one of its own. */

/* Columns of a line where there is no terminal (TABLE_WIDE, see tool/table.h), and most of one where there
 * is: longer lines are hard to read. */
#define PARAGRAPH_WIDTH     80
#define PARAGRAPH_WIDTH_MAX 100
/* Bytes of what is added in one call. */
#define PARAGRAPH_TEXT_MAX 1024

typedef struct paragraph {
	FILE *out;
	size_t width;
	size_t indent; /* of the first line's first word */
	size_t hang;   /* of further lines */
	size_t column; /* where the cursor is */
	bool is_empty; /* no word is there yet */
} paragraph_t;

/* Begins one for a terminal of `width` columns, with `label`, which is at most `indent` columns wide. */
paragraph_t paragraph_begin(FILE *out, size_t width, size_t indent,
			    const char *label) ATTR_NONNULL_ALL;

/* Adds words, `format` as for printf; what could upset a terminal is replaced. */
void paragraph_add(paragraph_t *paragraph, const char *format, ...) ATTR_NONNULL(1, 2)
	ATTR_PRINTF(2, 3);

/* Adds a word that may have blanks in it, at which it is not parted as long as it fits into a
 * line: a command, to be copied. */
void paragraph_add_whole(paragraph_t *paragraph, const char *format, ...) ATTR_NONNULL(1, 2)
	ATTR_PRINTF(2, 3);

/* Adds a piece that is not parted at its blanks, and stands two columns off what is before it. */
void paragraph_add_piece(paragraph_t *paragraph, const char *format, ...) ATTR_NONNULL(1, 2)
	ATTR_PRINTF(2, 3);

/* Ends it, and the line. */
void paragraph_end(paragraph_t *paragraph) ATTR_NONNULL_ALL;

#endif
