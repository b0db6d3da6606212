/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* What spurn check keeps of what it finds, and the sorting behind it. */

#include "test.h"
#include "tool/check_problems.h"
#include "tool/record_sort.h"

/* The first problems of a file are kept, in whatever order they come, and all are counted. */
START_TEST(test_limit)
{
	static const size_t limits[] = { 1, 2, 7, 1000, 0 };
	enum { COUNT = 500 };

	random_start(1);
	for (unsigned l = 0; l < COUNT_OF(limits); l++) {
		check_problems_t problems;
		unsigned order[COUNT];
		check_problems_init(&problems, limits[l], 0);
		for (unsigned i = 0; i < COUNT; i++) {
			unsigned at = random_below(i + 1);
			order[i] = order[at];
			order[at] = i + 1;
		}
		for (unsigned i = 0; i < COUNT; i++)
			check_problems_add(&problems, CHECK_DUPLICATE, order[i], 0, "fix",
					   "line %u", order[i]);
		check_problems_finish(&problems);
		const check_list_t *list = &problems.lists[CHECK_DUPLICATE];
		ck_assert_uint_eq(list->total, COUNT);
		ck_assert_uint_eq(list->count,
				  limits[l] == 0 || limits[l] > COUNT ? COUNT : limits[l]);
		for (unsigned i = 0; i < list->count; i++) {
			char reason[32];
			(void)snprintf(reason, sizeof(reason), "line %u", i + 1);
			ck_assert_uint_eq(list->problems[i].line, i + 1);
			ck_assert_str_eq(list->problems[i].reason, reason);
			ck_assert_str_eq(list->problems[i].fix, "fix");
		}
		check_problems_clear(&problems);
	}
}
END_TEST

START_TEST(test_ignored)
{
	check_problems_t problems;
	uint64_t counts[CHECK_SEVERITIES] = { 0 };

	check_problems_init(&problems, 5, 1u << CHECK_CRLF);
	check_problems_add(&problems, CHECK_CRLF, 1, 0, NULL, "x");
	check_problems_add(&problems, CHECK_BAD_LINE, 1, 1, NULL, "x");
	check_problems_add(&problems, CHECK_NUL, 1, 1, NULL, "x");
	check_problems_add(&problems, CHECK_REDUNDANT, 1, 1, NULL, "x");
	check_problems_add(&problems, CHECK_REDUNDANT, 2, 1, NULL, "x");
	ck_assert(!check_problems_wants(&problems, CHECK_CRLF, 1));
	check_problems_count(&problems, counts);
	ck_assert_uint_eq(counts[CHECK_ERROR], 1);
	ck_assert_uint_eq(counts[CHECK_WARNING], 1);
	ck_assert_uint_eq(counts[CHECK_NOTE], 2);
	check_problems_clear(&problems);
}
END_TEST

/* Every kind has a name by which it is found, and no other has. */
START_TEST(test_kinds)
{
	check_kind_t kind;

	for (unsigned i = 0; i < CHECK_KINDS; i++) {
		const char *name = check_kind_name((check_kind_t)i);
		ck_assert_ptr_nonnull(name);
		ck_assert(check_kind_find(name, strlen(name), &kind));
		ck_assert_uint_eq(kind, i);
	}
	ck_assert(!check_kind_find("duplicates", 10, &kind));
	ck_assert(!check_kind_find("", 0, &kind));
}
END_TEST

static size_t compared_size;

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, compared_size);
}

START_TEST(test_sort)
{
	enum { COUNT = 3000 };
	static uint8_t sorted[COUNT * RECORD_SIZE_MAX];
	static uint8_t expected[COUNT * RECORD_SIZE_MAX];

	random_start(2);
	for (unsigned round = 0; round < 200; round++) {
		unsigned size = 1 + random_below(RECORD_SIZE_MAX);
		unsigned count = random_below(round % 2 == 0 ? 40 : COUNT);
		unsigned bytes = 1 + random_below(round % 3 == 0 ? 2 : 256);
		for (unsigned i = 0; i < count * size; i++)
			sorted[i] = (uint8_t)random_below(bytes);
		memcpy(expected, sorted, (size_t)count * size);
		compared_size = size;
		qsort(expected, count, size, compare);
		record_sort(sorted, count, size, size);
		MUST(memcmp(sorted, expected, (size_t)count * size) == 0,
		     "round %u: %u records of %u bytes", round, count, size);
	}
}
END_TEST

/* A key shorter than the record: the rest goes with it. */
START_TEST(test_sort_by_key)
{
	uint8_t records[1000][4];

	for (unsigned i = 0; i < 1000; i++) {
		records[i][0] = (uint8_t)(i * 7919 >> 4);
		records[i][1] = (uint8_t)(i * 7919 >> 2);
		records[i][2] = records[i][0] ^ 0x5a;
		records[i][3] = records[i][1] ^ 0xa5;
	}
	record_sort(records, 1000, 4, 2);
	for (unsigned i = 0; i < 1000; i++) {
		ck_assert(i == 0 || memcmp(records[i - 1], records[i], 2) <= 0);
		ck_assert_uint_eq(records[i][2], records[i][0] ^ 0x5a);
		ck_assert_uint_eq(records[i][3], records[i][1] ^ 0xa5);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_limit, test_ignored, test_kinds, test_sort, test_sort_by_key,
	};

	return run_tests("check_problems", tests, COUNT_OF(tests));
}
