/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/array.h"
#include "tool/bar.h"

/* Columns between two of the table's. */
#define GAP 2
/* A text that is cut has at least so much left, or rows become lines. */
#define CUT_MIN 12
/* What stands for the middle of a text. */
#define DOTS      "..."
#define DOTS_SIZE 3
/* Columns of the longest bar: fewer tell nothing, and more are only further to look. Texts are cut for as
 * many as BAR_SHARE of the width. */
#define BAR_MIN  8
#define BAR_MAX  60
#define BAR_PART 4
/* The width that bars are made for where there is no terminal. */
#define BAR_TABLE_WIDTH 80
typedef struct bar {
	double length;
	double mark;
} bar_t;

struct table {
	const table_column_t *columns;
	size_t column_count;
	char **cells; /* cells[0..count), row by row; owned */
	size_t count;
	size_t capacity;
	bar_t *bars; /* bars[0..bar_count), one for each row, or none; owned */
	size_t bar_count;
	size_t bar_capacity;
	bool has_blocks;
	bool has_failed;
};

table_t *table_new(const table_column_t *columns, size_t count)
{
	table_t *table = calloc(1, sizeof(*table));

	if (table != NULL) {
		table->columns = columns;
		table->column_count = count;
	}
	return table;
}

void table_free(table_t *table)
{
	if (table == NULL)
		return;
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i]);
	free(table->cells);
	free(table->bars);
	free(table);
}

void table_clean(char *text)
{
	for (unsigned char *at = (unsigned char *)text; *at != '\0'; at++) {
		if (*at < 0x20 || *at == 0x7f)
			*at = '?';
		else if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f) /* U+0080 to U+009F */
			at[0] = at[1] = '?';
	}
}

void table_add(table_t *table, const char *format, ...)
{
	va_list arguments;
	char *text = NULL;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	if (text == NULL || array_reserve((void **)&table->cells, &table->capacity,
					  table->count + 1, sizeof(*table->cells)) != ERR_OK) {
		table->has_failed = true;
		free(text);
		return;
	}
	table_clean(text);
	table->cells[table->count++] = text;
}

void table_add_bar(table_t *table, double length, double mark)
{
	if (array_reserve((void **)&table->bars, &table->bar_capacity, table->bar_count + 1,
			  sizeof(*table->bars)) != ERR_OK)
		table->has_failed = true;
	else
		table->bars[table->bar_count++] = (bar_t){ length, mark };
}

void table_use_blocks(table_t *table, bool is_wanted)
{
	table->has_blocks = is_wanted;
}

/* Does a character begin here? Those of UTF-8 are taken to be one column wide. */
static bool is_start(char byte)
{
	return ((unsigned char)byte & 0xc0) != 0x80;
}

static size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text != '\0'; text++)
		width += is_start(*text);
	return width;
}

/* Behind the first `width` characters of `text`. */
static const char *text_skip(const char *text, size_t width)
{
	while (*text != '\0' && (width > 0 || !is_start(*text)))
		width -= is_start(*text++);
	return text;
}

static void write_blanks(size_t count, FILE *out)
{
	while (count-- > 0)
		putc(' ', out);
}

/* Writes `text` in `width` columns; at the end of a line without blanks behind it. */
static void write_cell(const char *text, size_t width, bool is_right, bool is_last, FILE *out)
{
	size_t own = text_width(text);

	if (own > width) {
		size_t left = (width - DOTS_SIZE + 1) / 2;
		size_t right = width - DOTS_SIZE - left;

		fwrite(text, 1, (size_t)(text_skip(text, left) - text), out);
		fprintf(out, DOTS "%s", text_skip(text, own - right));
		return;
	}
	if (is_right && (own > 0 || !is_last))
		write_blanks(width - own, out);
	fputs(text, out);
	if (!is_right && !is_last)
		write_blanks(width - own, out);
}

/* How wide columns want to be, without bars. Returns the sum with gaps. */
static size_t find_widths(const table_t *table, size_t widths[TABLE_COLUMNS_MAX])
{
	size_t sum = 0;

	for (size_t i = 0; i < table->column_count; i++) {
		widths[i] = text_width(table->columns[i].title);
		for (size_t k = i; k < table->count; k += table->column_count) {
			size_t width = text_width(table->cells[k]);
			widths[i] = width > widths[i] ? width : widths[i];
		}
		sum += widths[i] + (i > 0 ? GAP : 0);
	}
	return sum;
}

