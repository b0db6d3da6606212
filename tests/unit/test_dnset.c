/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Whole small files of dnset and dnhash, loaded and asked. */

#include "test.h"

#include "dataset_fixture.h"

static void check_names(const char *type)
{
	dataset_t *dataset = load_text(type, "plain.com\n"
					     ":2:default $\n"
					     "*.wild.com wild $\n"
					     ".both.com :3:both $\n"
					     "both.com :4:plain $\n"
					     "!bad.both.com\n"
					     "!*.none.both.com\n"
					     "ok.none.both.com\n"
					     "! .gone.com text\n"
					     ".gone.com\n"
					     "UPPER.com #comment\n"
					     "a@b.com\n"
					     "*.*.star.com\n"
					     "glued.com:9:text\n"
					     "deep.er.than.net\n"
					     "same.com :5\n"
					     "same.com :5\n"
					     ".\n"
					     "zero.com :0:\n");

	ck_assert_str_eq(ask(dataset, "plain.com"), "127.0.0.2");
	ck_assert_str_eq(ask(dataset, "x.plain.com"), "nothing");
	ck_assert_str_eq(ask(dataset, "wild.com"), "below");
	/* The text is about the listed name. */
	ck_assert_str_eq(ask(dataset, "x.wild.com"), "127.0.0.2 'wild wild.com'");
	ck_assert_str_eq(ask(dataset, "y.x.wild.com"), "127.0.0.2 'wild wild.com'");
	ck_assert_str_eq(ask(dataset, "x.both.com"), "127.0.0.3 'both both.com'");
	ck_assert_str_eq(ask(dataset, "both.com"),
			 "127.0.0.3 127.0.0.4 'both both.com' 'plain both.com'");
	ck_assert_str_eq(ask(dataset, "x.bad.both.com"), "127.0.0.3 'both both.com'");
	ck_assert_str_eq(ask(dataset, "bad.both.com"), "below");
	ck_assert_str_eq(ask(dataset, "none.both.com"), "127.0.0.3 'both both.com'");
	ck_assert_str_eq(ask(dataset, "x.none.both.com"), "nothing");
	ck_assert_str_eq(ask(dataset, "ok.none.both.com"), "127.0.0.2 'default ok.none.both.com'");
	ck_assert_str_eq(ask(dataset, "x.ok.none.both.com"), "nothing");
	ck_assert_str_eq(ask(dataset, "gone.com"), "nothing");
	ck_assert_str_eq(ask(dataset, "x.gone.com"), "nothing");
	ck_assert_str_eq(ask(dataset, "upper.com"), "127.0.0.2 'default upper.com'");
	ck_assert_str_eq(ask(dataset, "a@b.com"), "127.0.0.2 'default a\\@b.com'");
	ck_assert_str_eq(ask(dataset, "x.*.star.com"), "127.0.0.2 'default *.star.com'");
	ck_assert_str_eq(ask(dataset, "x.y.star.com"), "nothing");
	ck_assert_str_eq(ask(dataset, "glued.com"), "nothing");
	ck_assert_str_eq(ask(dataset, "glued.com:9:text"), "127.0.0.2 'default glued.com:9:text'");
	ck_assert_str_eq(ask(dataset, "than.net"), "below");
	ck_assert_str_eq(ask(dataset, "net"), "below");
	ck_assert_str_eq(ask(dataset, "same.com"), "127.0.0.5 'default same.com'");
	ck_assert_str_eq(ask(dataset, "zero.com"), "nothing");
	ck_assert_str_eq(ask(dataset, "org"), "nothing");
	ck_assert_uint_eq(dataset->entries, 16);
	dataset_free(dataset);
}

START_TEST(test_dnset)
{
	check_names("dnset");
}
END_TEST

START_TEST(test_dnhash)
{
	check_names("dnhash");
}
END_TEST

/* An empty file is a valid list. */
START_TEST(test_empty)
{
	dataset_t *dataset = load_text("dnset", "# nothing\n");

	ck_assert_str_eq(ask(dataset, "example.com"), "nothing");
	ck_assert_uint_eq(dataset->entries, 0);
	dataset_free(dataset);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_dnset, test_dnhash, test_empty };

	return run_tests("dnset", tests, COUNT_OF(tests));
}
