/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Durations in buckets, and their percentiles. */

#include "base/attributes.h"
#include "base/histogram.h"
#include "test.h"

START_TEST(test_percentiles)
{
	static histogram_t histogram;

	ck_assert_uint_eq(histogram_percentile(&histogram, 0.5), 0);
	for (uint64_t value = 1; value <= 100000; value++)
		histogram_add(&histogram, value);
	for (unsigned percent = 1; percent <= 100; percent++) {
		uint64_t value = histogram_percentile(&histogram, percent / 100.0);
		uint64_t exact = percent * 1000u;
		MUST(value >= exact && value <= exact + exact / HISTOGRAM_STEPS + 1,
		     "%u %%: %" PRIu64, percent, value);
	}
	histogram_add(&histogram, UINT64_MAX);
	ck_assert_uint_eq(histogram_percentile(&histogram, 1), UINT64_MAX >> 24);
	ck_assert_uint_eq(histogram.max_us, UINT64_MAX);
}
END_TEST

/* Proves that two halves are the whole. */
START_TEST(test_merge)
{
	static histogram_t whole;
	static histogram_t parts[2];

	random_start(0);
	for (unsigned i = 0; i < 100000; i++) {
		uint64_t value = random_64() >> (20 + random_below(40));
		histogram_add(&whole, value);
		histogram_add(&parts[random_below(2)], value);
	}
	histogram_merge(&parts[0], &parts[1]);
	ck_assert_mem_eq(&parts[0], &whole, sizeof(whole));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_percentiles, test_merge };

	return run_tests("histogram", tests, COUNT_OF(tests));
}
