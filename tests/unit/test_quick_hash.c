/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* The hash of what lists say: the same for the same, spread over its high bits, whatever differs and wherever it
 * does; and nothing but the data is read. */

#include "test.h"

#include "base/attributes.h"
#include "base/quick_hash.h"

#define SIZE_MAX_TESTED 1100

START_TEST(test_same)
{
	static uint8_t data[SIZE_MAX_TESTED + 8];

	random_start(1);
	for (size_t size = 0; size <= SIZE_MAX_TESTED; size++) {
		uint8_t *copy = malloc(size + 1);

		ck_assert_ptr_nonnull(copy);
		for (size_t i = 0; i < size; i++)
			data[i] = (uint8_t)random_64();
		memcpy(copy, data, size);
		/* With other data behind it, and elsewhere. */
		data[size] ^= 1;
		ck_assert_uint_eq(quick_hash(5, data, size), quick_hash(5, copy, size));
		free(copy);
	}
	ck_assert_uint_eq(quick_hash(7, NULL, 0), quick_hash(7, "", 0));
}
END_TEST

/* Each bit of data of any size matters, and so do the size and the seed. */
START_TEST(test_differs)
{
	static uint8_t data[SIZE_MAX_TESTED];
	unsigned equal = 0;

	random_start(2);
	for (unsigned round = 0; round < 20000; round++) {
		size_t size = 1 + random_below(round % 2 == 0 ? 40 : SIZE_MAX_TESTED);
		unsigned bit = random_below(8 * (unsigned)size);
		uint32_t hash = quick_hash(round, data, size);

		equal += hash == quick_hash(round, data, size - 1);
		equal += hash == quick_hash(round + 1, data, size);
		data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		equal += hash == quick_hash(round, data, size);
	}
	/* Once in 70,000 runs there is one. */
	ck_assert_uint_le(equal, 1);
}
END_TEST

/* Texts that are counted through, as lists have them, fill 4,096 places by their high bits as random numbers do. */
START_TEST(test_spread)
{
	enum { PLACES = 4096, TEXTS = 16 * PLACES };
	/* What stands in front of a number, and behind it. */
	static const char *const forms[][2] = {
		{ "", "" },
		{ "some text ", "" },
		{ "case ", " of a longer text" },
		{ "https://bl.example/lookup?case=", "&list=all&language=en" },
	};

	for (size_t form = 0; form < 2 * COUNT_OF(forms); form++) {
		static unsigned counts[PLACES];
		double sum = 0;

		memset(counts, 0, sizeof(counts));
		for (uint32_t i = 0; i < TEXTS; i++) {
			char text[100];
			/* Or else the number is the seed. */
			uint32_t number = form % 2 == 0 ? i : 0;
			int size = snprintf(text, sizeof(text), "%s%u%s", forms[form / 2][0],
					    number, forms[form / 2][1]);
			counts[quick_hash(i - number, text, (size_t)size) >> 20]++;
		}
		for (unsigned i = 0; i < PLACES; i++)
			sum += ((double)counts[i] - 16) * ((double)counts[i] - 16) / 16;
		/* Chi square with 4,095 degrees of freedom has a deviation of 90. Less would be numbers at
		 * equal distances, with most keys; with others those are close together, which takes linear
		 * probing quadratic time. */
		MUST(sum > 0.75 * PLACES && sum < 1.25 * PLACES, "\"%s\": chi square is %.0f",
		     forms[form / 2][0], sum);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_same, test_differs, test_spread };

	return run_tests("quick_hash", tests, COUNT_OF(tests));
}
