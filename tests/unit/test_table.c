/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Tables that fit any width: exact ones, and random ones that must keep to it. */

#include "test.h"

#include "base/attributes.h"
#include "tool/table.h"

static const table_column_t columns[] = {
	{ "NAME", false },
	{ "COUNT", true },
	{ "TEXT", false },
};

static void must_write(const table_t *table, size_t width, const char *expected)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	ck_assert_int_eq(table_write(table, width, out), ERR_OK);
	fclose(out);
	ck_assert_str_eq(text, expected);
	free(text);
}

START_TEST(test_widths)
{
	table_t *table = table_new(columns, COUNT_OF(columns));

	must_write(table, 80, "");
	table_add(table, "%s", "alpha");
	table_add(table, "%d", 7);
	table_add(table, "%s", "abcdefghijklmnopqrstuvwxyz");
	table_add(table, "%s", "\xc3\xa4");
	table_add(table, "%d", 123456);
	table_add(table, "%s", "");
	must_write(table, TABLE_WIDE,
		   "NAME    COUNT  TEXT\n"
		   "alpha       7  abcdefghijklmnopqrstuvwxyz\n"
		   "\xc3\xa4      123456  \n");
	must_write(table, 41,
		   "NAME    COUNT  TEXT\n"
		   "alpha       7  abcdefghijklmnopqrstuvwxyz\n"
		   "\xc3\xa4      123456  \n");
	must_write(table, 30,
		   "NAME    COUNT  TEXT\n"
		   "alpha       7  abcdef...uvwxyz\n"
		   "\xc3\xa4      123456  \n");
	must_write(table, 27,
		   "NAME    COUNT  TEXT\n"
		   "alpha       7  abcde...wxyz\n"
		   "\xc3\xa4      123456  \n");
	/* Too narrow: a line for each cell, none for what is empty. */
	must_write(table, 26,
		   "alpha\n"
		   "  COUNT: 7\n"
		   "  TEXT: abcdefghijklmnopqrstuvwxyz\n"
		   "\xc3\xa4\n"
		   "  COUNT: 123456\n");
	table_free(table);
	table_free(NULL);
}
END_TEST

/* Bars get what is left, and give way when that is too little. */
START_TEST(test_bars)
{
	static const table_column_t name[] = { { "NAME", false } };
	table_t *table = table_new(name, COUNT_OF(name));

	table_add(table, "%s", "abcdefghijklmnop");
	table_add_bar(table, 1, 0.5);
	table_add(table, "%s", "half");
	table_add_bar(table, 0.5, 0.75);
	table_add(table, "%s", "little");
	table_add_bar(table, 0.0001, 0.75);
	table_add(table, "%s", "nothing");
	table_add_bar(table, 0, 0.75);
	table_add(table, "%s", "too much");
	table_add_bar(table, 7, -1);
	must_write(table, 26,
		   "NAME\n"
		   "abcdefghijklmnop  ########\n"
		   "half              ####  |\n"
		   "little            #     |\n"
		   "nothing                 |\n"
		   "too much          ########\n");
	/* A name is cut for them, but not below 12 columns; then they are left out. */
	must_write(table, 22,
		   "NAME\n"
		   "abcde...mnop  ########\n"
		   "half          ####  |\n"
		   "little        #     |\n"
		   "nothing             |\n"
		   "too much      ########\n");
	must_write(table, 21,
		   "NAME\n"
		   "abcdefghijklmnop\n"
		   "half\n"
		   "little\n"
		   "nothing\n"
		   "too much\n");
	table_free(table);

	/* In Unicode the width of a column has eight steps. */
	table = table_new(name, COUNT_OF(name));
	table_use_blocks(table, true);
	table_add(table, "%s", "x");
	table_add_bar(table, 1, 0);
	table_add(table, "%s", "y");
	table_add_bar(table, 21. / 64, 0.5);
	table_add(table, "%s", "z");
	table_add_bar(table, 1e-9, 0.5);
	must_write(table, 14,
		   "NAME\n"
		   "x     \u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\n"
		   "y     \u2588\u2588\u258b \u2502\n"
		   "z     \u258f   \u2502\n");
	table_free(table);
}
END_TEST

/* Without a terminal nothing is cut, and a table takes 80 columns if it can. */
START_TEST(test_bars_without_a_terminal)
{
	static const table_column_t name[] = { { "NAME", false } };
	static const struct {
		int name, bar;
	} rows[] = { { 4, 60 }, { 30, 48 }, { 70, 8 }, { 100, 8 } };

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		table_t *table = table_new(name, COUNT_OF(name));
		char expected[512];

		table_add(table, "%0*d", rows[i].name, 0);
		table_add_bar(table, 1, 0);
		snprintf(expected, sizeof(expected), "NAME\n%0*d  %.*s\n", rows[i].name, 0,
			 rows[i].bar,
			 "############################################################");
		must_write(table, TABLE_WIDE, expected);
		table_free(table);
	}
}
END_TEST

START_TEST(test_nothing_upsets_the_terminal)
{
	char text[] = "a\x1b[2J\n\t\x7f \xc2\x9b"
		      "2J \xc2\xa0\xc3\xa4";

	table_clean(text);
	ck_assert_str_eq(text, "a?[2J??? ??2J \xc2\xa0\xc3\xa4");
}
END_TEST

/* No line of a table is too long, and nothing is cut that need not be. */
START_TEST(test_random)
{
	random_start(1);
	for (unsigned run = 0; run < 2000; run++) {
		table_t *table = table_new(columns, COUNT_OF(columns));
		size_t width = 1 + random_below(100);
		size_t wanted = 0;
		char *text = NULL;
		size_t size = 0;
		size_t longest = 0;
		bool is_table = false;
		FILE *out;

		for (unsigned i = 0; i < 3 * (1 + random_below(4)); i++) {
			unsigned length = random_below(i % 3 == 1 ? 8 : 60);
			table_add(table, "%.*s", (int)length,
				  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
		}
		for (unsigned pass = 0; pass < 2; pass++) {
			out = open_memstream(&text, &size);
			ck_assert_int_eq(table_write(table, pass == 0 ? TABLE_WIDE : width, out),
					 ERR_OK);
			fclose(out);
			longest = 0;
			is_table = strncmp(text, "NAME ", 5) == 0;
			for (char *line = strtok(text, "\n"); line != NULL;
			     line = strtok(NULL, "\n"))
				longest = strlen(line) > longest ? strlen(line) : longest;
			wanted = pass == 0 ? longest : wanted;
			free(text);
			text = NULL;
		}
		if (is_table)
			MUST(longest <= width, "run %u: %zu in %zu", run, longest, width);
		if (wanted <= width)
			MUST(is_table, "run %u: %zu in %zu", run, wanted, width);
		table_free(table);
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_widths, test_bars, test_bars_without_a_terminal,
				 test_nothing_upsets_the_terminal, test_random };

	return run_tests("table", tests, COUNT_OF(tests));
}
