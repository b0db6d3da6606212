/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Text that ends where the terminal does. */

#include "test.h"

#include "base/attributes.h"
#include "tool/paragraph.h"
#include "tool/table.h"

static char *text;
static size_t text_size;
static FILE *out;

static void open_text(void)
{
	out = open_memstream(&text, &text_size);
}

static void must_be(const char *expected)
{
	fclose(out);
	ck_assert_str_eq(text, expected);
	free(text);
}

START_TEST(test_words)
{
	paragraph_t line;

	open_text();
	line = paragraph_begin(out, 20, 6, "Sum");
	paragraph_add(&line, "one  two %s", "three four");
	paragraph_add(&line, "five-and-a-half six");
	paragraph_end(&line);
	must_be("Sum   one two three\n"
		"      four\n"
		"      five-and-a-half\n"
		"      six\n");

	/* Nothing but a label: no blanks behind it. */
	open_text();
	line = paragraph_begin(out, 20, 6, "Sum");
	paragraph_add(&line, "%s", "");
	paragraph_end(&line);
	must_be("Sum\n");

	/* Where the label takes more than half, further lines begin at the left. */
	open_text();
	line = paragraph_begin(out, 11, 6, "Sum");
	paragraph_add(&line, "one three five\033[2J");
	paragraph_end(&line);
	must_be("Sum   one\n"
		"  three\n"
		"  five?[2J\n");
	open_text();
	line = paragraph_begin(out, 10, 6, "Sum");
	paragraph_add(&line, "eleven");
	paragraph_end(&line);
	must_be("Sum\n"
		"  eleven\n");
}
END_TEST

START_TEST(test_what_is_not_parted)
{
	paragraph_t line;

	open_text();
	line = paragraph_begin(out, 20, 2, "- ");
	paragraph_add(&line, "say");
	paragraph_add_whole(&line, "'ipvsadm -L -n'");
	paragraph_add(&line, "now.");
	paragraph_end(&line);
	must_be("- say\n"
		"  'ipvsadm -L -n'\n"
		"  now.\n");

	/* Unless it would not fit anywhere. */
	open_text();
	line = paragraph_begin(out, 12, 2, "- ");
	paragraph_add(&line, "say");
	paragraph_add_whole(&line, "'ipvsadm -L -n'");
	paragraph_end(&line);
	must_be("- say\n"
		"  'ipvsadm\n"
		"  -L -n'\n");

	/* Pieces stand apart. */
	open_text();
	line = paragraph_begin(out, 20, 4, "all");
	for (int i = 1; i < 5; i++)
		paragraph_add_piece(&line, "p%d %d", i, i);
	paragraph_end(&line);
	must_be("all p1 1  p2 2  p3 3\n"
		"    p4 4\n");
}
END_TEST

/* Long lines are hard to read, terminal or not. */
START_TEST(test_width)
{
	static const struct {
		size_t width, most;
	} rows[] = { { 30, 30 }, { TABLE_WIDE, 80 }, { 300, 100 } };

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t longest = 0;

		open_text();
		paragraph_t line = paragraph_begin(out, rows[i].width, 0, "");
		for (unsigned k = 0; k < 200; k++)
			paragraph_add(&line, "x");
		paragraph_end(&line);
		fclose(out);
		for (char *at = strtok(text, "\n"); at != NULL; at = strtok(NULL, "\n"))
			longest = strlen(at) > longest ? strlen(at) : longest;
		ck_assert_uint_le(longest, rows[i].most);
		ck_assert_uint_ge(longest, rows[i].most - 1);
		free(text);
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_words, test_what_is_not_parted, test_width };

	return run_tests("paragraph", tests, COUNT_OF(tests));
}
