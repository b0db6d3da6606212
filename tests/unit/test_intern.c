/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* A pool against the plainest model: string i is known, because it can be made again from i. */

#include "base/intern.h"
#include "test.h"

/* Enough for the hash table to grow a dozen times. */
#define STRINGS 100000u

/* String `i`: all different, of lengths 0..300, many with a common beginning, zero bytes inside. */
static size_t make_string(uint32_t i, uint8_t *data)
{
	size_t size = i == 0 ? 0 : 4 + i % 297;

	memset(data, i % 3 == 0 ? 0 : 'x', size);
	if (size >= 4)
		memcpy(data + size - 4, &i, 4);
	return size;
}

static void add_all(intern_t *pool)
{
	uint8_t data[304];

	for (uint32_t i = 0; i < STRINGS; i++) {
		size_t size = make_string(i, data);
		uint32_t id = 0;

		MUST(intern_add(pool, data, size, &id) == ERR_OK, "no memory");
		MUST(id == i + 1, "string %u has id %u", i, id);
	}
}

static void compare_all(const intern_t *pool)
{
	uint8_t data[304];

	for (uint32_t i = 0; i < STRINGS; i++) {
		size_t size = make_string(i, data);
		size_t known_size = SIZE_MAX;
		const void *known = intern_get(pool, i + 1, &known_size);

		MUST(known_size == size && memcmp(known, data, size) == 0, "string %u differs", i);
		MUST((uintptr_t)known % 4 == 0, "string %u is not aligned", i);
	}
}

START_TEST(test_intern)
{
	intern_t *pool = intern_new();
	size_t memory;

	ck_assert_ptr_nonnull(pool);
	ck_assert_uint_eq(intern_count(pool), 0);
	add_all(pool);
	ck_assert_uint_eq(intern_count(pool), STRINGS);
	compare_all(pool);
	add_all(pool); /* known by now: nothing is added */
	ck_assert_uint_eq(intern_count(pool), STRINGS);
	memory = intern_memory(pool);
	intern_seal(pool);
	ck_assert_uint_lt(intern_memory(pool), memory);
	compare_all(pool);
	ck_assert_uint_eq(intern_count(pool), STRINGS);
	intern_free(pool);
}
END_TEST

START_TEST(test_intern_empty)
{
	intern_t *pool = intern_new();
	uint32_t id = 0;
	size_t size = 1;

	ck_assert_ptr_nonnull(pool);
	ck_assert_int_eq(intern_add(pool, NULL, 0, &id), ERR_OK);
	ck_assert_uint_eq(id, 1);
	ck_assert_int_eq(intern_add(pool, "\0", 1, &id), ERR_OK);
	ck_assert_uint_eq(id, 2);
	ck_assert_int_eq(intern_add(pool, "", 0, &id), ERR_OK);
	ck_assert_uint_eq(id, 1);
	ck_assert_ptr_nonnull(intern_get(pool, 1, &size));
	ck_assert_uint_eq(size, 0);
	intern_free(pool);
	/* Sealed without ever having held anything. */
	pool = intern_new();
	intern_seal(pool);
	ck_assert_uint_eq(intern_count(pool), 0);
	intern_free(pool);
	intern_free(NULL);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_intern, test_intern_empty };

	return run_tests("intern", tests, COUNT_OF(tests));
}
