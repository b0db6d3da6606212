/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/paragraph.h"

#include <stdarg.h>
#include <string.h>

#include "tool/table.h"

/* Columns between two pieces. */
#define PIECE_GAP 2
/* Columns in front of further lines if the first one's leave less than half of the width. */
#define HANG_NARROW 2

paragraph_t paragraph_begin(FILE *out, size_t width, size_t indent, const char *label)
{
	size_t own = width == TABLE_WIDE ? PARAGRAPH_WIDTH : width;

	if (own > PARAGRAPH_WIDTH_MAX)
		own = PARAGRAPH_WIDTH_MAX;
	fputs(label, out);
	return (paragraph_t){
		.out = out,
		.width = own,
		.indent = indent,
		.hang = 2 * indent <= own ? indent : HANG_NARROW,
		.column = strlen(label),
		.is_empty = true,
	};
}

/* Writes word[0..size), `gap` columns off what is before it, or on the next line. */
static void put(paragraph_t *paragraph, const char *word, size_t size, size_t gap)
{
	if (paragraph->is_empty)
		gap = paragraph->indent - paragraph->column;
	if (paragraph->column + gap + size > paragraph->width && paragraph->column > 0 &&
	    (!paragraph->is_empty || paragraph->hang < paragraph->indent)) {
		putc('\n', paragraph->out);
		gap = paragraph->hang;
		paragraph->column = 0;
	}
	fprintf(paragraph->out, "%*s%.*s", (int)gap, "", (int)size, word);
	paragraph->column += gap + size;
	paragraph->is_empty = false;
}

static void put_words(paragraph_t *paragraph, const char *words)
{
	while (*(words += strspn(words, " ")) != '\0') {
		size_t size = strcspn(words, " ");

		put(paragraph, words, size, 1);
		words += size;
	}
}

/* Writes text without what could upset a terminal. */
static ATTR_PRINTF(2, 0) void write_clean(char text[PARAGRAPH_TEXT_MAX], const char *format,
					  va_list arguments)
{
	vsnprintf(text, PARAGRAPH_TEXT_MAX, format, arguments);
	table_clean(text);
}

void paragraph_add(paragraph_t *paragraph, const char *format, ...)
{
	char text[PARAGRAPH_TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	write_clean(text, format, arguments);
	va_end(arguments);
	put_words(paragraph, text);
}

void paragraph_add_whole(paragraph_t *paragraph, const char *format, ...)
{
	char text[PARAGRAPH_TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	write_clean(text, format, arguments);
	va_end(arguments);
	if (paragraph->hang + strlen(text) <= paragraph->width)
		put(paragraph, text, strlen(text), 1);
	else
		put_words(paragraph, text);
}

void paragraph_add_piece(paragraph_t *paragraph, const char *format, ...)
{
	char text[PARAGRAPH_TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	write_clean(text, format, arguments);
	va_end(arguments);
	put(paragraph, text, strlen(text), PIECE_GAP);
}

void paragraph_end(paragraph_t *paragraph)
{
	putc('\n', paragraph->out);
}
