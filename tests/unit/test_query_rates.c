/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Queries per second of late, against a list of all that there was. */

#include "test.h"

#include <math.h>

#include "base/attributes.h"
#include "daemon/query_rates.h"

START_TEST(test_few)
{
	query_rates_t rates = { .count = NULL };

	ck_assert(query_rates_of(&rates, 1) == 0);
	query_rates_look(&rates, 100, 5);
	ck_assert(query_rates_of(&rates, 60) == 0);
	query_rates_look(&rates, 102, 25);
	ck_assert(query_rates_of(&rates, 1) == 10);
	ck_assert(query_rates_of(&rates, 60) == 10);
	/* A clock that stands still. */
	query_rates_look(&rates, 102, 30);
	ck_assert(query_rates_of(&rates, 1) == 0);
}
END_TEST

START_TEST(test_model)
{
	enum { LOOKS = 500 };
	static double times[LOOKS];
	static uint64_t counts[LOOKS];
	query_rates_t rates = { .count = NULL };

	random_start(1);
	for (unsigned i = 0; i < LOOKS; i++) {
		times[i] = (i > 0 ? times[i - 1] : 0) + 0.5 + random_below(1000) / 1000.0;
		counts[i] = (i > 0 ? counts[i - 1] : 0) + random_below(10000);
		query_rates_look(&rates, times[i], counts[i]);
		for (unsigned seconds = 1; i > 0 && seconds <= QUERY_RATES_MAX_S; seconds++) {
			unsigned from = i > seconds ? i - seconds : 0;
			double expected =
				(double)(counts[i] - counts[from]) / (times[i] - times[from]);

			MUST(fabs(query_rates_of(&rates, seconds) - expected) < 1e-6,
			     "look %u, %u seconds", i, seconds);
		}
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_few, test_model };

	return run_tests("query_rates", tests, COUNT_OF(tests));
}
