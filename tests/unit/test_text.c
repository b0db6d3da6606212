/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Words and blanks of a line. */

#include "test.h"

#include "base/attributes.h"
#include "zonefile/text.h"

START_TEST(test_blanks)
{
	/* Only two of all bytes are blanks, whatever the locale says. */
	for (int c = -128; c < 128; c++)
		ck_assert_int_eq(text_is_blank((char)c), c == ' ' || c == '\t');

	static const char line[] = " \t \tx y";
	text_t text = { line, line + strlen(line) };
	text_skip_blanks(&text);
	ck_assert_ptr_eq(text.at, strchr(line, 'x'));
	text_skip_blanks(&text);
	ck_assert_ptr_eq(text.at, strchr(line, 'x'));
	text = (text_t){ line, line + 4 };
	text_skip_blanks(&text);
	ck_assert(text_is_empty(text));
}
END_TEST

START_TEST(test_take_word)
{
	static const struct {
		const char *line;
		const char *words[4]; /* empty ones behind the last */
	} rows[] = {
		{ "", { "", "", "", "" } },
		{ "one", { "one", "", "", "" } },
		{ "one two  three\t\tfour", { "one", "two", "three", "four" } },
		{ "one \t ", { "one", "", "", "" } },
		/* A leading blank is an empty word, which lines never have: readers strip them. */
		{ " one", { "", "one", "", "" } },
		/* Nothing else separates. */
		{ "a\rb\vc\fd\n;# e", { "a\rb\vc\fd\n;#", "e", "", "" } },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		text_t text = { rows[i].line, rows[i].line + strlen(rows[i].line) };
		for (size_t j = 0; j < 4; j++) {
			text_t word = text_take_word(&text);
			ck_assert_msg(text_size(word) == strlen(rows[i].words[j]) &&
					      memcmp(word.at, rows[i].words[j], text_size(word)) ==
						      0,
				      "word %zu of \"%s\"", j, rows[i].line);
		}
		ck_assert(text_is_empty(text));
	}
}
END_TEST

START_TEST(test_is_word)
{
	static const char line[] = "TxT\0x";

	ck_assert(text_is_word((text_t){ line, line + 3 }, "TXT"));
	ck_assert(text_is_word((text_t){ line, line + 3 }, "txt"));
	ck_assert(!text_is_word((text_t){ line, line + 3 }, "TX"));
	ck_assert(!text_is_word((text_t){ line, line + 3 }, "TXTX"));
	ck_assert(!text_is_word((text_t){ line, line + 2 }, "TXT"));
	/* A NUL is a byte like others. */
	ck_assert(!text_is_word((text_t){ line, line + 5 }, "TXT"));
	ck_assert(text_is_word((text_t){ line, line }, ""));
}
END_TEST

START_TEST(test_is_done)
{
	static const char line[] = "#; x";

	ck_assert(text_is_done((text_t){ line, line + 1 }));
	ck_assert(text_is_done((text_t){ line + 1, line + 4 }));
	ck_assert(!text_is_done((text_t){ line + 2, line + 4 }));
	ck_assert(!text_is_done((text_t){ line + 3, line + 4 }));
	ck_assert(text_is_done((text_t){ line, line }));
	ck_assert(text_is_done((text_t){ NULL, NULL }));
	ck_assert(text_at((text_t){ line, line + 1 }, '#'));
	ck_assert(!text_at((text_t){ line, line }, '#'));
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_blanks,
		test_take_word,
		test_is_word,
		test_is_done,
	};

	return run_tests("text", tests, COUNT_OF(tests));
}
