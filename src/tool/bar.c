/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/bar.h"

#include <langinfo.h>
#include <locale.h>
#include <string.h>

/* Of a block character: bytes of its UTF-8, and the steps that there are in a column. */
#define BLOCK_SIZE  3
#define BLOCK_STEPS 8
/* U+2502, a vertical line. */
#define LINE "\u2502"

void bar_write(double length, double mark, size_t width, bool has_blocks, FILE *out)
{
	/* U+258F to U+2588: an eighth to all of a column, from the left. */
	static const char blocks[] = "\u258f\u258e\u258d\u258c\u258b\u258a\u2589\u2588";
	size_t per_column = has_blocks ? BLOCK_STEPS : 1;
	double part = length > 1 ? 1 : length > 0 ? length : 0;
	size_t steps = (size_t)(part * (double)(width * per_column) + 0.5);
	size_t marked = mark > 0 ? (size_t)(mark * (double)width) : 0;
	size_t column = 0;

	if (steps == 0 && part > 0)
		steps = 1;
	for (; steps > 0; column++) {
		size_t filled = steps < per_column ? steps : per_column;

		if (has_blocks)
			fwrite(blocks + (filled - 1) * BLOCK_SIZE, 1, BLOCK_SIZE, out);
		else
			putc('#', out);
		steps -= filled;
	}
	if (mark > 0 && marked >= column && marked < width)
		fprintf(out, "%*s%s", (int)(marked - column), "", has_blocks ? LINE : "|");
}

bool bar_has_utf8(void)
{
	/* Not setlocale: that would change for the whole process what isprint and others say. */
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool has_utf8;

	if (locale == (locale_t)0)
		return false;
	has_utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
	freelocale(locale);
	return has_utf8;
}
