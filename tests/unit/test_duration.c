/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Times with a unit: each row was also given to rbldnsd, which agrees. */

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"

static const struct {
	const char *text;
	err_t err;
	uint32_t seconds;
} rows[] = {
	/* units, in either case */
	{ "0", ERR_OK, 0 },
	{ "5", ERR_OK, 5 },
	{ "5s", ERR_OK, 5 },
	{ "5S", ERR_OK, 5 },
	{ "1m", ERR_OK, 60 },
	{ "1M", ERR_OK, 60 },
	{ "1h", ERR_OK, 3600 },
	{ "2D", ERR_OK, 172800 },
	{ "1w", ERR_OK, 604800 },
	{ "1W", ERR_OK, 604800 },
	/* leading zeros */
	{ "08", ERR_OK, 8 },
	{ "00005m", ERR_OK, 300 },
	{ "000000000000000000000000000001h", ERR_OK, 3600 },
	/* the largest, and one more */
	{ "4294967295", ERR_OK, UINT32_MAX },
	{ "4294967296", ERR_RANGE, 0 },
	{ "7101w", ERR_OK, 4294684800 },
	{ "7102w", ERR_RANGE, 0 },
	{ "71582788m", ERR_OK, 4294967280 },
	{ "71582789m", ERR_RANGE, 0 },
	{ "18446744073709551616", ERR_RANGE, 0 },
	{ "99999999999999999999999999999999w", ERR_RANGE, 0 },
	/* not durations */
	{ "", ERR_SYNTAX, 0 },
	{ "h", ERR_SYNTAX, 0 },
	{ "1x", ERR_SYNTAX, 0 },
	{ "1hh", ERR_SYNTAX, 0 },
	{ "1h30m", ERR_SYNTAX, 0 },
	{ "1.5h", ERR_SYNTAX, 0 },
	{ " 5", ERR_SYNTAX, 0 },
	{ "5 s", ERR_SYNTAX, 0 },
	{ "-5", ERR_SYNTAX, 0 },
	{ "+5", ERR_SYNTAX, 0 },
	{ "0x10", ERR_SYNTAX, 0 },
};

START_TEST(test_duration_parse)
{
	const size_t row = (size_t)_i;
	uint32_t seconds = 77;
	err_t err = duration_parse(rows[row].text, strlen(rows[row].text), &seconds);

	ck_assert_msg(err == rows[row].err, "'%s': %s", rows[row].text, err_text(err));
	ck_assert_uint_eq(seconds, err == ERR_OK ? rows[row].seconds : 77);
}
END_TEST

START_TEST(test_duration_size)
{
	uint32_t seconds;

	/* Only what it was given counts. */
	ck_assert_int_eq(duration_parse("12h", 1, &seconds), ERR_OK);
	ck_assert_uint_eq(seconds, 1);
	ck_assert_int_eq(duration_parse("1\0h", 3, &seconds), ERR_SYNTAX);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("duration");
	TCase *tcase = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tcase, test_duration_parse, 0, (int)COUNT_OF(rows));
	tcase_add_test(tcase, test_duration_size);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
