/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* The spread over servers, against values worked out by hand. */

#include "test.h"

#include <math.h>

#include "spray_fixture.h"
#include "tool/spray_spread.h"
#include "tool/spray_words.h"

static spray_result_t result;
static spray_spread_t spread;

static void find(void)
{
	ck_assert_int_eq(spray_spread_find(&result, &spread), ERR_OK);
}

START_TEST(test_verdicts)
{
	static const struct {
		unsigned counts[8];
		size_t servers;
		double mean, max_to_mean;
		const char *words;
	} rows[] = {
		/* The report from 2008: 2,500 random ports, 8 servers. */
		{ { 264, 258, 256, 252, 250, 252, 252, 252 }, 8, 254.5, 264 / 254.5, "even" },
		/* One-packet scheduling. */
		{ { 500, 500, 500, 500, 500, 500, 500, 500 }, 8, 500, 1, "even" },
		/* 13 % more, but no more than chance may give: 564 - 500 < 4 sqrt(500 * 7/8) = 83.7. */
		{ { 564, 491, 491, 490, 491, 491, 491, 491 }, 8, 500, 1.128, "even" },
		/* The same of ten times as many is no chance: 640 > 4 sqrt(5000 * 7/8) = 264.6. */
		{ { 5640, 4910, 4910, 4900, 4910, 4910, 4910, 4910 }, 8, 5000, 1.128, "uneven" },
		/* No chance either, but less than a tenth: who would mind? */
		{ { 50000, 54000, 46000 }, 3, 50000, 1.08, "even" },
		/* dnsdist with 8 sockets. */
		{ { 500, 500, 500, 501, 2, 500, 1000, 500 }, 8, 500.375, 1000 / 500.375, "uneven" },
		/* One has less, as it was down for a while. */
		{ { 500, 500, 500, 500, 500, 500, 500, 50 }, 8, 443.75, 500 / 443.75, "uneven" },
		/* Weights 1 1 1 1 2 2 2 4 of the director. */
		{ { 286, 286, 286, 286, 571, 571, 571, 1143 }, 8, 500, 2.286, "uneven" },
		/* dnsdist at its default. */
		{ { 1, 1, 4000 }, 3, 4002. / 3, 4000 / (4002. / 3), "pinned to 1 of 3 seen" },
		{ { 2000, 1, 2000, 1 }, 4, 1000.5, 2000 / 1000.5, "pinned to 2 of 4 seen" },
		{ { 4000 }, 1, 4000, 1, "pinned to 1 of 1 seen" },
		{ { 2000, 2000 }, 2, 2000, 1, "even" },
		{ { 1900, 100 }, 2, 1000, 1.9, "pinned to 1 of 2 seen" },
		{ { 1899, 101 }, 2, 1000, 1.899, "uneven" },
		/* Too few to tell. */
		{ { 3, 1, 2 }, 3, 2, 1.5, "even" },
	};
	char text[SPRAY_WORDS_MAX];

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		result_start(&result);
		result_add_all(&result, rows[i].counts, rows[i].servers);
		find();
		ck_assert_uint_eq(spread.servers, rows[i].servers);
		ck_assert_uint_eq(spread.answers, result.answered);
		ck_assert_uint_eq(spread.unnamed, 0);
		ck_assert_double_eq_tol(spread.mean, rows[i].mean, 1e-9);
		ck_assert_double_eq_tol(spread.max_to_mean, rows[i].max_to_mean, 1e-9);
		MUST(strcmp(spray_words_verdict(&spread, text), rows[i].words) == 0, "row %zu: %s",
		     i, spray_words_verdict(&spread, text));
		spray_result_clear(&result);
	}
}
END_TEST

