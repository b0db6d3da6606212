/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Puts and takes bytes by turns, and counts on them to come in order. */

#include <stdbool.h>

#include "base/byte_queue.h"
#include "scarce_pieces.h"
#include "test.h"

/* The byte at a place of all that is ever put. */
static uint8_t byte_at(size_t at)
{
	return (uint8_t)(at * 0x9e3779b1u >> 16);
}

static void put(byte_queue_t *queue, size_t *put_count)
{
	uint8_t bytes[BYTE_QUEUE_PUT_MAX];
	size_t size = 1 + random_below(random_below(8) == 0 ? BYTE_QUEUE_PUT_MAX : 100);

	for (size_t i = 0; i < size; i++)
		bytes[i] = byte_at(*put_count + i);
	MUST(byte_queue_put(queue, bytes, size) == ERR_OK, "no memory");
	*put_count += size;
}

static void take(byte_queue_t *queue, size_t *taken_count)
{
	size_t size = 0;
	const uint8_t *bytes = byte_queue_first(queue, &size);

	MUST(bytes != NULL && size > 0, "nothing there");
	size = 1 + random_below((unsigned)size);
	for (size_t i = 0; i < size; i++)
		MUST(bytes[i] == byte_at(*taken_count + i), "byte %zu is another one",
		     *taken_count + i);
	byte_queue_drop(queue, size);
	*taken_count += size;
}

START_TEST(test_by_turns)
{
	byte_queue_t queue = { .first = NULL };
	size_t put_count = 0;
	size_t taken_count = 0;
	size_t size;

	random_start(1);
	for (unsigned round = 0; round < 20000; round++) {
		bool is_growing = round % 4000 < 3000;

		if (put_count == taken_count || random_below(10) < (is_growing ? 7 : 1))
			put(&queue, &put_count);
		else
			take(&queue, &taken_count);
		if (random_below(4) == 0)
			byte_queue_trim(&queue);
	}
	while (taken_count < put_count)
		take(&queue, &taken_count);
	ck_assert_ptr_null(byte_queue_first(&queue, &size));
	put(&queue, &put_count);
	byte_queue_clear(&queue);
	ck_assert_ptr_null(byte_queue_first(&queue, &size));
	byte_queue_clear(&queue);
}
END_TEST

/* What is put without memory is not there, and nothing else is lost. */
START_TEST(test_no_memory)
{
	static const uint8_t bytes[BYTE_QUEUE_PUT_MAX] = { 1 };
	byte_queue_t queue = { .first = NULL };
	size_t count = 0;
	size_t size;

	pieces_left = 0;
	ck_assert_int_eq(byte_queue_put(&queue, bytes, 1), ERR_NOMEM);
	ck_assert_ptr_null(byte_queue_first(&queue, &size));
	pieces_left = 3;
	while (byte_queue_put(&queue, bytes, sizeof(bytes)) == ERR_OK)
		count++;
	pieces_left = SIZE_MAX;
	ck_assert_uint_ge(count, 3);
	ck_assert_int_eq(byte_queue_put(&queue, bytes, sizeof(bytes)), ERR_OK);
	for (count++; byte_queue_first(&queue, &size) != NULL; count--)
		byte_queue_drop(&queue, sizeof(bytes));
	ck_assert_uint_eq(count, 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_by_turns, test_no_memory };

	return run_tests("byte_queue", tests, COUNT_OF(tests));
}
