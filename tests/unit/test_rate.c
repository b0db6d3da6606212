/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Rates as text. */

#include "base/rate.h"
#include "test.h"

#define SECOND RATE_TICKS_PER_S
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static const struct {
	const char *text;
	uint64_t interval; /* ticks; 0: no limit */
	uint64_t burst;    /* intervals */
} good[] = {
	/* units, in either case; a burst of one unit's worth */
	{ "1", SECOND, 1 },
	{ "1/s", SECOND, 1 },
	{ "2/S", SECOND / 2, 2 },
	{ "4/m", 15 * SECOND, 4 },
	{ "4/M", 15 * SECOND, 4 },
	{ "2/h", HOUR / 2, 2 },
	{ "1/d", DAY, 1 },
	{ "1/D", DAY, 1 },
	{ "00016", SECOND / 16, 16 },
	/* bursts */
	{ "1:5", SECOND, 5 },
	{ "128/s:1", SECOND / 128, 1 },
	{ "1/m:60", MINUTE, 60 },
	/* to whole ticks, the nearest */
	{ "3", (SECOND + 1) / 3, 3 },
	{ "100000", 42, 100000 },
	{ "99999", 42, 99999 },
	/* the most */
	{ "6000000/m:1", 42, 1 },
	{ "1/s:86400", SECOND, 86400 },
	{ "1/d:1", DAY, 1 },
	{ "999999999/d", (DAY + 499999999) / 999999999, 999999999 },
	/* no limit */
	{ "none", 0, 0 },
	{ "NONE", 0, 0 },
};

static const struct {
	const char *text;
	err_t err;
} bad[] = {
	{ "", ERR_SYNTAX },
	{ "x", ERR_SYNTAX },
	{ "/s", ERR_SYNTAX },
	{ "1/", ERR_SYNTAX },
	{ "1/w", ERR_SYNTAX },
	{ "1/ss", ERR_SYNTAX },
	{ "1s", ERR_SYNTAX },
	{ "1:", ERR_SYNTAX },
	{ "1:x", ERR_SYNTAX },
	{ "1:2:3", ERR_SYNTAX },
	{ "1:2/s", ERR_SYNTAX },
	{ "-1", ERR_SYNTAX },
	{ "+1", ERR_SYNTAX },
	{ " 1", ERR_SYNTAX },
	{ "1 ", ERR_SYNTAX },
	{ "1.5", ERR_SYNTAX },
	{ "nonesuch", ERR_SYNTAX },
	{ "non", ERR_SYNTAX },
	/* out of bounds */
	{ "0", ERR_RANGE },
	{ "0/d", ERR_RANGE },
	{ "5:0", ERR_RANGE },
	{ "100001", ERR_RANGE },
	{ "6000001/m", ERR_RANGE },
	{ "18446744073709551617", ERR_RANGE },
	{ "1:86401", ERR_RANGE },
	{ "1/d:2", ERR_RANGE },
	{ "100000:4294967296", ERR_RANGE },
	{ "100000:99999999999999999999", ERR_RANGE },
};

START_TEST(test_good_rates)
{
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		rate_t rate = { .interval = 77 };
		const char *why;

		ck_assert_msg(rate_parse(good[i].text, strlen(good[i].text), &rate, &why) == ERR_OK,
			      "%s: %s", good[i].text, why);
		ck_assert_msg(rate.interval == good[i].interval, "%s: %" PRIu64 " ticks",
			      good[i].text, rate.interval);
		ck_assert_msg(rate.span == good[i].burst * good[i].interval, "%s: span %" PRIu64,
			      good[i].text, rate.span);
		ck_assert_int_eq(rate_is_limit(&rate), good[i].interval > 0);
	}
}
END_TEST

START_TEST(test_bad_rates)
{
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		rate_t rate = { .interval = 77, .span = 78 };
		const char *why = NULL;

		ck_assert_msg(rate_parse(bad[i].text, strlen(bad[i].text), &rate, &why) ==
				      bad[i].err,
			      "%s", bad[i].text);
		ck_assert_ptr_nonnull(why);
		ck_assert(rate.interval == 77 && rate.span == 78);
	}
}
END_TEST

START_TEST(test_only_its_text)
{
	rate_t rate;
	const char *why;

	ck_assert_int_eq(rate_parse("1/m:9", 3, &rate, &why), ERR_OK);
	ck_assert(rate.interval == MINUTE && rate.span == MINUTE);
	ck_assert_int_eq(rate_parse("1\0", 2, &rate, &why), ERR_SYNTAX);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_good_rates, test_bad_rates, test_only_its_text };

	return run_tests("rate", tests, COUNT_OF(tests));
}
