/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Numbers as people read them. */

#include "test.h"

#include <math.h>

#include "base/attributes.h"
#include "tool/human.h"

static char text[HUMAN_MAX];

START_TEST(test_counts)
{
	static const struct {
		uint64_t number;
		const char *count;
		const char *bytes;
	} rows[] = {
		{ 0, "0", "0 B" },
		{ 999, "999", "999 B" },
		{ 1000, "1,000", "1.0 kB" },
		{ 9949, "9,949", "9.9 kB" },
		{ 9960, "9,960", "10 kB" },
		{ 123456, "123,456", "123 kB" },
		{ 999499, "999,499", "999 kB" },
		{ 999501, "999,501", "1.0 MB" },
		{ 13800000, "13,800,000", "14 MB" },
		{ UINT64_MAX, "18,446,744,073,709,551,615", "18 EB" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		ck_assert_str_eq(human_count(rows[i].number, text), rows[i].count);
		ck_assert_str_eq(human_bytes(rows[i].number, text), rows[i].bytes);
	}
}
END_TEST

START_TEST(test_times)
{
	static const struct {
		double seconds;
		const char *duration;
		const char *age;
	} rows[] = {
		{ -5, "0.00 s", "0 s" },       { 0, "0.00 s", "0 s" },
		{ 0.4149, "0.41 s", "0 s" },   { 9.99, "9.99 s", "10 s" },
		{ 9.999, "10 s", "10 s" },     { 119, "119 s", "119 s" },
		{ 120, "2 min", "2 min" },     { 7199, "120 min", "120 min" },
		{ 7200, "2 h", "2 h" },        { 172800, "2 d", "2 d" },
		{ 1e9, "11574 d", "11574 d" }, { (double)NAN, "0.00 s", "0 s" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		ck_assert_str_eq(human_duration(rows[i].seconds, text), rows[i].duration);
		ck_assert_str_eq(human_age(rows[i].seconds, text), rows[i].age);
	}
}
END_TEST

START_TEST(test_rates)
{
	ck_assert_str_eq(human_rate(0, text), "0.0");
	ck_assert_str_eq(human_rate(-1, text), "0.0");
	ck_assert_str_eq(human_rate(0.25, text), "0.2");
	ck_assert_str_eq(human_rate(99.94, text), "99.9");
	ck_assert_str_eq(human_rate(99.96, text), "100");
	ck_assert_str_eq(human_rate(2313.6, text), "2,314");
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_counts, test_times, test_rates };

	return run_tests("human", tests, COUNT_OF(tests));
}
