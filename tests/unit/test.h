/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TESTS_UNIT_TEST_H
#define SPURN_TESTS_UNIT_TEST_H

#include <check.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the unit tests share: random numbers that can be had again, and the run itself. */

/* All checks of libcheck come down to this one, which writes to a pipe each time that it holds, so that the line
 * before a crash is known. With millions of checks that was most of the time; sanitizers know the line. */
#undef ck_assert_msg
#define ck_assert_msg(condition, ...)                                                              \
	((condition) ? (void)0                                                                     \
		     : _ck_assert_failed(__FILE__, __LINE__, "Assertion '" #condition "' failed",  \
					 __VA_ARGS__))

/* The same, as a statement. */
#define MUST(condition, ...)                                                                       \
	do {                                                                                       \
		if (!(condition))                                                                  \
			ck_abort_msg(__VA_ARGS__);                                                 \
	} while (0)

/* SPURN_SEED=n repeats a run. */
static uint64_t test_seed = 20260901;
static uint64_t test_random_state;

/* SplitMix64 (G. Steele, D. Lea, C. Flood, 2014). */
static inline uint64_t random_64(void)
{
	uint64_t z = test_random_state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* A number below `bound`, which is not 0. */
static inline unsigned random_below(unsigned bound)
{
	return (unsigned)(random_64() % bound);
}

/* Begins the random numbers of one test anew. */
static inline void random_start(unsigned test)
{
	test_random_state = test_seed + test * 0x632be59bd9b4e019u;
}

/* Runs tests[0..count) as a suite; what main returns. */
static inline int run_tests(const char *name, const TTest *const *tests, size_t count)
{
	const char *given = getenv("SPURN_SEED");
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create("all");
	SRunner *runner = srunner_create(suite);

	if (given != NULL)
		test_seed = strtoull(given, NULL, 10);
	/* Seconds for one test, with sanitizers on a busy machine. What should be linear in the
	 * size of a packet and is not takes hours. */
	tcase_set_timeout(tcase, 120);
	for (size_t i = 0; i < count; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	if (failed > 0)
		fprintf(stderr, "repeat with SPURN_SEED=%" PRIu64 "\n", test_seed);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