/* Servers that give no answer count if it is said that they are there. */
START_TEST(test_servers_told)
{
	static const struct {
		unsigned counts[4];
		size_t seen;
		unsigned told;
		double max_to_mean;
		const char *words;
	} rows[] = {
		{ { 4000 }, 1, 8, 8, "pinned to 1 of 8" },
		{ { 4000 }, 1, 1, 1, "even" },
		{ { 2000, 2000 }, 2, 8, 4, "pinned to 2 of 8" },
		{ { 1000, 1000, 1000 }, 3, 4, 4. / 3, "uneven" },
		{ { 1000, 1000 }, 2, 2, 1, "even" },
		/* There are more than he thinks. */
		{ { 1000, 1000, 1000 }, 3, 2, 1, "even" },
	};
	char text[SPRAY_WORDS_MAX];

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		result_start(&result);
		result_add_all(&result, rows[i].counts, rows[i].seen);
		result.setup.servers = rows[i].told;
		find();
		ck_assert_uint_eq(spread.seen, rows[i].seen);
		ck_assert_uint_eq(spread.min, rows[i].told > rows[i].seen ? 0 : rows[i].counts[0]);
		ck_assert_double_eq_tol(spread.max_to_mean, rows[i].max_to_mean, 1e-9);
		ck_assert_str_eq(spray_words_verdict(&spread, text), rows[i].words);
		spray_result_clear(&result);
	}
}
END_TEST

/* Who does not say who he is has no place among servers, but is not forgotten. */
START_TEST(test_unnamed)
{
	result_start(&result);
	find();
	ck_assert_int_eq(spread.verdict, SPRAY_UNKNOWN);
	ck_assert_uint_eq(spread.servers, 0);
	ck_assert_double_eq(spread.max_to_mean, 0);

	result_add(&result, NULL, 0, 70);
	find();
	ck_assert_int_eq(spread.verdict, SPRAY_UNKNOWN);
	ck_assert_uint_eq(spread.unnamed, 70);
	ck_assert_double_eq(spread.max_to_mean, 0);

	/* An empty identifier is one. */
	result_add(&result, "", 0, 30);
	result_add(&result, "s1", 2, 30);
	find();
	ck_assert_int_eq(spread.verdict, SPRAY_EVEN);
	ck_assert_uint_eq(spread.servers, 2);
	ck_assert_uint_eq(spread.answers, 60);
	ck_assert_uint_eq(spread.unnamed, 70);
	ck_assert_double_eq(spread.max_to_mean, 1);
	spray_result_clear(&result);
}
END_TEST

START_TEST(test_order)
{
	static const char *const names[] = { "s10", "s9", "a", "s2", "s1" };
	spray_rows_t rows;

	result_start(&result);
	result_add(&result, NULL, 0, 5);
	for (unsigned i = 0; i < COUNT_OF(names); i++)
		result_add(&result, names[i], strlen(names[i]), i + 1);
	ck_assert_int_eq(spray_rows_make(&result, 6, &rows), ERR_OK);
	ck_assert_uint_eq(rows.count, 6);
	ck_assert_uint_eq(rows.rest, 0);
	ck_assert_str_eq(rows.servers[0]->text, "a");
	ck_assert_str_eq(rows.servers[1]->text, "s1");
	ck_assert_str_eq(rows.servers[2]->text, "s2");
	ck_assert_str_eq(rows.servers[3]->text, "s9");
	ck_assert_str_eq(rows.servers[4]->text, "s10");
	ck_assert(!rows.servers[5]->has_nsid);
	spray_rows_clear(&rows);

	/* Those that have most: s1 (5), s2 (4) and no one (5). */
	ck_assert_int_eq(spray_rows_make(&result, 3, &rows), ERR_OK);
	ck_assert_uint_eq(rows.count, 3);
	ck_assert_str_eq(rows.servers[0]->text, "s1");
	ck_assert_str_eq(rows.servers[1]->text, "s2");
	ck_assert(!rows.servers[2]->has_nsid);
	ck_assert_uint_eq(rows.rest, 3);
	ck_assert_uint_eq(rows.rest_answers, 1 + 2 + 3);
	spray_rows_clear(&rows);
	spray_result_clear(&result);
}
END_TEST