/* How wide bars get, behind columns that need `sum` of `width` columns; 0: too little. */
static size_t bar_width(size_t sum, size_t width)
{
	size_t room = width == TABLE_WIDE ? BAR_TABLE_WIDTH : width;
	size_t rest = room > sum + GAP ? room - sum - GAP : 0;

	if (width == TABLE_WIDE && rest < BAR_MIN)
		rest = BAR_MIN;
	return rest < BAR_MIN ? 0 : rest > BAR_MAX ? BAR_MAX : rest;
}

/* Makes texts narrower, the widest first, until all fit. Returns false if that leaves too little. */
static bool shrink(const table_t *table, size_t widths[TABLE_COLUMNS_MAX], size_t *sum,
		   size_t width)
{
	while (*sum > width) {
		size_t widest = SIZE_MAX;

		for (size_t i = 0; i < table->column_count; i++) {
			if (!table->columns[i].is_number &&
			    (widest == SIZE_MAX || widths[i] > widths[widest]))
				widest = i;
		}
		if (widest == SIZE_MAX || widths[widest] <= CUT_MIN)
			return false;
		widths[widest]--;
		(*sum)--;
	}
	return true;
}

/* Writes the row that begins with cell `first`, or the titles if that is SIZE_MAX. */
static void write_row(const table_t *table, size_t first, const size_t *widths, size_t bars_width,
		      FILE *out)
{
	size_t row = first / table->column_count;
	bool has_bar = first != SIZE_MAX && bars_width > 0 && row < table->bar_count;

	for (size_t i = 0; i < table->column_count; i++) {
		if (i > 0)
			write_blanks(GAP, out);
		write_cell(first != SIZE_MAX ? table->cells[first + i] : table->columns[i].title,
			   widths[i], table->columns[i].is_number,
			   !has_bar && i + 1 == table->column_count, out);
	}
	if (has_bar) {
		write_blanks(GAP, out);
		bar_write(table->bars[row].length, table->bars[row].mark, bars_width,
			  table->has_blocks, out);
	}
	putc('\n', out);
}

/* A cell on each line, behind its title; what is empty is left out, and so are bars. */
static void write_lines(const table_t *table, char *const *cells, FILE *out)
{
	for (size_t i = 0; i < table->column_count; i++) {
		if (i == 0)
			fprintf(out, "%s\n", cells[i]);
		else if (cells[i][0] != '\0')
			fprintf(out, "  %s: %s\n", table->columns[i].title, cells[i]);
	}
}

/* Gives all columns their widths, and bars theirs, 0 for none. Returns false if that leaves too little
 * of texts. */
static bool fit(const table_t *table, size_t width, size_t widths[TABLE_COLUMNS_MAX],
		size_t *bars_width)
{
	const size_t wanted[] = { width / BAR_PART, BAR_MIN };
	size_t sum;

	/* Rather shorter texts with bars than all of them without. */
	for (size_t i = 0; table->bar_count > 0 && i < COUNT_OF(wanted); i++) {
		sum = find_widths(table, widths);
		if (wanted[i] >= BAR_MIN && width > GAP + wanted[i] &&
		    shrink(table, widths, &sum, width - GAP - wanted[i])) {
			*bars_width = bar_width(sum, width);
			return true;
		}
	}
	*bars_width = 0;
	sum = find_widths(table, widths);
	return shrink(table, widths, &sum, width);
}

err_t table_write(const table_t *table, size_t width, FILE *out)
{
	size_t widths[TABLE_COLUMNS_MAX];
	size_t bars_width;
	bool fits;

	if (table->has_failed)
		return ERR_NOMEM;
	fits = fit(table, width, widths, &bars_width);
	if (fits && table->count > 0)
		write_row(table, SIZE_MAX, widths, 0, out);
	for (size_t k = 0; k + table->column_count <= table->count; k += table->column_count) {
		if (fits)
			write_row(table, k, widths, bars_width, out);
		else
			write_lines(table, table->cells + k, out);
	}
	return ERR_OK;
}

size_t table_width_of(FILE *out)
{
	struct winsize window = { .ws_col = 0 };

	if (ioctl(fileno(out), TIOCGWINSZ, &window) != 0 || window.ws_col == 0)
		return TABLE_WIDE;
	return window.ws_col;
}