START_TEST(test_entropy)
{
	static const struct {
		uint64_t counts[8];
		size_t size;
		double bits;
	} rows[] = {
		{ { 0 }, 0, 0 },
		{ { 0, 0 }, 2, 0 },
		{ { 7 }, 1, 0 },
		{ { 5, 5 }, 2, 1 },
		{ { 1, 1, 1, 1, 1, 1, 1, 1 }, 8, 3 },
		{ { 9, 0, 9, 0, 9, 0, 9 }, 7, 2 },
		/* A fast server, for a day. */
		{ { UINT64_C(3) << 33, UINT64_C(1) << 33 }, 2, 0.81127812445913283 },
		/* 1/2 1/4 1/8 1/8: 1/2 + 2/4 + 3/8 + 3/8. */
		{ { 400, 200, 100, 100 }, 4, 1.75 },
		/* 3/4 1/4: 2 - 3/4 log2 3. */
		{ { 3, 1 }, 2, 0.81127812445913283 },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		ck_assert_double_eq_tol(spray_entropy_bits(rows[i].counts, rows[i].size),
					rows[i].bits, 1e-12);
}
END_TEST

/* Of 1 to 1000 microseconds each once, and one of 7 s. */
START_TEST(test_percentiles)
{
	histogram_t *histogram = calloc(1, sizeof(*histogram));
	static const struct {
		double share;
		double value_us;
	} rows[] = { { 0.5, 501 }, { 0.9, 901 }, { 0.99, 991 }, { 0.999, 1000 }, { 1, 7000000 } };

	for (uint64_t i = 1; i <= 1000; i++)
		histogram_add(histogram, i);
	histogram_add(histogram, 7000000);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		ck_assert_double_eq_tol((double)histogram_percentile(histogram, rows[i].share),
					rows[i].value_us, rows[i].value_us / HISTOGRAM_STEPS);
	ck_assert_uint_eq(histogram->max_us, 7000000);
	free(histogram);
}
END_TEST

START_TEST(test_words)
{
	static const struct {
		uint64_t part, whole;
		const char *share;
	} shares[] = {
		{ 0, 0, "" },
		{ 0, 7, "0 %" },
		{ 7, 7, "100 %" },
		{ 1, 8, "12.5 %" },
		{ 1, 3, "33.3 %" },
		{ 1, 4000, "< 0.1 %" },
		{ 4, 4000, "0.1 %" },
		{ 3999, 4000, "> 99.9 %" },
		{ 3998, 4000, "> 99.9 %" },
		{ 3996, 4000, "99.9 %" },
	};
	static const struct {
		uint64_t time_us;
		const char *latency;
	} latencies[] = {
		{ 0, "0.000 ms" },    { 214, "0.214 ms" }, { 999, "0.999 ms" },
		{ 1000, "1.00 ms" },  { 9994, "9.99 ms" }, { 9995, "10.0 ms" },
		{ 99949, "99.9 ms" }, { 99950, "100 ms" }, { 1203000, "1,203 ms" },
	};
	char text[SPRAY_WORDS_MAX];

	for (size_t i = 0; i < COUNT_OF(shares); i++)
		ck_assert_str_eq(spray_words_share(shares[i].part, shares[i].whole, text),
				 shares[i].share);
	for (size_t i = 0; i < COUNT_OF(latencies); i++)
		ck_assert_str_eq(spray_words_latency(latencies[i].time_us, text),
				 latencies[i].latency);
	ck_assert_str_eq(spray_words_deviation(0.0314, text), "+3.1 %");
	ck_assert_str_eq(spray_words_deviation(-0.9996, text), "-100.0 %");
	ck_assert_str_eq(spray_words_deviation(-0.0001, text), "0.0 %");
	ck_assert_str_eq(spray_words_deviation(7, text), "+700.0 %");
	ck_assert_str_eq(spray_words_deviation(63, text), "+6300 %");
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_verdicts, test_servers_told, test_unnamed, test_order,
				 test_entropy,  test_percentiles,  test_words };

	return run_tests("spray_spread", tests, COUNT_OF(tests));
}
